//! Names: e-mails of admins and of users are two namespaces, compared without case.

use super::{Cause, Customer, Rig, Value, search, status, text};
use crate::sim::mozy::parts;

#[test]
fn an_admins_email_is_unique_also_outside_our_tree() {
    let rig = Rig::new();
    let given = [("name", "far".into()), ("root_admin_username", "Far@Away.example".into())];
    let far = rig.sim.panel("partner.Create", parts(given)).unwrap().int().unwrap();
    assert_ne!(rig.sim.partner(far).unwrap().parent_id, Some(rig.sim.root_partner_id()));
    let find = search([("root_admin_username", "far@away.example".into())]);
    assert_eq!(rig.cause("partner.Get", [find]), Cause::NotFound, "a look before does not see it");
    let given = [("name", "near".into()), ("root_admin_username", "far@AWAY.example".into())];
    assert_eq!(rig.cause("partner.Create", given), Cause::Taken);
    assert_eq!(rig.cause("admin.Create", [("username", "far@away.example".into())]), Cause::Taken);
}

#[test]
fn users_and_admins_do_not_collide() {
    let rig = Rig::new();
    let group = rig.default_group(rig.partner("acme"));
    rig.user(group, "admin@acme.example");
    let again = [("user_group_id", group.into()), ("username", "ADMIN@acme.example".into())];
    assert_eq!(rig.cause("user.Create", again), Cause::Taken);
    let nonsense = [("user_group_id", group.into()), ("username", "nobody".into())];
    assert_eq!(rig.cause("user.Create", nonsense), Cause::Invalid);
}

#[test]
fn a_suspended_user_keeps_the_email_and_a_deleted_one_frees_it() {
    let Customer { rig, group, user, .. } = Customer::new();
    let again = [("user_group_id", group.into()), ("username", "ann@acme.example".into())];
    rig.ok("user.Update", [("id", user.into()), status("suspended")]);
    assert_eq!(rig.cause("user.Create", again.clone()), Cause::Taken);
    rig.ok("user.Update", [("id", user.into()), status("active")]);
    rig.ok("user.Delete", [("id", user.into())]);
    rig.ok("user.Create", again);
}

#[test]
fn a_user_may_be_renamed_to_a_free_name_only() {
    let Customer { rig, group, user, .. } = Customer::new();
    rig.user(group, "bob@acme.example");
    let to = |name: &str| [("id", user.into()), ("username", name.into())];
    assert_eq!(rig.cause("user.Update", to("Bob@acme.example")), Cause::Taken);
    rig.ok("user.Update", to("ANN@acme.example"));
    rig.ok("user.Update", to("eve@acme.example"));
    assert_eq!(rig.get("user.Get", [search([("username", "EVE@acme.example".into())])]).len(), 1);
}

#[test]
fn admins_come_below_the_root_admin_and_a_root_admin_stays() {
    let rig = Rig::new();
    let partner = rig.partner("acme");
    let root_admin = rig.sim.partner(partner).unwrap().root_admin_id;
    let groups = Value::list("int", [rig.default_group(partner).into()]);
    let given = [
        ("parent_admin_id", root_admin.into()),
        ("username", "second@acme.example".into()),
        ("user_groups", groups.clone()),
    ];
    let id = rig.id("admin.Create", given);
    let admin = rig.get("admin.Get", [("id", id.into())]).remove(0);
    assert_eq!(admin.get("partner_id"), Some(&partner.into()));
    assert_eq!(admin.get("user_groups").unwrap().items().len(), 1);
    assert_eq!(rig.cause("admin.Delete", [("id", root_admin.into())]), Cause::Refused);
    rig.ok("admin.Delete", [("id", id.into())]);
    assert_eq!(rig.cause("admin.Get", [("id", id.into())]), Cause::NotFound);
    let other = rig.sim.partner(rig.partner("other")).unwrap().root_admin_id;
    let far = [
        ("parent_admin_id", other.into()),
        ("username", "third@acme.example".into()),
        ("user_groups", groups),
    ];
    assert_eq!(rig.cause("admin.Create", far), Cause::NotFound, "a group of another partner");
}

#[test]
fn login_href_is_new_each_time_and_comes_first() {
    let Customer { rig, partner, user, .. } = Customer::new();
    rig.ok("user.Update", [("id", user.into()), ("details", Value::details([("colour", "blue")]))]);
    let admin = rig.sim.partner(partner).unwrap().root_admin_id;
    let wish = || ("details", Value::list("string", ["login_href".into()]));
    for (operation, id) in [("user.Get", user), ("admin.Get", admin)] {
        let href = || {
            let found = rig.get(operation, [("id", id.into()), wish()]).remove(0);
            text(found.get("details").unwrap().items()[0], "value")
        };
        let (first, second) = (href(), href());
        assert!(first.starts_with("https://") && first != second);
    }
}
