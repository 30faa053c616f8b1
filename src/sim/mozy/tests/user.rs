//! Users: moving with keys, renaming, deleting.

use super::{Cause, Customer, Value, search, status, text};
use crate::sim::mozy::KeyState;

#[test]
fn users_are_found_by_group_and_name() {
    let Customer { rig, partner, group, user, .. } = Customer::new();
    let sales = rig.group(partner, "sales");
    rig.user(sales, "bob@acme.example");
    assert_eq!(rig.get("user.Get", [search([("user_group_id", group.into())])]).len(), 1);
    assert_eq!(rig.get("user.Get", []).len(), 2);
    let found = rig.get("user.Get", [search([("username", "ANN@ACME.example".into())])]).remove(0);
    assert_eq!(found.get("id"), Some(&user.into()));
    assert_eq!(found.get("enable_sync"), Some(&Value::Bool(false)));
    let wrong = search([("username", "ann@acme.example".into()), ("user_group_id", sales.into())]);
    assert_eq!(rig.cause("user.Get", [wrong]), Cause::NotFound);
    assert_eq!(rig.cause("user.Update", [("full_name", "x".into())]), Cause::Invalid);
}

#[test]
fn keys_and_machine_gb_move_along_and_reserved_gb_stay() {
    let Customer { rig, partner, group, user, keys } = Customer::new();
    rig.reserve(&keys[0], "ann@acme.example", 10);
    rig.activate(user, &keys[0]);
    rig.reserve(&keys[1], "Ann@acme.example", 5);
    rig.reserve(&keys[2], "bob@acme.example", 3);
    let sales = rig.group(partner, "sales");
    rig.ok("user.Update", [("id", user.into()), ("user_group_id", sales.into())]);
    let (from, to) = (rig.desktop(group), rig.desktop(sales));
    assert_eq!((from.licenses, from.quota, from.quota_distributed), (3, 40, 3));
    assert_eq!((to.licenses, to.quota, to.quota_distributed), (2, 10, 15));
    assert_eq!(rig.sim.license(&keys[2]).unwrap().group_id, group, "another's key stays");
    let given = [
        ("source_user_group_id", group.into()),
        ("target_user_group_id", sales.into()),
        ("license_type", "Desktop".into()),
        ("licenses", 0.into()),
        ("quota", 5.into()),
    ];
    rig.ok("resource.Transfer", given);
    assert_eq!(rig.desktop(sales).undistributed(), 0);
}

#[test]
fn a_user_does_not_leave_his_partner() {
    let Customer { rig, user, .. } = Customer::new();
    let far = rig.default_group(rig.partner("other"));
    assert_eq!(
        rig.cause("user.Update", [("id", user.into()), ("user_group_id", far.into())]),
        Cause::Refused
    );
}

#[test]
fn an_assigned_email_does_not_follow_a_rename() {
    let Customer { rig, user, keys, .. } = Customer::new();
    rig.reserve(&keys[0], "ann@acme.example", 10);
    rig.ok("user.Update", [("id", user.into()), ("username", "eve@acme.example".into())]);
    let shown = rig.get("resource.GetLicenses", [("keystring", keys[0].as_str().into())]).remove(0);
    assert_eq!(text(&shown, "assigned_email_address"), "ann@acme.example");
    rig.ok("user.Delete", [("id", user.into())]);
    assert_eq!(rig.sim.license(&keys[0]).unwrap().state(), KeyState::Reserved, "no longer his");
}

#[test]
fn deleting_a_user_destroys_his_machines_and_frees_his_keys() {
    let Customer { rig, group, user, keys, .. } = Customer::new();
    rig.reserve(&keys[0], "ann@acme.example", 10);
    rig.reserve(&keys[1], "ann@acme.example", 5);
    rig.reserve(&keys[2], "bob@acme.example", 3);
    rig.ok("user.Update", [("id", user.into()), ("enable_sync", true.into())]);
    let machine = rig.activate(user, &keys[0]);
    rig.sim.back_up(machine, 77).unwrap();
    assert_eq!(rig.id("user.Delete", [("id", user.into())]), 1);
    let stock = rig.desktop(group);
    assert_eq!((stock.licenses, stock.free_licenses(), stock.quota_distributed), (5, 4, 3));
    assert_eq!(rig.sim.ledger().backups_lost.get(&machine), Some(&77));
}

#[test]
fn a_search_updates_every_user_it_finds() {
    let Customer { rig, group, .. } = Customer::new();
    rig.user(group, "bob@acme.example");
    let aim = search([("user_group_id", group.into())]);
    assert_eq!(rig.id("user.Update", [aim, status("suspended")]), 2);
}
