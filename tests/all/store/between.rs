//! What is said of a subscription before anybody has looked again: a wish is not in agreement yet, a pause holds at once.

use std::time::Duration;

use mozyd::domain::status::{State, Status};
use mozyd::domain::*;
use mozyd::ports::desk::*;
use mozyd::store::{Agreement, Filter};

use super::record::{bound, finding, saw};
use super::world::*;

async fn status(world: &World) -> Status {
    Status::from(&world.store.snapshot(TENANT).await.unwrap().unwrap())
}

fn told(status: &Status, kind: ConditionType) -> Option<(bool, Reason, String)> {
    let one = status.conditions.iter().find(|condition| condition.kind == kind)?;
    Some((one.status, one.reason, one.message.clone()))
}

async fn listed(world: &World, condition: &str) -> usize {
    let filter = Filter { condition: Some(condition.into()), limit: 10, ..Filter::default() };
    world.store.list(&filter).await.unwrap().len()
}

fn unseen() -> Option<(bool, Reason, String)> {
    Some((false, Reason::AsExpected, "not looked at since it was wished".into()))
}

#[tokio::test]
async fn a_wish_is_in_agreement_only_once_it_was_looked_at() {
    let world = bound().await;
    assert_eq!(status(&world).await.state, State::Ready);
    world.desk.suspend_tenant(&ask(), TENANT, true).await.unwrap();
    let wished = status(&world).await;
    assert_eq!((wished.state, told(&wished, ConditionType::InSync)), (State::Provisioning, unseen()));
    assert_eq!(world.store.gauges().await.unwrap().states, [("provisioning".to_owned(), 1)]);
    assert_eq!(listed(&world, "InSync").await, 1);
    // The same words as before are news now: they must be written.
    let claimed = world.claim().await;
    let mut report = agreed(&world.case(&claimed).await);
    saw(&mut report, 1000);
    let agreement = Agreement::of(claimed.lease, &report, LATER).unwrap();
    assert!(world.store.keep(&[agreement]).await.unwrap().is_empty());
    world.store.record(claimed.lease, &report, LATER).await.unwrap();
    assert_eq!(status(&world).await.state, State::Suspended);
    assert_eq!(listed(&world, "InSync").await, 0);
}

#[tokio::test]
async fn a_cycle_that_a_wish_overtook_does_not_speak_for_it() {
    let world = bound().await;
    let claimed = world.claim_one(TENANT).await;
    let mut report = agreed(&world.case(&claimed).await);
    saw(&mut report, 2000);
    world.desk.suspend_tenant(&ask(), TENANT, true).await.unwrap();
    assert!(world.store.record(claimed.lease, &report, LATER).await.unwrap().woken);
    assert_eq!(told(&status(&world).await, ConditionType::InSync), unseen());
    assert_eq!(world.one("SELECT told IS NULL FROM work").await, "t");
}

#[tokio::test]
async fn what_somebody_must_act_on_stays_said_until_it_was_looked_at() {
    let world = bound().await;
    let found = finding(ConditionType::InSync, false, Reason::QuotaExceedsPurchase, "too much");
    world.cycle(|report| report.findings = vec![found]).await;
    world.desk.suspend_tenant(&ask(), TENANT, true).await.unwrap();
    let status = status(&world).await;
    assert_eq!(status.state, State::Blocked);
    assert_eq!(
        told(&status, ConditionType::InSync),
        Some((false, Reason::QuotaExceedsPurchase, "too much".into()))
    );
}

#[tokio::test]
async fn an_order_has_its_conditions_at_once_and_one_that_is_withdrawn_leaves_none() {
    let world = World::patient(Duration::ZERO).await;
    world.desk.order(&ask(), order()).await.unwrap();
    let ordered = status(&world).await;
    assert_eq!(told(&ordered, ConditionType::Provisioned), unseen());
    assert_eq!(told(&ordered, ConditionType::InSync), unseen());
    let taken = finding(ConditionType::InSync, false, Reason::VendorRejected, "it is taken");
    world
        .cycle(|report| {
            report.findings = vec![taken];
            report.verdicts[0].blocked = Some((Reason::VendorRejected, "it is taken".into()));
        })
        .await;
    assert_eq!(reason(world.desk.order(&again(), order()).await), Reason::VendorRejected);
    let withdrawn = status(&world).await;
    assert!(withdrawn.gone.is_some() && withdrawn.conditions.is_empty() && withdrawn.groups.is_empty());
    assert_eq!(withdrawn.observed_generation, withdrawn.generation);
    assert_eq!(world.one("SELECT count(*) FROM conditions").await, "0");
    let gauges = world.store.gauges().await.unwrap();
    assert_eq!((gauges.conditions, gauges.disagreements), (Vec::new(), Vec::new()));
}

#[tokio::test]
async fn a_withdrawn_order_tells_osa_that_mozy_was_away() {
    let world = World::patient(Duration::ZERO).await;
    world.desk.order(&ask(), order()).await.unwrap();
    let away = finding(ConditionType::InSync, false, Reason::VendorUnreachable, "away");
    world
        .cycle(|report| {
            report.findings = vec![away];
            report.verdicts[0].blocked = Some((Reason::AsExpected, "it waits".into()));
        })
        .await;
    assert_eq!(reason(world.desk.order(&again(), order()).await), Reason::VendorUnreachable);
}

#[tokio::test]
async fn a_pause_shows_before_anybody_has_looked() {
    let world = bound().await;
    world.sql("UPDATE conditions SET status = false WHERE type = 'InSync'").await;
    assert_eq!(world.store.gauges().await.unwrap().disagreements.len(), 1);
    world.store.pause(TENANT, "a test").await.unwrap();
    let (holds, reason, message) = told(&status(&world).await, ConditionType::Paused).unwrap();
    assert!(holds && reason == Reason::AsExpected && message.contains("mozyd resume"), "{message}");
    assert_eq!(world.store.gauges().await.unwrap().disagreements, []);
    let under_way = world.claim_one(TENANT).await;
    world.store.resume(TENANT, "a test").await.unwrap();
    assert!(world.store.load_case(under_way.lease, MEMORY).await.is_err(), "it still believes in the pause");
    let resumed = told(&status(&world).await, ConditionType::Paused);
    assert_eq!(resumed, Some((false, Reason::AsExpected, String::new())));
}

#[tokio::test]
async fn a_window_that_is_open_is_no_old_disagreement() {
    let world = bound().await;
    let waits = finding(ConditionType::InSync, false, Reason::AsExpected, "1 step waits");
    world.cycle(|report| report.findings = vec![waits]).await;
    assert_eq!(world.store.gauges().await.unwrap().disagreements.len(), 1);
    let window = finding(ConditionType::Paused, true, Reason::AsExpected, "a window is open");
    world.cycle(|report| report.findings = vec![window]).await;
    assert_eq!(world.store.gauges().await.unwrap().disagreements, []);
}

#[tokio::test]
async fn a_condition_that_changes_is_an_event_and_one_that_does_not_is_none() {
    let world = bound().await;
    let events = async || -> Vec<String> {
        world.sql("SELECT message FROM events WHERE kind = 'condition' ORDER BY id").await
    };
    assert_eq!(events().await, ["Provisioned is true", "InSync is true"]);
    for _ in 0..2 {
        world
            .cycle(|report| {
                report.findings = vec![
                    finding(ConditionType::Held, false, Reason::AsExpected, ""),
                    finding(ConditionType::InSync, false, Reason::QuotaExceedsPurchase, "too much"),
                    finding(ConditionType::InSync, false, Reason::UserEmailInUse, "taken"),
                ];
            })
            .await;
    }
    assert_eq!(
        events().await[2..],
        ["InSync is false: QuotaExceedsPurchase: too much; UserEmailInUse: taken"]
    );
}

#[tokio::test]
async fn numbers_that_nobody_has_read_for_two_intervals_are_not_fresh() {
    let world = bound().await;
    let fresh = finding(ConditionType::UsageFresh, true, Reason::AsExpected, "");
    world.cycle(|report| report.findings = vec![fresh]).await;
    world.sql("UPDATE work SET last_success = now() - interval '3 hours'").await;
    let read = async |interval| {
        let snapshot = world.store.snapshot(TENANT).await.unwrap().unwrap().at(chrono::Utc::now(), interval);
        told(&Status::from(&snapshot), ConditionType::UsageFresh).unwrap()
    };
    assert!(read(2 * HOUR).await.0);
    let (holds, reason, message) = read(HOUR).await;
    assert!(!holds && reason == Reason::AsExpected && message.starts_with("nobody has looked"), "{message}");
    // A list shows what it was filtered by.
    let list = async |interval: Duration| {
        let fresh_since = Some(chrono::Utc::now() - 2 * interval);
        let condition = Some("UsageFresh".to_owned());
        let filter = Filter { condition, fresh_since, limit: 10, ..Filter::default() };
        world.store.list(&filter).await.unwrap().len()
    };
    assert_eq!((list(2 * HOUR).await, list(HOUR).await), (0, 1));
}
