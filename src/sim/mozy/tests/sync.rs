//! Sync: three-valued from partner to group to user.

use super::{Cause, Customer, Rig, Value};

fn word(id: i64, enable_sync: bool) -> [(&'static str, Value); 2] {
    [("id", id.into()), ("enable_sync", enable_sync.into())]
}

#[test]
fn it_goes_on_from_above_and_off_from_below() {
    let Customer { rig, partner, group, user, .. } = Customer::new();
    rig.ok("partner.Update", word(partner, false));
    assert_eq!(rig.cause("user_group.Update", word(group, true)), Cause::Refused);
    assert_eq!(rig.cause("user.Update", word(user, true)), Cause::Refused);
    rig.ok("partner.Update", word(partner, true));
    rig.ok("user_group.Update", word(group, true));
    rig.ok("user.Update", word(user, true));
    assert_eq!(rig.cause("partner.Update", word(partner, false)), Cause::Refused);
    assert_eq!(rig.cause("user_group.Update", word(group, false)), Cause::Refused);
    rig.ok("user.Update", word(user, false));
    assert_eq!(rig.cause("partner.Update", word(partner, false)), Cause::Refused, "the group still says on");
    rig.ok("user_group.Update", word(group, false));
    rig.ok("partner.Update", word(partner, false));
}

#[test]
fn nil_inherits_and_what_is_in_force_above_decides() {
    let Customer { rig, partner, group, user, .. } = Customer::new();
    assert_eq!(rig.sim.partner(partner).unwrap().enable_sync, None, "and the root is on");
    assert_eq!(rig.sim.group(group).unwrap().enable_sync, None);
    rig.ok("user.Update", word(user, true));
    assert_eq!(
        rig.cause("partner.Update", word(partner, false)),
        Cause::Refused,
        "a user two levels below is on"
    );
    rig.ok("user.Update", word(user, false));
    rig.ok("partner.Update", word(partner, false));
    assert_eq!(rig.sim.group(group).unwrap().enable_sync, None, "the group follows");
    assert_eq!(rig.cause("user.Update", word(user, true)), Cause::Refused);
}

#[test]
fn new_users_are_off_and_groups_inherit() {
    let Customer { rig, partner, user, .. } = Customer::new();
    assert!(!rig.sim.user(user).unwrap().enable_sync);
    let sales = rig.group(partner, "sales");
    assert_eq!(rig.sim.group(sales).unwrap().enable_sync, None);
    rig.ok("partner.Update", word(partner, false));
    let given = [
        ("user_group_id", sales.into()),
        ("username", "s@acme.example".into()),
        ("enable_sync", true.into()),
    ];
    assert_eq!(rig.cause("user.Create", given), Cause::Refused);
    let given = [("partner_id", partner.into()), ("name", "g".into()), ("enable_sync", true.into())];
    assert_eq!(rig.cause("user_group.Create", given), Cause::Refused);
    let given = [
        ("parent_partner_id", partner.into()),
        ("name", "p".into()),
        ("root_admin_username", "p@p.example".into()),
        ("enable_sync", true.into()),
    ];
    assert_eq!(rig.cause("partner.Create", given), Cause::Refused);
}

#[test]
fn a_synced_user_owns_a_pseudo_machine_that_draws_on_desktop() {
    let Customer { rig, partner, group, user, .. } = Customer::new();
    rig.ok("user.Update", word(user, true));
    let machine = rig.sim.machines_of(user).remove(0);
    assert_eq!((machine.alias.as_deref(), machine.keystring, machine.quota), (Some("Sync"), None, 2));
    assert_eq!(rig.desktop(group).quota_distributed, 2);
    rig.ok("machine.Update", [("id", machine.id.into()), ("quota", 50.into())]);
    assert_eq!(rig.cause("machine.Delete", [("id", machine.id.into())]), Cause::Refused);
    rig.ok("user.Update", word(user, true));
    assert_eq!(rig.sim.machines_of(user).len(), 1, "on twice is on once");
    rig.ok("user.Update", word(user, false));
    assert_eq!((rig.sim.machines_of(user).len(), rig.desktop(group).undistributed()), (0, 50));
    rig.ok("partner.Update", [("id", partner.into()), ("default_sync_quota", 9.into())]);
    rig.ok("user.Update", word(user, true));
    assert_eq!(rig.sim.machines_of(user)[0].quota, 9);
    rig.ok("user.Update", word(user, false));
    let quota = Value::record("DefaultQuota", [("type", "Sync".into()), ("quota", 4.into())]);
    rig.ok(
        "user_group.Update",
        [("id", group.into()), ("default_quotas", Value::list("DefaultQuota", [quota]))],
    );
    rig.ok("user.Update", word(user, true));
    assert_eq!(rig.sim.machines_of(user)[0].quota, 4);
}

#[test]
fn without_gb_there_is_no_sync() {
    let rig = Rig::new();
    let group = rig.default_group(rig.partner("acme"));
    let user = rig.user(group, "ann@acme.example");
    assert_eq!(rig.cause("user.Update", word(user, true)), Cause::Short);
    rig.provision(group, 0, 2);
    rig.ok("user.Update", word(user, true));
}

#[test]
fn a_synced_user_does_not_move_into_a_group_that_is_off() {
    let Customer { rig, partner, user, group, .. } = Customer::new();
    rig.ok("user.Update", word(user, true));
    let sales = rig.group(partner, "sales");
    rig.ok("user_group.Update", word(sales, false));
    let to = |group: i64| [("id", user.into()), ("user_group_id", group.into())];
    assert_eq!(rig.cause("user.Update", to(sales)), Cause::Refused);
    rig.ok("user_group.Update", word(sales, true));
    rig.ok("user.Update", to(sales));
    assert_eq!((rig.desktop(sales).quota, rig.desktop(group).quota), (2, 48), "the GB of Sync go along");
}
