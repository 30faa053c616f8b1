//! What OSA may send, in the forms in which it may send it.

use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::domain::{self, LicenceKind};
use crate::osa::body::parse;

const ID: &str = "0a1b2c3d-0000-4000-8000-00000000000f";

fn id() -> Uuid {
    ID.parse().unwrap()
}

fn read<T: serde::de::DeserializeOwned>(value: &Value) -> Result<T, String> {
    parse(value.to_string().as_bytes()).map_err(|error| error.to_string())
}

#[test]
fn a_tenant_as_osa_sends_it() {
    let tenant: Tenant = read(&json!({
        "aps": {"id": ID.to_uppercase(), "type": "http://www.mozy.com/mozyProAPS2/mozyProAccount/1.5",
                "status": "aps:provisioning", "revision": 1},
        "accountType": "CR", "groupview": 1, "partnerId": "7", "companyName": "Müller",
        "desktopLicenseNum": {"limit": 5}, "desktopQuota": {"limit": null, "usage": 3}, "serverQuota": {"limit": -1},
        "serverLicenseNum": {}, "syncAvailable": {"limit": 1.0}, "syncDefaultQuota": {"usage": 2},
        "account": {"aps": {"id": ID}}, "subscription": [{"aps": {"href": "/aps/2/resources/x", "id": ID}}],
        "mozyPro": {"aps": {"href": "/aps/2/resources/x"}},
        "somethingNew": [{"deep": {}}],
    }))
    .unwrap();
    assert_eq!(tenant.aps.provisioned().unwrap(), id());
    assert_eq!(tenant.account_type, Patch::Set(TenantKind::ResellersCustomer));
    assert_eq!((tenant.group_view, tenant.partner_id), (Patch::Set(true), Patch::Set(7)));
    assert_eq!(tenant.company_name, Patch::Set("Müller".into()));
    assert_eq!((tenant.desktop_license_num, tenant.desktop_quota), (Counter::Limit(5), Counter::Unlimited));
    assert_eq!((tenant.server_quota, tenant.server_license_num), (Counter::Unlimited, Counter::Unlimited));
    assert_eq!((tenant.sync_available, tenant.sync_default_quota), (Counter::Limit(1), Counter::Unstated));
    assert_eq!((tenant.account, tenant.subscription), (Patch::Set(Link(id())), Patch::Set(Link(id()))));
    assert_eq!((tenant.application, tenant.user_name), (Patch::Clear, Patch::Keep));
}

#[test]
fn a_limit_is_a_sensible_number_or_the_property_is_named() {
    for (limit, counter) in [
        (json!(0), Counter::Limit(0)),
        (json!(1_000_000_000), Counter::Limit(1_000_000_000)),
        (json!(1e3), Counter::Limit(1000)),
        (json!(-1), Counter::Unlimited),
        (json!(-1.0), Counter::Unlimited),
        (json!("10"), Counter::Limit(10)),
    ] {
        assert_eq!(read::<Tenant>(&json!({"serverQuota": {"limit": limit}})).unwrap().server_quota, counter);
    }
    for limit in [
        json!(-2),
        json!(1.5),
        json!(1_000_000_001),
        json!(u64::MAX),
        json!(1e300),
        json!("1000000001"),
        json!("-1"),
        json!("5 GB"),
        json!(""),
        json!(true),
        json!([]),
        json!({}),
    ] {
        let error = read::<Tenant>(&json!({"serverQuota": {"limit": limit}})).unwrap_err();
        assert!(error.contains("serverQuota.limit: ") && error.contains("line 1 column"), "{error}");
    }
    let error = read::<Tenant>(&json!({"desktopQuota": 5})).unwrap_err();
    assert!(error.contains("desktopQuota: ") && error.contains("a counter like"), "{error}");
    for (value, counter, ordered, configured) in [
        (json!(null), Counter::Absent, None, None),
        (json!(-1), Counter::Unlimited, Some(domain::Amount::Unlimited), Some(domain::Amount::Unlimited)),
        (json!({}), Counter::Unlimited, Some(domain::Amount::Unlimited), Some(domain::Amount::Unlimited)),
        (json!({"usage": 15}), Counter::Unstated, Some(domain::Amount::Unlimited), None),
        (
            json!({"limit": 4, "usage": 15}),
            Counter::Limit(4),
            Some(domain::Amount::Limit(4)),
            Some(domain::Amount::Limit(4)),
        ),
    ] {
        let read = read::<Tenant>(&json!({"desktopQuota": value})).unwrap().desktop_quota;
        assert_eq!((read, read.ordered(), read.configured()), (counter, ordered, configured), "{value}");
    }
}

#[test]
fn absent_empty_and_present_are_three_things() {
    let user = |group: Value| read::<User>(&json!({"user_group_id": group})).unwrap().group;
    assert_eq!(read::<User>(&json!({})).unwrap().group, Patch::Keep);
    assert_eq!((user(json!("")), user(json!(null))), (Patch::Clear, Patch::Clear));
    assert_eq!(
        (user(json!(7)), user(json!("7"))),
        (Patch::Set(GroupRef::Mozy(7)), Patch::Set(GroupRef::Mozy(7)))
    );
    assert_eq!(user(json!(ID)), Patch::Set(GroupRef::Aps(id())));
    assert!(read::<User>(&json!({"user_group_id": "sales"})).unwrap_err().contains("user_group_id"));
    assert_eq!(Patch::Keep.over(Some(1)), Some(1));
    assert_eq!(Patch::Clear.over(Some(1)), None);
    assert_eq!(Patch::Set(2).over(Some(1)), Some(2));
}

#[test]
fn a_switch_a_number_and_a_link_in_all_their_forms() {
    let switch = |value: Value| read::<User>(&json!({"enableSync": value})).map(|user| user.enable_sync);
    for on in [json!(true), json!("true"), json!("TRUE"), json!(1), json!("1")] {
        assert_eq!(switch(on), Ok(Patch::Set(true)));
    }
    assert_eq!(switch(json!("0")), Ok(Patch::Set(false)));
    assert!(switch(json!(2)).is_err() && switch(json!("yes")).is_err() && switch(json!({})).is_err());

    let quota = |value: Value| read::<Licence>(&json!({"quota": value})).map(|licence| licence.quota);
    assert_eq!(
        (quota(json!("10")), quota(json!(10.0))),
        (Ok(Patch::Set(Amount(10))), Ok(Patch::Set(Amount(10))))
    );
    for senseless in [json!(-1), json!("1.5"), json!(1.5), json!(1_000_000_001), json!(true), json!([1])] {
        assert!(quota(senseless).unwrap_err().contains("quota: "));
    }

    let link =
        |value: Value| read::<Licence>(&json!({"mozyProAccountUser": value})).map(|licence| licence.user);
    assert_eq!(link(json!([])), Ok(Patch::Clear));
    assert!(link(json!([{"aps": {"id": ID}}, {"aps": {"id": ID}}])).unwrap_err().contains("more than one"));
    assert!(link(json!({"aps": {"id": "17"}})).unwrap_err().contains("mozyProAccountUser.aps.id"));
    assert!(link(json!(7)).is_err());
}

#[test]
fn words_are_a_closed_set() {
    let kind = |value: Value| read::<Licence>(&json!({"licenseType": value})).map(|licence| licence.kind);
    assert_eq!(kind(json!("desktop")), Ok(Patch::Set(LicenceKind::Desktop)));
    assert_eq!(kind(json!("Server")), Ok(Patch::Set(LicenceKind::Server)));
    let error = kind(json!("Laptop")).unwrap_err();
    assert!(
        error.contains("licenseType") && error.contains("Laptop") && error.contains("Desktop, Server"),
        "{error}"
    );
}

#[test]
fn an_install_is_read_and_its_secrets_are_never_shown() {
    let key =
        "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIEXAMPLEEXAMPLEEXAMPLE\n-----END PRIVATE KEY-----";
    let body = json!({"aps": {"id": ID, "x509": {"self": key, "controller": "PEM"}}, "orderType": "true",
                      "api_key": "k3y", "root_partner_id": "42", "root_role_id": "", "ws_sufix": ""});
    let install: Application = read(&body).unwrap();
    let x509 = install.aps.x509.clone().unwrap();
    assert_eq!((x509.ours.unwrap().expose(), x509.controller.as_deref()), (key, Some("PEM")));
    assert_eq!((&install.reseller, &install.root_partner_id), (&Patch::Set(true), &Patch::Set(42)));
    assert_eq!((&install.root_role_id, &install.ws_prefix), (&Patch::Clear, &Patch::Keep));
    assert_eq!(
        (install.ws_suffix.value().map(String::as_str), install.api_key.value().unwrap().expose()),
        (Some(""), "k3y")
    );
    let shown = format!("{install:?}");
    assert!(!shown.contains("PRIVATE") && !shown.contains("k3y"), "{shown}");

    for misplaced in [
        json!({"aps": body["aps"].to_string()}),
        json!({"aps": {"x509": key}}),
        json!({"aps": {"x509": {"self": [key]}}}),
        json!({"api_key": {"k3y": "k3y"}}),
        Value::String(body.to_string()),
    ] {
        let error = read::<Application>(&misplaced).unwrap_err();
        assert!(
            !error.contains("PRIVATE") && !error.contains("k3y") && !error.contains("EXAMPLE"),
            "{error}"
        );
    }
}

#[test]
fn what_we_look_up() {
    let account: Account = read(&json!({
        "aps": {"id": ID}, "id": 1000, "type": "CLIENT", "companyName": "ACME",
        "techContact": {"email": "a@b", "givenName": "A", "familyName": "B", "phone": {}},
        "parent": {"aps": {"id": ID}},
    }))
    .unwrap();
    assert_eq!((account.id, account.kind, account.parent), (1000, AccountKind::Client, Some(Link(id()))));
    assert_eq!(account.tech_contact.unwrap().given_name.as_deref(), Some("A"));
    assert!(read::<Account>(&json!({"type": "CLIENT"})).unwrap_err().contains("id"));

    let subscription: Subscription = read(&json!({"subscriptionId": "12", "disabled": 0})).unwrap();
    assert_eq!((subscription.subscription_id, subscription.disabled), (12, Some(false)));

    let user = |value: Value| read::<AccountUser>(&value).unwrap();
    let staff = json!({"aps": {"type": "http://aps-standard.org/types/core/admin-user/1.0"}});
    let admin = user(json!({"aps": staff["aps"], "login": "boss", "email": " ", "isAccountAdmin": true}));
    assert!(admin.is_admin());
    assert_eq!(admin.address(), Some("boss"));
    let service = json!({"type": "http://aps-standard.org/types/core/service-user/1.0"});
    assert!(!user(json!({"aps": service, "isAccountAdmin": true})).is_staff());
    assert!(user(json!({"isAccountAdmin": false})).is_staff());
}

#[test]
fn an_aps_part_that_is_null_is_not_there() {
    assert_eq!(read::<Tenant>(&json!({"aps": null, "groupview": 1})).unwrap().aps.id, None);
    assert_eq!(read::<User>(&json!({"aps": null, "user": {"aps": null}})).unwrap().user, Patch::Clear);
    let people = json!([{"aps": null, "login": "ann"}, {"aps": {"id": ID}, "login": "bob"}]);
    let people: Vec<AccountUser> = serde_json::from_value(people).unwrap();
    assert_eq!((people[0].aps.id, people[1].aps.id), (None, Some(id())));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,6}".prop_map(Value::from),
        Just(json!(ID)),
    ];
    let name = prop_oneof![
        Just("aps".to_owned()),
        Just("id".to_owned()),
        Just("limit".to_owned()),
        Just("desktopQuota".to_owned()),
        Just("account".to_owned()),
        Just("x509".to_owned()),
        Just("self".to_owned()),
        Just("user_group_id".to_owned()),
        Just("quota".to_owned()),
    ];
    leaf.prop_recursive(4, 32, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(name.clone(), inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn arbitrary_json_never_panics(value in any_json()) {
        let _ = read::<Tenant>(&value);
        let _ = read::<User>(&value);
        let _ = read::<Licence>(&value);
        let _ = read::<Application>(&value);
        let _ = read::<Account>(&value);
    }

    #[test]
    fn a_limit_is_never_guessed(limit in any::<i64>()) {
        let tenant = read::<Tenant>(&json!({"desktopQuota": {"limit": limit}}));
        match limit {
            -1 => prop_assert_eq!(tenant.unwrap().desktop_quota, Counter::Unlimited),
            0..=1_000_000_000 => prop_assert_eq!(tenant.unwrap().desktop_quota, Counter::Limit(limit as u64)),
            _ => prop_assert!(tenant.is_err()),
        }
    }
}
