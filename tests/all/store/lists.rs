//! Lists and counts for operators, pauses, nonces, and tidying up.

use std::time::Duration;

use mozyd::domain::status::Status;
use mozyd::domain::*;
use mozyd::ports::desk::*;
use mozyd::store::Filter;
use uuid::Uuid;

use super::record::{bound, finding};
use super::world::*;

async fn state(world: &World) -> String {
    let lines = world.store.list(&Filter { limit: 10, ..Filter::default() }).await.unwrap();
    let counted = world.store.gauges().await.unwrap().states;
    assert_eq!(counted, [(lines[0].state.clone(), 1)]);
    // The same word as in `status`.
    let told = Status::from(&world.store.snapshot(TENANT).await.unwrap().unwrap());
    assert_eq!(told.state.as_str(), lines[0].state);
    lines[0].state.clone()
}

#[tokio::test]
async fn the_state_in_one_word() {
    let world = World::with_tenant().await;
    assert_eq!(state(&world).await, "provisioning");
    let say = async |kind, status, reason| {
        let found = finding(kind, status, reason, "so it is");
        world.cycle(|report| report.findings = vec![found]).await;
    };
    say(ConditionType::InSync, true, Reason::AsExpected).await;
    assert_eq!(state(&world).await, "ready");
    world.desk.suspend_tenant(&ask(), TENANT, true).await.unwrap();
    assert_eq!(state(&world).await, "provisioning");
    say(ConditionType::InSync, true, Reason::AsExpected).await;
    assert_eq!(state(&world).await, "suspended");
    say(ConditionType::InSync, false, Reason::VendorUnreachable).await;
    assert_eq!(state(&world).await, "provisioning");
    say(ConditionType::InSync, false, Reason::QuotaExceedsPurchase).await;
    assert_eq!(state(&world).await, "blocked");
    assert!(world.store.pause(TENANT, "a test").await.unwrap());
    assert_eq!(state(&world).await, "paused");
    world.desk.remove_tenant(&ask(), TENANT).await.unwrap();
    assert_eq!(state(&world).await, "paused");
    assert!(world.store.resume(TENANT, "a test").await.unwrap());
    assert_eq!(state(&world).await, "removing");
    world.agree().await;
    assert!(world.store.list(&Filter { limit: 10, ..Filter::default() }).await.unwrap().is_empty());
    assert!(world.store.snapshot(TENANT).await.unwrap().unwrap().gone.is_some());
}

#[tokio::test]
async fn subscriptions_are_found_and_listed() {
    let world = bound().await;
    assert_eq!(world.store.find("1000017").await.unwrap(), [TENANT]);
    assert_eq!(world.store.find(&TENANT.to_string().to_uppercase()).await.unwrap(), [TENANT]);
    assert!(world.store.find("7").await.unwrap().is_empty());
    assert!(world.store.find("nonsense").await.unwrap().is_empty());
    // Who had this number before him and is gone is not meant, but by his own id.
    let before = "INSERT INTO subscriptions SELECT (jsonb_populate_record(s, jsonb_build_object('id', \
        '00000000-0000-4000-8000-000000000001', 'removed_at', now(), 'gone_at', now()))).* FROM subscriptions s";
    world.sql(before).await;
    assert_eq!(world.store.find("1000017").await.unwrap(), [TENANT]);
    assert_eq!(world.store.find("00000000-0000-4000-8000-000000000001").await.unwrap().len(), 1);
    let list = async |filter: Filter| world.store.list(&Filter { limit: 10, ..filter }).await.unwrap().len();
    let text = |text: &str| Some(text.to_string());
    assert_eq!(list(Filter { state: text("ready"), ..Filter::default() }).await, 1);
    assert_eq!(list(Filter { state: text("blocked"), ..Filter::default() }).await, 0);
    assert_eq!(list(Filter { condition: text("InSync"), ..Filter::default() }).await, 0);
    assert_eq!(list(Filter { after: Some(TENANT), ..Filter::default() }).await, 0);
    let held = finding(ConditionType::Held, true, Reason::GuardHeld, "held");
    world.cycle(|report| report.findings = vec![held]).await;
    assert_eq!(list(Filter { condition: text("Held"), ..Filter::default() }).await, 1);
    assert_eq!(list(Filter { condition: text("GuardHeld"), ..Filter::default() }).await, 1);
}

#[tokio::test]
async fn everything_is_counted() {
    let world = bound().await;
    world.sql("UPDATE work SET last_success = now() - interval '90 s', due_at = now()").await;
    let gauges = world.store.gauges().await.unwrap();
    assert_eq!(gauges.states, [("ready".to_string(), 1)]);
    assert_eq!(gauges.unmanaged, [("user".to_string(), 1)]);
    assert_eq!(gauges.due, [(mozyd::store::Lane::Sweep, 1)]);
    assert_eq!((gauges.doubts, gauges.conditions.len()), (0, 2));
    assert!((90..100).contains(&gauges.usage_age_max.as_secs()));
}

#[tokio::test]
async fn a_paused_subscription_says_so_and_is_looked_at() {
    let world = World::with_tenant().await;
    let under_way = world.claim_one(TENANT).await;
    assert!(world.store.pause(TENANT, "a test").await.unwrap());
    assert!(world.store.pause(TENANT, "a test").await.unwrap());
    // A cycle that was under way begins nothing more.
    assert!(world.store.load_case(under_way.lease, MEMORY).await.is_err());
    assert!(world.case(&world.claim().await).await.paused);
    assert!(world.store.resume(TENANT, "a test").await.unwrap());
    assert!(!world.store.snapshot(TENANT).await.unwrap().unwrap().paused);
    assert!(!world.store.pause(SubscriptionId(Uuid::nil()), "a test").await.unwrap());
    assert_eq!(world.one("SELECT count(*) FROM events WHERE kind = 'operator'").await, "2");
    // A wish does not end a pause.
    world.store.pause(TENANT, "a test").await.unwrap();
    world.desk.suspend_tenant(&ask(), TENANT, true).await.unwrap();
    assert!(world.store.snapshot(TENANT).await.unwrap().unwrap().paused);
}

#[tokio::test]
async fn a_nonce_is_accepted_once() {
    let world = World::empty().await;
    let now = chrono::Utc::now();
    assert!(world.store.remember_nonce("1:a", now).await.unwrap());
    assert!(!world.store.remember_nonce("1:a", now).await.unwrap());
    assert_eq!(world.store.forget_nonces(now).await.unwrap(), 0);
    assert_eq!(world.store.forget_nonces(now + chrono::TimeDelta::seconds(1)).await.unwrap(), 1);
    assert!(world.store.remember_nonce("1:a", now).await.unwrap());
}

#[tokio::test]
async fn what_ended_long_ago_is_tidied_up_and_nothing_else() {
    let world = bound().await;
    world.desk.remove_user(&ask(), ALICE).await.unwrap();
    world.agree().await;
    assert_eq!(world.store.tidy(HOUR).await.unwrap(), 0);
    world.sql("UPDATE events SET at = '2020-01-01'; UPDATE users SET gone_at = '2020-01-01'; UPDATE licences SET gone_at = '2020-01-01'").await;
    assert!(world.store.tidy(HOUR).await.unwrap() > 2);
    assert_eq!(world.one("SELECT count(*) FROM users").await, "0");
    assert_eq!(world.one("SELECT count(*) FROM subscriptions").await, "1");
    world.desk.remove_tenant(&ask(), TENANT).await.unwrap();
    world.agree().await;
    world.sql("UPDATE subscriptions SET gone_at = '2020-01-01'").await;
    world.store.tidy(Duration::from_secs(1)).await.unwrap();
    assert_eq!(world.one("SELECT count(*) FROM subscriptions").await, "0");
}

#[tokio::test]
async fn events_come_in_pages() {
    let world = World::with_alice().await;
    let all = world.store.events(Some(TENANT), 100).await.unwrap();
    assert!(all.len() > 2, "{all:?}");
    assert_eq!(world.store.events(Some(TENANT), 2).await.unwrap(), all[all.len() - 2..]);
    assert_eq!(world.store.events_after(TENANT, 0, 2).await.unwrap(), all[..2]);
    assert_eq!(world.store.events_after(TENANT, all[1].id, 100).await.unwrap(), all[2..]);
    assert!(world.store.events_after(BOB_S, 0, 100).await.unwrap().is_empty());
}

/// Somebody else's subscription.
const BOB_S: SubscriptionId = SubscriptionId(Uuid::from_u128(99));

#[tokio::test]
async fn a_shorter_interval_and_what_waits_are_taken_at_once() {
    let world = World::with_tenant().await;
    let due = async || {
        let seconds = world.one("SELECT round(extract(epoch FROM due_at - now()))::int FROM work").await;
        seconds.parse::<i64>().unwrap()
    };
    world.sql("UPDATE work SET lane = 2, due_at = now() + interval '900 s'").await;
    assert_eq!(world.store.reschedule(HOUR).await.unwrap(), 0);
    assert_eq!(world.store.reschedule(Duration::from_secs(10)).await.unwrap(), 1);
    assert!((0..=10).contains(&due().await));
    for lane in [0, 1] {
        world.sql(&format!("UPDATE work SET lane = {lane}, due_at = now() + interval '900 s'")).await;
        assert_eq!(world.store.reschedule(HOUR).await.unwrap(), 1);
        assert!(due().await <= 0);
    }
}

/// A cycle that began under the old rules must not have the last word for an interval.
#[tokio::test]
async fn who_is_being_looked_at_is_looked_at_again_when_the_rules_change() {
    let world = World::with_tenant().await;
    let (lease, report) = world.sweep().await;
    world.store.reschedule(HOUR).await.unwrap();
    world.store.record(lease, &report, LATER).await.unwrap();
    world.claim().await;
}

#[tokio::test]
async fn a_round_in_which_mozy_never_answered_has_not_ended_well() {
    let world = World::with_tenant().await;
    let round = async || {
        let round = world.store.round(Duration::from_secs(60)).await.unwrap();
        (round.tried, round.answered)
    };
    assert_eq!(round().await, (true, true));
    world.sql("UPDATE work SET last_success = now() - interval '1 hour'").await;
    assert_eq!(round().await, (true, false));
    world.sql("UPDATE work SET last_attempt = now() - interval '1 hour'").await;
    assert_eq!(round().await, (false, false));
    assert!(World::empty().await.store.round(Duration::from_secs(60)).await.unwrap().answered);
}
