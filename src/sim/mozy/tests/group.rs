//! Groups: the default one stays, one with users stays, and the stock of a deleted one is kept.

use super::{Cause, Customer, Rig, Value, search, text};

#[test]
fn groups_are_listed_by_partner() {
    let rig = Rig::new();
    let partner = rig.partner("acme");
    rig.partner("other");
    let quotas = Value::list(
        "DefaultQuota",
        [Value::record("DefaultQuota", [("type", "Desktop".into()), ("quota", 7.into())])],
    );
    let given = [
        ("partner_id", partner.into()),
        ("name", "sales".into()),
        ("default_quotas", quotas),
        ("external_id", "9".into()),
    ];
    let id = rig.id("user_group.Create", given);
    let groups = rig.get("user_group.Get", [search([("partner_id", partner.into())])]);
    assert_eq!(groups.len(), 2);
    let sales = groups.iter().find(|group| group.get("id") == Some(&id.into())).unwrap();
    assert_eq!((text(sales, "name"), text(sales, "external_id")), ("sales".to_owned(), "9".to_owned()));
    assert_eq!(sales.get("default_quotas").unwrap().items()[0].get("quota"), Some(&7.into()));
}

#[test]
fn the_default_group_is_never_deleted() {
    let rig = Rig::new();
    let partner = rig.partner("acme");
    let first = rig.default_group(partner);
    assert_eq!(rig.cause("user_group.Delete", [("id", first.into())]), Cause::Refused);
    let given = [("partner_id", partner.into()), ("name", "b".into()), ("default_for_partner", true.into())];
    let second = rig.id("user_group.Create", given);
    assert_eq!(rig.default_group(partner), second);
    rig.ok("user_group.Delete", [("id", first.into())]);
    assert_eq!(rig.cause("user_group.Delete", [("id", second.into())]), Cause::Refused);
    let third = rig.group(partner, "c");
    rig.ok("user_group.Update", [("id", third.into()), ("default_for_partner", true.into())]);
    assert_eq!(rig.default_group(partner), third);
}

#[test]
fn a_group_with_users_stays() {
    let Customer { rig, partner, user, group, .. } = Customer::new();
    let sales = rig.group(partner, "sales");
    rig.ok("user.Update", [("id", user.into()), ("user_group_id", sales.into())]);
    assert_eq!(rig.cause("user_group.Delete", [("id", sales.into())]), Cause::Refused);
    rig.ok("user.Update", [("id", user.into()), ("user_group_id", group.into())]);
    rig.ok("user_group.Delete", [("id", sales.into())]);
    assert_eq!(rig.cause("user_group.Get", [("id", sales.into())]), Cause::NotFound);
}

#[test]
fn an_update_without_aim_faults() {
    let rig = Rig::new();
    assert_eq!(rig.cause("user_group.Update", [("name", "x".into())]), Cause::Invalid);
    assert_eq!(rig.cause("user_group.Delete", []), Cause::Invalid);
    assert_eq!(rig.cause("user_group.Create", [("name", "x".into())]), Cause::Invalid);
}

#[test]
fn rows_changed_counts_matched_rows() {
    let rig = Rig::new();
    let partner = rig.partner("acme");
    rig.group(partner, "sales");
    let aim = search([("partner_id", partner.into())]);
    assert_eq!(rig.id("user_group.Update", [aim.clone(), ("external_id", "1".into())]), 2);
    assert_eq!(
        rig.id("user_group.Update", [aim, ("external_id", "1".into())]),
        2,
        "also where nothing changes"
    );
}
