//! Machines: activation, quota, and the end of a backup.

use super::{Cause, Customer, Value, search, text};
use crate::sim::mozy::{Activation, KeyState};

#[test]
fn activation_uses_the_key_and_takes_its_gb() {
    let Customer { rig, group, user, keys, .. } = Customer::new();
    rig.reserve(&keys[0], "ANN@acme.example", 10);
    let id = rig.sim.activate(Activation { keystring: keys[0].clone(), ..Activation::default() }).unwrap();
    assert_eq!(rig.sim.license(&keys[0]).unwrap().state(), KeyState::Used);
    let machine = rig.get("machine.Get", [search([("user_id", user.into())])]).remove(0);
    assert_eq!((machine.get("id"), machine.get("quota")), (Some(&id.into()), Some(&10.into())));
    assert_eq!((text(&machine, "keystring"), text(&machine, "status")), (keys[0].clone(), "active".into()));
    let stock = rig.desktop(group);
    assert_eq!((stock.licenses_used, stock.licenses_reserved, stock.quota_distributed), (1, 0, 10));
}

#[test]
fn only_the_one_it_is_for_activates_a_key() {
    let Customer { rig, partner, group, user, keys } = Customer::new();
    rig.reserve(&keys[0], "bob@acme.example", 10);
    let create = |user: i64, key: &str| [("user_id", user.into()), ("keystring", Value::from(key))];
    assert_eq!(rig.cause("machine.Create", create(user, &keys[0])), Cause::Refused);
    let sales = rig.group(partner, "sales");
    let bob = rig.user(sales, "bob@acme.example");
    assert_eq!(rig.cause("machine.Create", create(bob, &keys[0])), Cause::Refused, "of another group");
    rig.ok("user.Update", [("id", bob.into()), ("user_group_id", group.into())]);
    rig.activate(bob, &keys[0]);
    assert_eq!(rig.cause("machine.Create", create(bob, &keys[0])), Cause::Refused, "used already");
    assert_eq!(rig.cause("machine.Create", [("user_id", user.into())]), Cause::NotFound, "no key is his");
    rig.activate(user, &keys[1]);
    assert_eq!(rig.sim.license(&keys[1]).unwrap().email.as_deref(), Some("ann@acme.example"));
    rig.reserve(&keys[2], "ann@acme.example", 1);
    rig.id("machine.Create", [("user_id", user.into())]);
    assert_eq!(rig.sim.license(&keys[2]).unwrap().state(), KeyState::Used);
}

#[test]
fn the_quota_of_a_machine_comes_out_of_its_pool() {
    let Customer { rig, group, user, keys, .. } = Customer::new();
    rig.reserve(&keys[0], "ann@acme.example", 10);
    let id = rig.activate(user, &keys[0]);
    let to = |quota: i64| [("id", id.into()), ("quota", quota.into())];
    rig.ok("machine.Update", to(50));
    assert_eq!(rig.desktop(group).undistributed(), 0);
    assert_eq!(rig.cause("machine.Update", to(51)), Cause::Short);
    assert_eq!(rig.cause("machine.Update", to(-1)), Cause::Invalid);
    rig.ok("machine.Update", to(1));
    let aim = search([("user_id", user.into()), ("alias", "nothing".into())]);
    assert_eq!(rig.cause("machine.Update", [aim, ("quota", 1.into())]), Cause::NotFound);
    assert_eq!(rig.cause("machine.Update", [("quota", 1.into())]), Cause::Invalid);
}

#[test]
fn the_default_quota_of_a_group_serves_where_none_was_wished() {
    let Customer { rig, group, user, keys, .. } = Customer::new();
    let quota = Value::record("DefaultQuota", [("type", "Desktop".into()), ("quota", 7.into())]);
    rig.ok(
        "user_group.Update",
        [("id", group.into()), ("default_quotas", Value::list("DefaultQuota", [quota]))],
    );
    let id = rig.activate(user, &keys[0]);
    assert_eq!(rig.sim.machines_of(user)[0].quota, 7);
    rig.ok("machine.Delete", [("id", id.into())]);
    let wish =
        [("user_id", user.into()), ("keystring", keys[0].as_str().into()), ("quota_desired", 9.into())];
    rig.ok("machine.Create", wish);
    assert_eq!(rig.sim.machines_of(user)[0].quota, 9);
}

#[test]
fn deleting_a_machine_destroys_its_backup() {
    let Customer { rig, group, user, keys, .. } = Customer::new();
    rig.reserve(&keys[0], "ann@acme.example", 10);
    let id = rig.activate(user, &keys[0]);
    rig.sim.back_up(id, 999).unwrap();
    assert_eq!(rig.desktop(group).quota_used_bytes, 999);
    assert_eq!(rig.id("machine.Delete", [("id", id.into())]), 1);
    assert_eq!(rig.sim.ledger().backups_lost.get(&id), Some(&999));
    assert_eq!(rig.desktop(group).quota_used_bytes, 0);
    assert_eq!(rig.cause("machine.Get", [("id", id.into())]), Cause::NotFound);
    assert_eq!(rig.cause("machine.Delete", []), Cause::Invalid);
}
