//! Every switch that shows in process, in both settings. Those of the wire are in `wire`.

use chrono::TimeDelta;

use super::{Cause, Customer, Rig, Value, parts, search, status, text};
use crate::sim::mozy::{KeyState, switches::*};

#[test]
fn defaults_are_the_first_values() {
    assert_eq!(serde_json::from_str::<Switches>("{}").unwrap(), Switches::default());
    let json = r#"{"fault_http_status": "ok", "read_your_writes": {"after_ms": 5}}"#;
    let switches: Switches = serde_json::from_str(json).unwrap();
    assert_eq!(switches.read_your_writes, ReadYourWrites::AfterMs(5));
    assert!(serde_json::from_str::<Switches>(r#"{"no_such": 1}"#).is_err());
}

#[test]
fn argument_binding_by_name_or_strictly_by_order() {
    let rig = Rig::new();
    let partner = rig.partner("acme");
    let swapped = || parts([("name", "sales".into()), ("partner_id", partner.into())]);
    let call = |given| rig.sim.call(&rig.key, "user_group.Create", given);
    call(swapped()).unwrap();
    rig.switch(|all| all.argument_binding = ArgumentBinding::StrictByOrder);
    assert_eq!(call(swapped()).unwrap_err().cause, Cause::Invalid, "a name is no id");
    let id = call(parts([("x", partner.into()), ("y", "sales".into())])).unwrap().int().unwrap();
    assert_eq!(rig.sim.group(id).unwrap().name, "sales");
    let many = (0..9).map(|_| ("z".into(), Value::Nil)).collect();
    assert_eq!(call(many).unwrap_err().cause, Cause::Invalid);
}

#[test]
fn strictly_by_order_a_password_that_is_left_out_has_no_place() {
    let rig = Rig::with(|all| all.argument_binding = ArgumentBinding::StrictByOrder);
    let all_of = |password: bool| {
        let mut given =
            vec![("name", "acme".into()), ("company_type", Value::Nil), ("subdomain", Value::Nil)];
        given.insert(0, ("parent_partner_id", Value::Nil));
        given.push(("root_role", Value::Nil));
        given.push(("root_admin_username", format!("{password}@acme.example").into()));
        if password {
            given.push(("root_admin_password", "secret".into()));
        }
        given.push(("root_admin_full_name", "The Boss".into()));
        given.into_iter().map(|(name, value)| (name.into(), value)).collect()
    };
    for password in [true, false] {
        let id = rig.sim.call(&rig.key, "partner.Create", all_of(password)).unwrap().int().unwrap();
        let admin = rig.sim.partner(id).unwrap().root_admin_id;
        let name = rig.sim.with(|world| world.admins[&admin].full_name.clone());
        assert_eq!(name.as_deref(), Some("The Boss"));
    }
}

#[test]
fn user_email_scope_global_or_per_partner() {
    let Customer { rig, .. } = Customer::new();
    let far = rig.default_group(rig.partner("other"));
    let given = || [("user_group_id", far.into()), ("username", "ann@acme.example".into())];
    assert_eq!(rig.cause("user.Create", given()), Cause::Taken);
    rig.switch(|all| all.user_email_scope = UserEmailScope::PerPartner);
    rig.ok("user.Create", given());
    assert_eq!(rig.cause("user.Create", given()), Cause::Taken);
    assert_eq!(rig.get("user.Get", [search([("username", "ann@acme.example".into())])]).len(), 2);
}

#[test]
fn machine_delete_clears_email_yes_or_no() {
    for (clears, state, promised) in [
        (MachineDeleteClearsEmail::Yes, KeyState::Free, 0),
        (MachineDeleteClearsEmail::No, KeyState::Reserved, 12),
    ] {
        let Customer { rig, group, user, keys, .. } =
            Customer::with(|all| all.machine_delete_clears_email = clears);
        rig.reserve(&keys[0], "ann@acme.example", 10);
        let machine = rig.activate(user, &keys[0]);
        rig.ok("machine.Update", [("id", machine.into()), ("quota", 12.into())]);
        rig.ok("machine.Delete", [("id", machine.into())]);
        assert_eq!(rig.sim.license(&keys[0]).unwrap().state(), state);
        assert_eq!(rig.desktop(group).quota_distributed, promised);
        let clear = [("keystring", keys[0].as_str().into()), ("assigned_email_address", "".into())];
        rig.ok("resource.UpdateLicenses", clear);
        assert_eq!(rig.desktop(group).free_licenses(), 5);
        rig.reserve(&keys[1], "ann@acme.example", 1);
        rig.activate(user, &keys[1]);
        rig.ok("user.Delete", [("id", user.into())]);
        assert_eq!(rig.sim.license(&keys[1]).unwrap().state(), state);
    }
}

#[test]
fn suspended_user_delete_faults_or_is_allowed() {
    let Customer { rig, user, .. } = Customer::new();
    rig.ok("user.Update", [("id", user.into()), status("suspended")]);
    assert_eq!(rig.cause("user.Delete", [("id", user.into())]), Cause::Refused);
    rig.switch(|all| all.suspended_user_delete = SuspendedUserDelete::Allowed);
    rig.ok("user.Delete", [("id", user.into())]);
}

#[test]
fn deleted_partner_get_faults_or_shows_it() {
    let Customer { rig, partner, group, .. } = Customer::new();
    rig.ok("partner.Delete", [("id", partner.into())]);
    assert_eq!(rig.cause("partner.Get", [("id", partner.into())]), Cause::NotFound);
    rig.switch(|all| all.deleted_partner_get = DeletedPartnerGet::ReturnsDeleted);
    assert_eq!(text(&rig.get("partner.Get", [("id", partner.into())])[0], "status"), "deleted");
    assert_eq!(rig.get("partner.Get", [search([("name", "acme".into())])]).len(), 1);
    assert_eq!(rig.cause("partner.Update", [("id", partner.into()), ("name", "x".into())]), Cause::NotFound);
    assert_eq!(rig.cause("user_group.Get", [("id", group.into())]), Cause::NotFound);
    rig.sim.advance(TimeDelta::days(61));
    assert_eq!(rig.cause("partner.Get", [("id", partner.into())]), Cause::NotFound);
}

#[test]
fn deleted_email_reusable_at_once_or_after_purge() {
    for after_purge in [false, true] {
        let Customer { rig, partner, .. } = Customer::new();
        if after_purge {
            rig.switch(|all| all.deleted_email_reusable = DeletedEmailReusable::AfterPurge);
        }
        let second = rig.id("admin.Create", [("username", "second@acme.example".into())]);
        rig.ok("admin.Delete", [("id", second.into())]);
        rig.ok("partner.Delete", [("id", partner.into())]);
        let again = || {
            let other = rig.sim.root_partner_id();
            let group = rig.default_group(other);
            let call = |operation, given| rig.sim.call(&rig.key, operation, given).is_ok();
            [
                call("admin.Create", parts([("username", "admin@acme.example".into())])),
                call("admin.Create", parts([("username", "second@acme.example".into())])),
                call(
                    "user.Create",
                    parts([("user_group_id", group.into()), ("username", "ann@acme.example".into())]),
                ),
            ]
        };
        assert_eq!(again(), [!after_purge; 3]);
        if after_purge {
            rig.sim.advance(TimeDelta::days(61));
            assert_eq!(again(), [true; 3]);
        }
    }
}

#[test]
fn update_return_rows_or_nothing() {
    let Customer { rig, user, .. } = Customer::new();
    let update = || [("id", user.into()), ("full_name", "Ann".into())];
    assert_eq!(rig.ok("user.Update", update()), Value::Int(1));
    rig.switch(|all| all.update_return = UpdateReturn::Nothing);
    assert_eq!(rig.ok("user.Update", update()), Value::Nil);
    assert_eq!(rig.ok("user.Delete", [("id", user.into())]), Value::Nil);
}

#[test]
fn usernames_lower_cased_or_kept() {
    let Customer { rig, group, .. } = Customer::new();
    let low = rig.user(group, "Bob@Acme.example");
    rig.switch(|all| all.usernames = Usernames::Kept);
    let kept = rig.user(group, "Eve@Acme.example");
    assert_eq!(rig.sim.user(low).unwrap().username, "bob@acme.example");
    assert_eq!(rig.sim.user(kept).unwrap().username, "Eve@Acme.example");
    assert_eq!(rig.get("user.Get", [search([("username", "eve@acme.EXAMPLE".into())])]).len(), 1);
    let again = [("user_group_id", group.into()), ("username", "EVE@acme.example".into())];
    assert_eq!(rig.cause("user.Create", again), Cause::Taken);
}

#[test]
fn extra_types_none_or_grandfathered() {
    let Customer { rig, group, .. } = Customer::new();
    let types = || {
        let rows = rig.ok("resource.GetResources", [("user_group_id", group.into())]);
        rows.items().into_iter().map(|row| text(row, "license_type")).collect::<Vec<_>>()
    };
    assert_eq!(types(), ["Desktop", "Server"]);
    rig.switch(|all| all.extra_types = ExtraTypes::GrandFathered);
    assert_eq!(types(), ["GrandFathered", "Desktop", "Server"]);
}

#[test]
fn missing_update_faults_or_returns_zero() {
    let rig = Rig::new();
    let calls = [
        "partner.Update",
        "user_group.Delete",
        "user.Update",
        "user.Delete",
        "machine.Update",
        "admin.Delete",
    ];
    for operation in calls {
        assert_eq!(rig.cause(operation, [("id", 1.into())]), Cause::NotFound);
    }
    assert_eq!(rig.cause("resource.UpdateLicenses", [("keystring", "X".into())]), Cause::NotFound);
    rig.switch(|all| all.missing_update = MissingUpdate::ReturnsZero);
    for operation in calls {
        assert_eq!(rig.ok(operation, [("id", 1.into())]), Value::Int(0));
    }
    assert_eq!(rig.ok("resource.UpdateLicenses", [("keystring", "X".into())]), Value::Int(0));
}

#[test]
fn empty_get_licenses_faults_or_is_empty() {
    let rig = Rig::new();
    let find = || [search([("status", "free".into())])];
    assert_eq!(rig.cause("resource.GetLicenses", find()), Cause::NotFound);
    rig.switch(|all| all.empty_get_licenses = EmptyGetLicenses::EmptyList);
    assert_eq!(rig.ok("resource.GetLicenses", find()).get("size"), Some(&0.into()));
}

#[test]
fn external_id_search_works_faults_or_is_ignored() {
    let rig = Rig::new();
    rig.partner("one");
    let two = rig.partner("two");
    rig.ok("partner.Update", [("id", two.into()), ("external_id", "2".into())]);
    let find = || [search([("external_id", "2".into())])];
    assert_eq!(rig.get("partner.Get", find()).len(), 1);
    rig.switch(|all| all.external_id_search = ExternalIdSearch::Faults);
    assert_eq!(rig.cause("partner.Get", find()), Cause::Invalid);
    rig.switch(|all| all.external_id_search = ExternalIdSearch::Ignored);
    assert_eq!(rig.get("partner.Get", find()).len(), 3, "every partner the key covers");
    assert_eq!(rig.cause("partner.Delete", find()), Cause::Invalid, "which is no aim for a deletion");
    let both = [search([("external_id", "9".into()), ("name", "two".into())])];
    assert_eq!(rig.get("partner.Get", both).len(), 1);
}

#[test]
fn unprovisioned_types_zeros_or_left_out() {
    let Customer { rig, group, .. } = Customer::new();
    let count = || rig.ok("resource.GetResources", [("user_group_id", group.into())]).items().len();
    assert_eq!(count(), 2);
    rig.switch(|all| all.unprovisioned_types = UnprovisionedTypes::LeftOut);
    assert_eq!(count(), 1);
}

#[test]
fn deleted_group_resources_go_to_the_default_group_or_are_released() {
    for (setting, licenses, quota) in
        [(DeletedGroupResources::ToDefaultGroup, 8, 62), (DeletedGroupResources::Released, 6, 54)]
    {
        let Customer { rig, partner, group, .. } =
            Customer::with(|all| all.deleted_group_resources = setting);
        let sales = rig.group(partner, "sales");
        let keys = rig.provision(sales, 3, 12);
        rig.reserve(&keys[0], "unmanaged@acme.example", 4);
        rig.ok("user_group.Delete", [("id", sales.into())]);
        let stock = rig.desktop(group);
        assert_eq!((stock.licenses, stock.quota, stock.licenses_reserved), (licenses, quota, 1));
        assert_eq!(rig.sim.license(&keys[0]).unwrap().group_id, group, "what somebody has is kept");
    }
}
