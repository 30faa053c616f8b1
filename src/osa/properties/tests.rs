//! What is said of each kind: what is wished, what was seen, and nothing of what is not known.

use std::collections::BTreeMap;

use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::domain::group::{Group, ObservedGroup};
use crate::domain::licence::{Licence, Machine, ObservedLicence};
use crate::domain::observed::{Account, GroupContents};
use crate::domain::partner::{Partner, Status};
use crate::domain::pool::Stock;
use crate::domain::snapshot::TenantNumbers;
use crate::domain::subscription::{Admin, Bought, Model, Subscription};
use crate::domain::usage::PoolUsage;
use crate::domain::user::{ObservedUser, User};
use crate::domain::*;

const TENANT: SubscriptionId = SubscriptionId(Uuid::from_u128(1));
const USER: UserId = UserId(Uuid::from_u128(2));
const DESKTOP: LicenceId = LicenceId(Uuid::from_u128(3));
const SERVER: LicenceId = LicenceId(Uuid::from_u128(4));
const GROUP: GroupId = GroupId(Uuid::from_u128(5));

fn numbers() -> TenantNumbers {
    TenantNumbers {
        id: TENANT,
        partner: Some(PartnerId(7)),
        home_group: Some(MozyGroupId(8)),
        model: "customer".into(),
        company: "ACME".into(),
        admin_email: "boss@acme.example".into(),
        admin_name: "Boss".into(),
        works: false,
        groups_tab: true,
        bought: Bought::default(),
        usage: None,
    }
}

fn licence(id: LicenceId, kind: LicenceKind, key: Option<&str>) -> Licence {
    let key = key.map(|key| Keystring(key.into()));
    Licence { id, generation: 1, kind, quota: Gb(10), removed: false, key, address: None }
}

fn desired() -> Desired {
    let subscription = Subscription {
        id: TENANT,
        instance: InstanceId(Uuid::nil()),
        number: SubscriptionNumber(42),
        account: AccountId(Uuid::nil()),
        generation: 1,
        model: Model::Direct,
        company: "ACME".into(),
        admin: Admin { email: "boss@acme.example".into(), full_name: "Boss".into() },
        bought: Bought::default(),
        sync: true,
        suspended: false,
        removed: false,
        partner: Some(PartnerId(7)),
        home_group: Some(MozyGroupId(8)),
    };
    let user = User {
        id: USER,
        generation: 1,
        login: "jane@acme.example".into(),
        display_name: "Jane".into(),
        group: Some(GROUP),
        suspended: false,
        sync: true,
        sync_quota: None,
        removed: false,
        mozy_id: Some(MozyUserId(20)),
        licences: vec![
            licence(DESKTOP, LicenceKind::Desktop, Some("KEY")),
            licence(SERVER, LicenceKind::Server, None),
        ],
    };
    let group = Group {
        id: GROUP,
        generation: 1,
        name: "Sales".into(),
        removed: false,
        mozy_id: Some(MozyGroupId(9)),
    };
    Desired { subscription, groups: vec![group], users: vec![user] }
}

fn account() -> Account {
    let machine = |id, key: Option<&str>, alias: &str, quota| Machine {
        id: MachineId(id),
        user: MozyUserId(20),
        alias: Some(alias.into()),
        key: key.map(|key| Keystring(key.into())),
        quota: Gb(quota),
        used_bytes: 1234,
        last_backup: Some("2026-01-02T03:04:05.678Z".parse().unwrap()),
    };
    let desktop =
        Stock { licences: 5, reserved: 1, used: 2, quota: Gb(100), distributed: Gb(30), used_bytes: 9 };
    let contents = GroupContents {
        group: ObservedGroup {
            id: MozyGroupId(9),
            partner: Some(PartnerId(7)),
            name: "Sales".into(),
            status: Some(Status::Active),
            external_id: None,
            sync: None,
        },
        users: vec![ObservedUser {
            id: MozyUserId(20),
            group: MozyGroupId(9),
            username: "jane@acme.example".into(),
            full_name: "Jane".into(),
            status: Some(Status::Suspended),
            external_id: None,
            sync: Some(true),
        }],
        licences: vec![ObservedLicence {
            key: Keystring("KEY".into()),
            kind: Some(LicenceKind::Desktop),
            group: MozyGroupId(9),
            machine: Some(MachineId(30)),
            email: Some("jane@acme.example".into()),
            quota: Some(Gb(10)),
            external_id: None,
        }],
        stock: PerKind { desktop, server: Stock::default() },
        machines: BTreeMap::from([(
            MozyUserId(20),
            vec![machine(30, Some("KEY"), "laptop", 12), machine(31, None, "Sync", 2)],
        )]),
    };
    let partner = Partner {
        id: PartnerId(7),
        name: "ACME".into(),
        status: Some(Status::Active),
        external_id: None,
        parent: None,
        default_group: Some(MozyGroupId(8)),
        admin: None,
        sync: Some(true),
        default_sync_quota: None,
    };
    Account { partner, groups: vec![contents], strays: Vec::new() }
}

pub(in crate::osa) fn snapshot(account: Option<Account>) -> Snapshot {
    Snapshot {
        desired: desired(),
        groups_tab: true,
        account,
        usage: None,
        conditions: Vec::new(),
        gone: None,
        paused: false,
        observed_generation: 1,
        last_success: None,
        last_attempt: None,
        next_due: None,
    }
}

#[test]
fn a_tenants_usage_is_what_was_last_known() {
    let pool = |assigned, quota_gb| PoolUsage { assigned, activated: 0, quota_gb, used_bytes: 0 };
    let pools = PerKind { desktop: pool(3, 340), server: pool(1, 50) };
    let usage = Some(Usage { pools, sync_on: true, sync_default_quota: 2 });
    assert_eq!(
        tenant::properties(&TenantNumbers { usage, ..numbers() }),
        json!({"partnerId": 7, "user_group_id": 8, "userName": "boss@acme.example", "userFullName": "Boss",
               "companyName": "ACME", "accountType": "CR", "partnerStatus": "disabled", "groupview": true,
               "desktopLicenseNum": {"usage": 3}, "desktopQuota": {"usage": 340}, "serverLicenseNum": {"usage": 1},
               "serverQuota": {"usage": 50}, "syncAvailable": {"usage": 1}, "syncDefaultQuota": {"usage": 2}})
    );
}

#[test]
fn nothing_is_used_by_what_was_never_looked_at() {
    let fresh = TenantNumbers { partner: None, home_group: None, works: true, ..numbers() };
    let said = tenant::properties(&fresh);
    assert_eq!((&said["desktopQuota"], &said["syncAvailable"]), (&json!({"usage": 0}), &json!({"usage": 0})));
    assert_eq!((said.get("partnerId"), &said["partnerStatus"]), (None, &json!("ready")));
    assert_eq!(tenant::properties(&numbers())["desktopQuota"], json!({"usage": 0}), "made just now");
}

#[test]
fn a_user_is_said_with_his_sums() {
    assert_eq!(
        of_part(&snapshot(Some(account())), Thing::User(USER)).unwrap(),
        json!({"mozyUserId": 20, "login": "jane@acme.example", "displayName": "Jane", "user_group_id": "9",
               "userstatus": "suspended", "desktopLicSum": 1, "desktopQuotaSum": 12, "serverLicSum": 1,
               "serverQuotaSum": 10, "enableSync": true, "syncQuota": 2, "syncQuotaUsedMozy": 1234,
               "syncLastBackUp": "2026-01-02T03:04:05Z"})
    );
    let mut unseen = snapshot(None);
    unseen.desired.users[0].group = None;
    unseen.desired.users[0].sync_quota = Some(Gb(4));
    let said = of_part(&unseen, Thing::User(USER)).unwrap();
    assert_eq!((&said["userstatus"], &said["user_group_id"]), (&json!("active"), &json!("")));
    assert_eq!((&said["desktopQuotaSum"], &said["syncQuota"]), (&json!(10), &json!(4)));
    unseen.desired.users[0].sync_quota = None;
    unseen.desired.subscription.sync = true;
    assert_eq!(of_part(&unseen, Thing::User(USER)).unwrap()["syncQuota"], 2, "Mozy's default");
    unseen.desired.subscription.bought.sync_default_quota = Some(Gb(5));
    assert_eq!(of_part(&unseen, Thing::User(USER)).unwrap()["syncQuota"], 5, "the subscription's");
}

#[test]
fn a_licence_is_said_as_wished_with_the_machine_that_was_seen() {
    let snapshot = snapshot(Some(account()));
    assert_eq!(
        of_part(&snapshot, Thing::Licence(DESKTOP)).unwrap(),
        json!({"licenseType": "Desktop", "quota": 10, "keyString": "KEY", "machineId": 30, "alias": "laptop",
               "quota_used_bytes": 1234, "last_backup_at": "2026-01-02T03:04:05Z"})
    );
    let server = of_part(&snapshot, Thing::Licence(SERVER)).unwrap();
    assert_eq!(server, json!({"licenseType": "Server", "quota": 10}));
}

#[test]
fn a_group_is_said_with_its_stock() {
    assert_eq!(
        of_part(&snapshot(Some(account())), Thing::Group(GROUP)).unwrap(),
        json!({"groupId": 9, "name": "Sales", "enableSync": true,
               "desktopKeysAssigned": 3, "desktopKeysOrdered": 5, "desktopQuotaAssigned": 30, "desktopQuotaOrdered": 100,
               "serverKeysAssigned": 0, "serverKeysOrdered": 0, "serverQuotaAssigned": 0, "serverQuotaOrdered": 0})
    );
    let unseen = of_part(&snapshot(None), Thing::Group(GROUP)).unwrap();
    assert_eq!(unseen, json!({"groupId": 9, "name": "Sales"}));
}

/// OSA may be changing it at this very moment: what it wished for before would come back as its wish.
#[test]
fn a_push_takes_back_nothing_that_osa_wishes_for() {
    let mut snapshot = snapshot(Some(account()));
    let has = |snapshot: &Snapshot, thing, name: &str| {
        news(snapshot, thing, &Map::new()).unwrap().as_object().unwrap().contains_key(name)
    };
    let (user, key) = (Thing::User(USER), Thing::Licence(DESKTOP));
    assert!(has(&snapshot, key, "keyString") && !has(&snapshot, key, "quota"));
    assert!(has(&snapshot, user, "mozyUserId") && !has(&snapshot, user, "enableSync"));
    assert!(!has(&snapshot, Thing::Group(GROUP), "name") && has(&snapshot, Thing::Group(GROUP), "groupId"));
    // Sync that went off for all took his along, and OSA is told.
    snapshot.desired.subscription.sync = false;
    assert!(has(&snapshot, user, "enableSync") && !has(&snapshot, user, "login"));
}

/// Sync went off and on again before OSA took the news, and a default is not what it was: OSA would show, and say back,
/// what nobody wishes for.
#[test]
fn a_push_says_what_has_changed_of_a_users_sync_since_osa_was_told() {
    let snapshot = snapshot(Some(account()));
    let told = |on: bool, quota: i64| {
        let told = json!({"enableSync": on, "syncQuota": quota, "login": "old@acme.example"});
        let news = news(&snapshot, Thing::User(USER), told.as_object().unwrap()).unwrap();
        ["enableSync", "syncQuota", "login"].map(|name| news.get(name).cloned())
    };
    assert_eq!(told(true, 2), [None, None, None]);
    assert_eq!(told(false, 4), [Some(json!(true)), Some(json!(2)), None]);
}

#[test]
fn nothing_is_said_of_what_is_being_removed() {
    let mut going = snapshot(Some(account()));
    going.desired.groups[0].removed = true;
    going.desired.users[0].licences[0].removed = true;
    assert_eq!(of_part(&going, Thing::Group(GROUP)), None);
    assert_eq!(of_part(&going, Thing::Licence(DESKTOP)), None);
    assert_eq!(of_part(&going, Thing::User(USER)).unwrap()["desktopLicSum"], 0);
    going.desired.users[0].removed = true;
    assert_eq!(of_part(&going, Thing::User(USER)), None);
    assert_eq!(of_part(&going, Thing::Licence(SERVER)), None);
}
