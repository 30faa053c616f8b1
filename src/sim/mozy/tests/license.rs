//! The life of a licence: free, reserved, used, and back.

use super::{Cause, Customer, Value, search, text};
use crate::sim::mozy::KeyState;

#[test]
fn reserving_promises_gb_and_unassigning_gives_them_back() {
    let Customer { rig, group, keys, .. } = Customer::new();
    rig.reserve(&keys[0], "Ann@Acme.example", 30);
    let stock = rig.desktop(group);
    assert_eq!((stock.licenses_reserved, stock.quota_distributed, stock.free_licenses()), (1, 30, 4));
    let key = rig.sim.license(&keys[0]).unwrap();
    assert_eq!((key.state(), key.email.as_deref()), (KeyState::Reserved, Some("Ann@Acme.example")));
    let more = |quota: i64| [("keystring", keys[0].as_str().into()), ("quota_desired", quota.into())];
    assert_eq!(rig.cause("resource.UpdateLicenses", more(51)), Cause::Short);
    rig.ok("resource.UpdateLicenses", more(50));
    rig.ok("resource.UpdateLicenses", more(5));
    let free = [("keystring", keys[0].as_str().into()), ("assigned_email_address", "".into())];
    assert_eq!(rig.id("resource.UpdateLicenses", free), 1);
    assert_eq!(rig.desktop(group).undistributed(), 50);
    assert_eq!(rig.sim.license(&keys[0]).unwrap().quota_desired, None);
}

#[test]
fn a_key_needs_gb_of_its_own_group() {
    let Customer { rig, partner, .. } = Customer::new();
    let sales = rig.group(partner, "sales");
    let key = rig.provision(sales, 1, 3).remove(0);
    let given = |quota: i64| {
        [
            ("keystring", key.as_str().into()),
            ("assigned_email_address", "b@acme.example".into()),
            ("quota_desired", quota.into()),
        ]
    };
    assert_eq!(rig.cause("resource.UpdateLicenses", given(4)), Cause::Short);
    rig.ok("resource.UpdateLicenses", given(3));
}

#[test]
fn licenses_are_found_by_each_criterion() {
    let Customer { rig, partner, group, keys, .. } = Customer::new();
    let sales = rig.group(partner, "sales");
    rig.provision(sales, 2, 0);
    rig.reserve(&keys[0], "ann@acme.example", 1);
    let server = [
        ("user_group_id", sales.into()),
        ("license_type", "Server".into()),
        ("licenses", 1.into()),
        ("quota", 0.into()),
    ];
    rig.ok("resource.Provision", server);
    let count = |field| rig.get("resource.GetLicenses", [search([field])]).len();
    assert_eq!(count(("status", "free".into())), 7);
    assert_eq!(count(("license_type", "Server".into())), 1);
    assert_eq!(count(("user_group_id", group.into())), 5);
    assert_eq!(count(("assigned_email_address", "ANN@acme.example".into())), 1);
    assert_eq!(count(("assigned_email_address", "".into())), 7);
    assert_eq!(rig.get("resource.GetLicenses", []).len(), 8);
    let free_here = search([("status", "free".into()), ("user_group_id", group.into())]);
    assert_eq!(rig.get("resource.GetLicenses", [free_here]).len(), 4);
    let own = search([("no_sub_partners", true.into())]);
    assert_eq!(rig.cause("resource.GetLicenses", [own]), Cause::NotFound, "the root partner has none itself");
    let odd = search([("status", "reserved".into())]);
    assert_eq!(rig.cause("resource.GetLicenses", [odd]), Cause::Invalid);
}

#[test]
fn a_license_shows_what_it_is() {
    let Customer { rig, group, keys, user, .. } = Customer::new();
    let given = [
        ("keystring", keys[0].as_str().into()),
        ("assigned_email_address", "ann@acme.example".into()),
        ("quota_desired", 10.into()),
        ("external_id", "42".into()),
        ("expires_at", "2030-01-01T00:00:00Z".into()),
    ];
    rig.ok("resource.UpdateLicenses", given);
    let machine = rig.activate(user, &keys[0]);
    let shown = rig.get("resource.GetLicenses", [("keystring", keys[0].as_str().into())]).remove(0);
    assert_eq!((text(&shown, "license_type"), text(&shown, "external_id")), ("Desktop".into(), "42".into()));
    assert_eq!(shown.get("machine_id"), Some(&machine.into()));
    assert_eq!(shown.get("user_group_id"), Some(&group.into()));
    assert!(matches!(shown.get("expires_at"), Some(Value::Time(_))));
    rig.ok(
        "resource.UpdateLicenses",
        [("keystring", keys[0].as_str().into()), ("clear_expires_at", true.into())],
    );
    assert_eq!(rig.sim.license(&keys[0]).unwrap().expires_at, None);
}

#[test]
fn a_reserved_key_is_overwritten_silently_and_a_used_one_refuses() {
    let Customer { rig, partner, keys, user, .. } = Customer::new();
    rig.reserve(&keys[0], "bob@acme.example", 5);
    rig.reserve(&keys[0], "ann@acme.example", 6);
    rig.activate(user, &keys[0]);
    let sales = rig.group(partner, "sales");
    for change in [
        ("assigned_email_address", Value::from("")),
        ("assigned_email_address", "bob@acme.example".into()),
        ("quota_desired", 7.into()),
        ("license_type", "Server".into()),
        ("user_group_id", sales.into()),
    ] {
        let given = [("keystring", keys[0].as_str().into()), change];
        assert_eq!(rig.cause("resource.UpdateLicenses", given), Cause::Refused);
    }
    let harmless = [("keystring", keys[0].as_str().into()), ("external_id", "x".into())];
    rig.ok("resource.UpdateLicenses", harmless);
}

#[test]
fn an_update_by_search_is_all_or_nothing() {
    let Customer { rig, group, .. } = Customer::new();
    let aim = || search([("user_group_id", group.into())]);
    let email = || ("assigned_email_address", "ann@acme.example".into());
    assert_eq!(
        rig.cause("resource.UpdateLicenses", [aim(), email(), ("quota_desired", 11.into())]),
        Cause::Short
    );
    assert_eq!(rig.id("resource.UpdateLicenses", [aim(), email(), ("quota_desired", 10.into())]), 5);
    assert_eq!(rig.cause("resource.UpdateLicenses", [email()]), Cause::Invalid);
}

#[test]
fn mails_go_out_when_they_are_asked_for() {
    let Customer { rig, keys, user, .. } = Customer::new();
    rig.reserve(&keys[0], "ann@acme.example", 1);
    assert!(rig.sim.mails().is_empty());
    let ask = [("keystring", keys[0].as_str().into()), ("deliver_emails", true.into())];
    rig.ok("resource.UpdateLicenses", ask);
    let mail = rig.sim.mails().remove(0);
    assert_eq!((mail.to.as_str(), mail.keystring.unwrap().as_str()), ("ann@acme.example", keys[0].as_str()));
    let welcome = [("template", "welcome".into()), ("user_id", user.into()), ("language", "de".into())];
    assert_eq!(rig.ok("email.Deliver", welcome), Value::Bool(true));
    assert_eq!(rig.sim.mails()[1].template, "welcome");
    assert_eq!(rig.cause("email.Deliver", [("template", "welcome".into())]), Cause::Invalid);
}

#[test]
fn a_key_moves_without_its_gb_but_never_out_of_its_partner() {
    let Customer { rig, partner, group, keys, .. } = Customer::new();
    rig.reserve(&keys[0], "ann@acme.example", 10);
    let sales = rig.group(partner, "sales");
    let to = |group: i64| [("keystring", keys[0].as_str().into()), ("user_group_id", group.into())];
    rig.ok("resource.UpdateLicenses", to(sales));
    assert_eq!(rig.desktop(sales).undistributed(), -10);
    assert_eq!(rig.desktop(group).undistributed(), 50);
    let far = rig.default_group(rig.partner("other"));
    assert_eq!(rig.cause("resource.UpdateLicenses", to(far)), Cause::Refused);
}

#[test]
fn a_free_key_may_change_its_type() {
    let Customer { rig, group, keys, .. } = Customer::new();
    rig.ok(
        "resource.UpdateLicenses",
        [("keystring", keys[0].as_str().into()), ("license_type", "Server".into())],
    );
    assert_eq!(rig.desktop(group).licenses, 4);
    assert_eq!(rig.sim.group(group).unwrap().stock.server.licenses, 1);
}
