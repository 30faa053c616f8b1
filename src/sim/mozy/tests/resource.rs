//! Stock: Provision and Release are deltas, Transfer moves what is free.

use super::{Cause, Customer, LicenseType, Rig, Value, none, parts};

fn amount(licenses: i64, quota: i64) -> [(&'static str, Value); 3] {
    [("license_type", "Desktop".into()), ("licenses", licenses.into()), ("quota", quota.into())]
}

fn of_group(group: i64, licenses: i64, quota: i64) -> [(&'static str, Value); 4] {
    let [kind, licenses, quota] = amount(licenses, quota);
    [("user_group_id", group.into()), kind, licenses, quota]
}

fn between(from: i64, to: i64, licenses: i64, quota: i64) -> [(&'static str, Value); 5] {
    let [kind, licenses, quota] = amount(licenses, quota);
    let groups = [("source_user_group_id", from.into()), ("target_user_group_id", to.into())];
    let [source, target] = groups;
    [source, target, kind, licenses, quota]
}

#[test]
fn provision_is_a_delta_of_two_independent_numbers() {
    let rig = Rig::new();
    let partner = rig.partner("acme");
    let group = rig.default_group(partner);
    let [kind, licenses, quota] = amount(3, 0);
    let answer = rig.ok("resource.Provision", [("partner_id", partner.into()), kind, licenses, quota]);
    assert_eq!(answer.get("size"), Some(&3.into()));
    assert_eq!(rig.provision(group, 0, 20), Vec::<String>::new());
    assert_eq!(rig.provision(group, 0, 0), Vec::<String>::new());
    rig.provision(group, 3, 20);
    let stock = rig.desktop(group);
    assert_eq!((stock.licenses, stock.quota, stock.free_licenses()), (6, 40, 6));
    assert_eq!(rig.cause("resource.Provision", of_group(group, -1, 0)), Cause::Invalid);
    assert_eq!(rig.cause("resource.Provision", of_group(group, 0, i64::MAX)), Cause::Invalid);
}

#[test]
fn keystrings_are_twenty_upper_case_letters_and_digits() {
    let rig = Rig::new();
    let mut keys = rig.provision(rig.default_group(rig.partner("acme")), 1000, 0);
    let fits =
        |key: &String| key.len() == 20 && key.bytes().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    assert!(keys.iter().all(fits));
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 1000);
}

#[test]
fn release_takes_what_is_not_assigned_and_no_more() {
    let Customer { rig, group, keys, .. } = Customer::new();
    rig.reserve(&keys[0], "ann@acme.example", 20);
    assert_eq!(rig.cause("resource.Release", of_group(group, 5, 0)), Cause::Short);
    assert_eq!(rig.cause("resource.Release", of_group(group, 0, 31)), Cause::Short);
    rig.ok("resource.Release", of_group(group, 0, 0));
    rig.ok("resource.Release", of_group(group, 4, 30));
    let stock = rig.desktop(group);
    assert_eq!((stock.licenses, stock.licenses_reserved, stock.quota, stock.undistributed()), (1, 1, 20, 0));
    assert!(rig.sim.license(&keys[0]).is_some());
}

#[test]
fn a_customer_group_is_filled_by_its_id_alone() {
    let Customer { rig, partner, group, .. } = Customer::new();
    let sales = rig.group(partner, "sales");
    rig.provision(sales, 2, 8);
    assert_eq!((rig.desktop(sales).licenses, rig.desktop(group).licenses), (2, 5));
    let other = rig.partner("other");
    let [kind, licenses, quota] = amount(1, 1);
    let wrong = [("partner_id", other.into()), ("user_group_id", sales.into()), kind, licenses, quota];
    assert_eq!(rig.cause("resource.Provision", wrong), Cause::NotFound);
}

#[test]
fn transfer_moves_free_keys_and_undistributed_gb() {
    let Customer { rig, partner, group, keys, .. } = Customer::new();
    let sales = rig.group(partner, "sales");
    rig.reserve(&keys[0], "ann@acme.example", 20);
    assert_eq!(rig.cause("resource.Transfer", between(group, sales, 5, 0)), Cause::Short);
    assert_eq!(rig.cause("resource.Transfer", between(group, sales, 0, 31)), Cause::Short);
    rig.ok("resource.Transfer", between(group, sales, 2, 30));
    let (from, to) = (rig.desktop(group), rig.desktop(sales));
    assert_eq!((from.licenses, from.quota, to.licenses, to.quota), (3, 20, 2, 30));
    let ledger = rig.sim.ledger();
    assert!(ledger.stock(sales, LicenseType::Desktop).is_none(), "a transfer brings nothing");
    let other = rig.partner("other");
    let [kind, licenses, quota] = amount(1, 5);
    let given =
        [("source_user_group_id", sales.into()), ("target_partner_id", other.into()), kind, licenses, quota];
    rig.ok("resource.Transfer", given);
    assert_eq!(rig.desktop(rig.default_group(other)).quota, 5);
}

#[test]
fn get_resources_is_a_bare_array_and_sums_the_groups_of_one_partner() {
    let Customer { rig, partner, group, keys, user } = Customer::new();
    let sales = rig.group(partner, "sales");
    rig.provision(sales, 2, 8);
    let below = [
        ("parent_partner_id", partner.into()),
        ("name", "b".into()),
        ("root_admin_username", "b@b.example".into()),
    ];
    let below = rig.id("partner.Create", below);
    rig.provision(rig.default_group(below), 9, 90);
    rig.reserve(&keys[0], "ann@acme.example", 10);
    rig.reserve(&keys[1], "bob@acme.example", 4);
    let machine = rig.activate(user, &keys[0]);
    rig.sim.back_up(machine, 12_345).unwrap();
    let answer = rig.ok("resource.GetResources", [("partner_id", partner.into())]);
    let Value::List(_, rows) = answer else { panic!("not a bare array") };
    let numbers = |row: &Value| {
        let fields = ["licenses", "licenses_reserved", "licenses_used", "quota", "quota_distributed"];
        fields.map(|field| row.get(field).and_then(Value::int).unwrap())
    };
    assert_eq!(rows.len(), 2);
    assert_eq!(numbers(&rows[0]), [7, 1, 1, 58, 14]);
    assert_eq!(rows[0].get("quota_used_bytes"), Some(&12_345.into()));
    assert_eq!(numbers(&rows[1]), [0; 5]);
    let of_group = rig.ok("resource.GetResources", [("user_group_id", group.into())]);
    assert_eq!(numbers(of_group.items()[0]), [5, 1, 1, 50, 14]);
    let own = rig.sim.call(&rig.key, "resource.GetResources", none()).unwrap();
    assert_eq!(numbers(own.items()[0]), [0; 5], "without both it is the key's own partner");
}

#[test]
fn types_we_do_not_know_are_refused() {
    let Customer { rig, group, .. } = Customer::new();
    let given = [
        ("user_group_id", group.into()),
        ("license_type", "GrandFathered".into()),
        ("licenses", 1.into()),
        ("quota", 1.into()),
    ];
    assert_eq!(rig.cause("resource.Provision", given), Cause::Invalid);
    let without = parts([("user_group_id", group.into()), ("license_type", "Server".into())]);
    assert_eq!(rig.sim.call(&rig.key, "resource.Release", without).unwrap_err().cause, Cause::Invalid);
}
