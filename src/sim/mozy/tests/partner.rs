//! Partners: the tree, reach, suspension and deletion.

use chrono::TimeDelta;

use super::{Cause, Customer, Rig, Value, none, search, status, text};
use crate::sim::mozy::{parts, world::Status};

#[test]
fn a_partner_comes_with_admin_and_default_group() {
    let rig = Rig::new();
    let given = [
        ("name", "acme".into()),
        ("root_admin_username", "Boss@Acme.example".into()),
        ("external_id", "1000042".into()),
        ("default_sync_quota", 5.into()),
    ];
    let id = rig.id("partner.Create", given);
    let partner = rig.get("partner.Get", [("id", id.into())]).remove(0);
    assert_eq!(text(&partner, "status"), "active");
    assert_eq!(text(&partner, "external_id"), "1000042");
    assert_eq!(partner.get("enable_sync"), Some(&Value::Nil));
    assert_eq!(partner.get("root_role_id"), Some(&rig.sim.root_role_id().into()));
    assert_eq!(partner.get("parent_partner_id"), Some(&rig.sim.root_partner_id().into()));
    assert_eq!(text(partner.get("root_admin").unwrap(), "username"), "boss@acme.example");
    let group = partner.get("default_user_group_id").unwrap().clone();
    assert_eq!(rig.get("user_group.Get", [("id", group)])[0].get("partner_id"), Some(&id.into()));
}

#[test]
fn partners_are_found_by_each_criterion() {
    let rig = Rig::new();
    let given = [
        ("name", "acme".into()),
        ("root_admin_username", "boss@acme.example".into()),
        ("external_id", "7".into()),
    ];
    let id = rig.id("partner.Create", given);
    rig.partner("other");
    for field in [
        ("id", id.into()),
        ("root_admin_username", "BOSS@acme.example".into()),
        ("name", "acme".into()),
        ("external_id", "7".into()),
    ] {
        let found = rig.get("partner.Get", [search([field])]);
        assert_eq!(
            found.iter().map(|partner| partner.get("id").unwrap().clone()).collect::<Vec<_>>(),
            [id.into()]
        );
    }
    let both = search([("name", "acme".into()), ("external_id", "8".into())]);
    assert_eq!(rig.cause("partner.Get", [both]), Cause::NotFound);
}

#[test]
fn names_and_external_ids_need_not_be_unique() {
    let rig = Rig::new();
    for admin in ["a@x.example", "b@x.example"] {
        let given =
            [("name", "twin".into()), ("root_admin_username", admin.into()), ("external_id", "1".into())];
        rig.ok("partner.Create", given);
    }
    assert_eq!(rig.get("partner.Get", [search([("external_id", "1".into())])]).len(), 2);
    assert_eq!(rig.get("partner.Get", [search([("name", "twin".into())])]).len(), 2);
}

#[test]
fn a_key_covers_its_partner_and_the_tree_below_and_nothing_else() {
    let rig = Rig::new();
    let (reseller, other) = (rig.partner("reseller"), rig.partner("other"));
    let key = rig.sim.add_key(reseller, None).unwrap();
    assert_eq!(key.len(), 64);
    let given = [("name", "below".into()), ("root_admin_username", "c@below.example".into())];
    let below = rig.sim.call(&key, "partner.Create", parts(given)).unwrap().int().unwrap();
    assert_eq!(rig.sim.partner(below).unwrap().parent_id, Some(reseller));
    let get = |key: &str, id: i64| rig.sim.call(key, "partner.Get", parts([("id", id.into())]));
    assert!(get(&key, below).is_ok() && get(&key, reseller).is_ok());
    assert_eq!(get(&key, other).unwrap_err().cause, Cause::NotFound);
    assert_eq!(get(&key, rig.sim.root_partner_id()).unwrap_err().cause, Cause::NotFound);
    assert!(get(&rig.key, below).is_ok());
    let parent = [
        ("parent_partner_id", other.into()),
        ("name", "x".into()),
        ("root_admin_username", "x@x.example".into()),
    ];
    assert_eq!(rig.sim.call(&key, "partner.Create", parts(parent)).unwrap_err().cause, Cause::NotFound);
}

#[test]
fn update_changes_what_is_given_and_leaves_nil() {
    let rig = Rig::new();
    let id = rig.partner("acme");
    let empty = ("external_id", "".into());
    assert_eq!(rig.id("partner.Update", [("id", id.into()), ("name", "zeta".into()), empty]), 1);
    let partner = rig.sim.partner(id).unwrap();
    assert_eq!((partner.name.as_str(), partner.external_id.as_deref()), ("zeta", Some("")));
    assert_eq!(rig.cause("partner.Get", [search([("name", "acme".into())])]), Cause::NotFound);
    assert_eq!(rig.cause("partner.Update", [("name", "x".into())]), Cause::Invalid);
    assert_eq!(rig.cause("partner.Update", [("id", id.into()), ("name", "".into())]), Cause::Invalid);
    assert_eq!(
        rig.cause("partner.Update", [("id", id.into()), ("company_type", "x".into())]),
        Cause::Invalid
    );
}

#[test]
fn suspension_shows_only_on_what_was_suspended_itself() {
    let Customer { rig, partner, group, user, .. } = Customer::new();
    rig.ok("user.Update", [("id", user.into()), status("suspended")]);
    rig.ok("partner.Update", [("id", partner.into()), status("suspended")]);
    assert_eq!(rig.sim.group(group).unwrap().status, Status::Active);
    rig.ok("partner.Update", [("id", partner.into()), status("active")]);
    assert_eq!(rig.sim.user(user).unwrap().status, Status::Suspended);
    rig.ok("user_group.Update", [("id", group.into()), status("suspended")]);
    assert_eq!(text(&rig.get("user_group.Get", [("id", group.into())])[0], "status"), "suspended");
    assert_eq!(rig.cause("user.Update", [("id", user.into()), status("asleep")]), Cause::Invalid);
}

#[test]
fn a_deleted_partner_is_unreachable_with_all_below_and_purged_later() {
    let Customer { rig, partner, group, user, keys } = Customer::new();
    let given = [
        ("parent_partner_id", partner.into()),
        ("name", "below".into()),
        ("root_admin_username", "b@below.example".into()),
    ];
    let below = rig.id("partner.Create", given);
    assert_eq!(rig.id("partner.Delete", [("id", partner.into())]), 1);
    assert_eq!(rig.cause("partner.Get", [("id", partner.into())]), Cause::NotFound);
    assert_eq!(rig.cause("partner.Get", [("id", below.into())]), Cause::NotFound);
    assert_eq!(rig.cause("user_group.Get", [("id", group.into())]), Cause::NotFound);
    assert_eq!(rig.cause("user.Get", [("id", user.into())]), Cause::NotFound);
    assert_eq!(rig.cause("resource.GetLicenses", [("keystring", keys[0].as_str().into())]), Cause::NotFound);
    assert_eq!(rig.cause("resource.GetResources", [("partner_id", partner.into())]), Cause::NotFound);
    assert_eq!(rig.cause("partner.Delete", [("id", partner.into())]), Cause::NotFound);
    rig.sim.advance(TimeDelta::days(59));
    assert!(rig.sim.partner(partner).is_some());
    rig.sim.advance(TimeDelta::days(2));
    assert!(rig.sim.partner(partner).is_none() && rig.sim.user(user).is_none());
    assert!(rig.sim.partner(below).is_none() && rig.sim.license(&keys[0]).is_none());
    assert_eq!(rig.sim.check(), Vec::<String>::new());
}

#[test]
fn our_own_root_partner_stays() {
    let rig = Rig::new();
    assert_eq!(rig.cause("partner.Delete", [("id", rig.sim.root_partner_id().into())]), Cause::Refused);
}

#[test]
fn the_key_of_a_deleted_partner_is_dead() {
    let rig = Rig::new();
    let partner = rig.partner("acme");
    let key = rig.sim.add_key(partner, None).unwrap();
    rig.ok("partner.Delete", [("id", partner.into())]);
    assert_eq!(rig.sim.call(&key, "partner.Get", none()).unwrap_err().cause, Cause::BadKey);
    assert_eq!(rig.sim.call("nonsense", "partner.Get", none()).unwrap_err().cause, Cause::BadKey);
}

#[test]
fn the_tree_has_a_bottom() {
    let rig = Rig::new();
    let mut parent = rig.sim.root_partner_id();
    let made = (0..40).take_while(|n| {
        let given = [
            ("parent_partner_id", parent.into()),
            ("name", "deep".into()),
            ("root_admin_username", format!("d{n}@x.example").into()),
        ];
        let made = rig.sim.call(&rig.key, "partner.Create", parts(given));
        parent = made.as_ref().ok().and_then(Value::int).unwrap_or(parent);
        made.is_ok()
    });
    assert_eq!(made.count(), 30, "below Mozy and the root partner");
}
