//! A report is kept where it differs from what is stored, and nowhere else.

use std::collections::BTreeMap;

use mozyd::domain::group::ObservedGroup;
use mozyd::domain::licence::{Machine, ObservedLicence};
use mozyd::domain::observed::{Account, GroupContents};
use mozyd::domain::partner::{Partner, Status};
use mozyd::domain::pool::Stock;
use mozyd::domain::usage::PoolUsage;
use mozyd::domain::user::ObservedUser;
use mozyd::domain::*;
use mozyd::plan::Subject;
use mozyd::ports::desk::*;
use mozyd::ports::ledger::Binding;
use mozyd::ports::report::{Finding, Seen, Unmanaged};
use mozyd::ports::{CycleReport, CycleResult, Pause};
use mozyd::store::Agreement;

use super::world::*;

/// An account with Alice, her key and her machine in it.
pub fn account(used_bytes: i64) -> Account {
    let group = MozyGroupId(40);
    let machine = Machine {
        id: MachineId(900),
        user: MozyUserId(7),
        alias: Some("pc".into()),
        key: Some(Keystring("K".repeat(20))),
        quota: Gb(5),
        used_bytes,
        last_backup: None,
    };
    let licence = ObservedLicence {
        key: Keystring("K".repeat(20)),
        kind: Some(LicenceKind::Desktop),
        group,
        machine: Some(MachineId(900)),
        email: Some("alice@a.example".into()),
        quota: Some(Gb(5)),
        external_id: Some("1000017".into()),
    };
    let user = ObservedUser {
        id: MozyUserId(7),
        group,
        username: "alice@a.example".into(),
        full_name: "Alice".into(),
        status: Some(Status::Active),
        external_id: Some("1000017".into()),
        sync: None,
    };
    let observed = ObservedGroup {
        id: group,
        partner: Some(PartnerId(5)),
        name: "(default user group)".into(),
        status: Some(Status::Active),
        external_id: None,
        sync: None,
    };
    let desktop =
        Stock { licences: 10, used: 1, quota: Gb(100), distributed: Gb(5), used_bytes, ..Stock::default() };
    let contents = GroupContents {
        group: observed,
        users: vec![user],
        licences: vec![licence],
        stock: PerKind { desktop, server: Stock::default() },
        machines: BTreeMap::from([(MozyUserId(7), vec![machine])]),
    };
    let partner = Partner {
        id: PartnerId(5),
        name: "Acme".into(),
        status: Some(Status::Active),
        external_id: Some("1000017".into()),
        parent: Some(PartnerId(1)),
        default_group: Some(group),
        admin: Some("root@a.example".into()),
        sync: Some(false),
        default_sync_quota: None,
    };
    Account { partner, groups: vec![contents], strays: Vec::new() }
}

/// A full report of that account.
pub fn saw(report: &mut CycleReport, used_bytes: i64) {
    report.seen = Seen::Account(Box::new(account(used_bytes)));
    let desktop = PoolUsage { assigned: 1, activated: 1, quota_gb: 5, used_bytes };
    report.usage = Some(Usage { pools: PerKind { desktop, ..PerKind::default() }, ..Usage::default() });
    report.findings = vec![
        finding(ConditionType::Provisioned, true, Reason::AsExpected, ""),
        finding(ConditionType::InSync, true, Reason::AsExpected, ""),
    ];
    report.unmanaged =
        Some(vec![Unmanaged { kind: "user", mozy_id: "8".into(), name: "eve@a.example".into() }]);
    report.machines_read = true;
}

pub fn finding(kind: ConditionType, status: bool, reason: Reason, message: &str) -> Finding {
    Finding { kind, status, reason, message: message.into() }
}

/// Alice, known to Mozy, and the account seen.
pub async fn bound() -> World {
    let world = World::with_alice().await;
    world
        .cycle(|report| {
            report.bindings = vec![
                Binding::Partner(Some(PartnerId(5))),
                Binding::HomeGroup(Some(MozyGroupId(40))),
                Binding::User(ALICE, Some(MozyUserId(7))),
                Binding::Licence(KEY, Some(Keystring("K".repeat(20)))),
                Binding::Address(KEY, "alice@a.example".into()),
            ];
            saw(report, 1000);
        })
        .await;
    world
}

/// Where every row of every table lies, and by whom it was written or locked; the queue's own rows apart.
const TRACE: &str = "SELECT 'o', xmin, xmax, ctid FROM observations UNION ALL SELECT 'u', xmin, xmax, ctid FROM usages \
    UNION ALL SELECT 'c', xmin, xmax, ctid FROM conditions UNION ALL SELECT 'v', xmin, xmax, ctid FROM verdicts \
    UNION ALL SELECT 'n', xmin, xmax, ctid FROM unmanaged UNION ALL SELECT 'e', xmin, xmax, ctid FROM events \
    UNION ALL SELECT 'p', xmin, xmax, ctid FROM pushes UNION ALL SELECT 's', xmin, xmax, ctid FROM subscriptions \
    UNION ALL SELECT 'a', xmin, xmax, ctid FROM users UNION ALL SELECT 'l', xmin, xmax, ctid FROM licences \
    UNION ALL SELECT 'i', xmin, xmax, ctid FROM instances UNION ALL SELECT 't', xmin, xmax, ctid FROM steps";

#[tokio::test]
async fn a_cycle_that_finds_agreement_writes_its_bookkeeping_and_nothing_else() {
    let world = bound().await;
    let before = world.sql(TRACE).await;
    world.cycle(|report| saw(report, 1000)).await;
    assert_eq!(world.sql(TRACE).await, before);
    let kept = "SELECT last_success = last_attempt AND machines_read_at = last_attempt AND lease_until IS NULL \
        AND observed_generation = (SELECT generation FROM subscriptions) AND lane = 2 FROM work";
    assert_eq!(world.one(kept).await, "t");
}

#[tokio::test]
async fn what_is_left_alone_and_who_became_admin_are_kept() {
    let world = bound().await;
    let pause = Pause {
        subject: Subject::User(ALICE),
        kind: "update_user".into(),
        field: "name".into(),
        value: "Alice".into(),
        step: StepId(7),
        at: "2026-01-01T00:00:00Z".parse().unwrap(),
        seconds: 3600,
        refused: Some((Reason::UserEmailInUse, "it is".into())),
    };
    world
        .cycle(|report| {
            saw(report, 1000);
            report.pauses = Some(vec![pause.clone()]);
            report.bindings = vec![Binding::Admin("boss@a.example".into())];
        })
        .await;
    let case = world.case(&world.claim_one(TENANT).await).await;
    assert_eq!(case.pauses, [pause]);
    assert_eq!(case.desired.subscription.admin.email, "boss@a.example");
    world.sql("UPDATE work SET lease_until = NULL").await;
    world.cycle(|report| saw(report, 1000)).await;
    let claimed = world.claim_one(TENANT).await;
    assert_eq!(world.case(&claimed).await.pauses.len(), 1, "what is not said stays");
    let mut report = agreed(&world.case(&claimed).await);
    saw(&mut report, 1000);
    assert!(Agreement::of(claimed.lease, &report, LATER).is_some());
    report.pauses = Some(Vec::new());
    assert_eq!(Agreement::of(claimed.lease, &report, LATER), None, "it must be recorded whole");
}

#[tokio::test]
async fn what_was_seen_is_loaded_as_it_was_seen() {
    let world = bound().await;
    let case = world.case(&world.claim_one(TENANT).await).await;
    assert_eq!(case.last, Some(account(1000)));
    assert!(case.machines_read_at.is_some());
    assert_eq!(case.agreed.len(), 3);
    assert_eq!(case.desired.users[0].licences[0].address.as_deref(), Some("alice@a.example"));
    let snapshot = world.store.snapshot(TENANT).await.unwrap().unwrap();
    assert_eq!(snapshot.account, Some(account(1000)));
    assert_eq!(snapshot.usage.unwrap().pools.desktop.quota_gb, 5);
    assert_eq!(snapshot.conditions.len(), 2);
    assert_eq!(snapshot.observed_generation, snapshot.desired.subscription.generation);
    let numbers = world.store.numbers(INSTANCE, TENANT).await.unwrap().unwrap();
    assert_eq!((numbers.partner, numbers.home_group), (Some(PartnerId(5)), Some(MozyGroupId(40))));
    assert_eq!(numbers.usage, snapshot.usage);
}

#[tokio::test]
async fn a_look_that_failed_leaves_what_is_known_and_is_no_success() {
    let world = bound().await;
    let (before, success) = (world.sql(TRACE).await, world.store.last_success(TENANT).await.unwrap());
    world
        .cycle(|report| {
            report.verdicts.clear();
            (report.result, report.seen) = (CycleResult::Failed, Seen::Nothing);
        })
        .await;
    assert_eq!(world.sql(TRACE).await, before);
    assert_eq!(world.store.last_success(TENANT).await.unwrap(), success);
}

#[tokio::test]
async fn since_when_a_condition_holds_moves_with_status_and_reason_only() {
    let world = bound().await;
    let since = async || {
        world.one("SELECT since, status, reason, message FROM conditions WHERE type = 'InSync'").await
    };
    let say = async |status, reason, message: &str| {
        let found = finding(ConditionType::InSync, status, reason, message);
        world.cycle(|report| report.findings = vec![found]).await;
        let row = since().await;
        row.split_once('|').map(|(since, rest)| (since.to_string(), rest.to_string())).unwrap()
    };
    let (first, _) = say(true, Reason::AsExpected, "").await;
    let (reworded, text) = say(true, Reason::AsExpected, "all is well").await;
    assert_eq!((&reworded, text.as_str()), (&first, "t|AsExpected|all is well"));
    let (blocked, _) = say(false, Reason::GuardHeld, "held").await;
    assert_ne!(blocked, first);
    let (other, _) = say(false, Reason::VendorRejected, "held").await;
    assert_ne!(other, blocked);
    assert_eq!(world.one("SELECT count(*) FROM conditions").await, "2");
}

#[tokio::test]
async fn unmanaged_things_come_and_go() {
    let world = bound().await;
    let names = async || -> Vec<String> {
        world.store.unmanaged().await.unwrap().into_iter().map(|one| one.name).collect()
    };
    assert_eq!(names().await, ["eve@a.example"]);
    let group = Unmanaged { kind: "group", mozy_id: "8".into(), name: "Old".into() };
    world.cycle(|report| report.unmanaged = Some(vec![group.clone()])).await;
    assert_eq!(names().await, ["Old"]);
    world.cycle(|report| report.unmanaged = Some(vec![Unmanaged { name: "New".into(), ..group }])).await;
    assert_eq!(names().await, ["New"]);
    world.cycle(|report| report.unmanaged = None).await;
    assert_eq!(names().await, ["New"]);
    world.cycle(|report| report.unmanaged = Some(Vec::new())).await;
    assert!(names().await.is_empty());
}

#[tokio::test]
async fn without_a_tombstone_nothing_is_ever_gone() {
    let world = bound().await;
    world
        .cycle(|report| {
            report.gone = vec![Thing::User(ALICE), Thing::Licence(KEY), Thing::Tenant(TENANT)];
        })
        .await;
    let desired = world.desired().await;
    assert_eq!((desired.users.len(), desired.users[0].licences.len()), (1, 1));
    assert_eq!(world.one("SELECT count(*) FROM work").await, "1");
}

#[tokio::test]
async fn what_is_gone_has_no_verdict_any_more() {
    let world = bound().await;
    let verdicts = async || world.one("SELECT count(*) FROM verdicts").await;
    assert_eq!(verdicts().await, "3");
    world.desk.remove_user(&ask(), ALICE).await.unwrap();
    world.agree().await;
    assert_eq!(verdicts().await, "1");
    world.desk.remove_tenant(&ask(), TENANT).await.unwrap();
    world.agree().await;
    assert_eq!(verdicts().await, "0");
}

#[tokio::test]
async fn events_are_kept_in_order_with_the_request_behind_them() {
    let world = bound().await;
    world
        .cycle(|report| {
            report.events = vec![("drift", "name is Acmee, wanted Acme".into()), ("step", "renamed".into())];
        })
        .await;
    let events = world.store.events(Some(TENANT), 2).await.unwrap();
    let told: Vec<_> = events.iter().map(|one| (one.kind.as_str(), one.request_id.as_deref())).collect();
    assert_eq!(told, [("drift", Some("t-1")), ("step", Some("t-1"))]);
}
