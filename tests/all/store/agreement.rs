//! Agreements are kept many at a time, and only those that say nothing new under a lease that is the newest.

use std::time::Duration;

use mozyd::domain::SubscriptionId;
use mozyd::ports::CycleReport;
use mozyd::ports::report::Unmanaged;
use mozyd::store::{Agreement, Claimed, Lane, Next};

use super::record::{bound, saw};
use super::world::*;

/// What the same look says again.
async fn again_seen(world: &World, claimed: &Claimed) -> CycleReport {
    let mut report = agreed(&world.case(claimed).await);
    saw(&mut report, 1000);
    report
}

async fn kept(world: &World, claimed: &Claimed, report: &CycleReport) -> Vec<SubscriptionId> {
    let agreement = Agreement::of(claimed.lease, report, LATER).expect("it is no agreement");
    world.store.keep(&[agreement]).await.unwrap()
}

/// The look has been kept whole once.
async fn steady() -> World {
    let world = bound().await;
    world.cycle(|report| saw(report, 1000)).await;
    world
}

#[tokio::test]
async fn what_the_last_look_said_is_kept_by_its_bookkeeping() {
    let world = steady().await;
    let claimed = world.claim_one(TENANT).await;
    let report = again_seen(&world, &claimed).await;
    assert_eq!(kept(&world, &claimed, &report).await, [TENANT]);
    let books = "SELECT last_success = last_attempt AND last_success = begun_at AND machines_read_at = begun_at \
        AND lease_until IS NULL AND lease_owner IS NULL AND attempts = 0 AND lane = 2 \
        AND due_at > now() + interval '59 min' FROM work";
    assert_eq!(world.one(books).await, "t");
    assert_eq!(kept(&world, &world.claim_one(TENANT).await, &report).await, [TENANT]);
}

#[tokio::test]
async fn what_is_new_is_not_kept_this_way() {
    let world = steady().await;
    let claimed = world.claim_one(TENANT).await;
    let mut report = again_seen(&world, &claimed).await;
    saw(&mut report, 1001);
    assert!(kept(&world, &claimed, &report).await.is_empty());
    saw(&mut report, 1000);
    report.unmanaged = Some(vec![Unmanaged { kind: "user", mozy_id: "8".into(), name: "Eve".into() }]);
    assert!(kept(&world, &claimed, &report).await.is_empty());
    report.verdicts[0].generation += 1;
    saw(&mut report, 1000);
    assert!(kept(&world, &claimed, &report).await.is_empty());
    assert_eq!(world.one("SELECT lease_until IS NOT NULL FROM work").await, "t", "the lease is still ours");
    report.events.push(("step", "renamed".into()));
    assert_eq!(Agreement::of(claimed.lease, &report, LATER), None);
    report.events.clear();
    let soon = Next { due_in: Duration::ZERO, lane: Lane::Retry };
    assert_eq!(Agreement::of(claimed.lease, &report, soon), None);
}

#[tokio::test]
async fn a_look_that_did_not_agree_is_no_measure() {
    let world = steady().await;
    world
        .cycle(|report| {
            saw(report, 1000);
            report.result = mozyd::ports::CycleResult::Waiting;
        })
        .await;
    let claimed = world.claim_one(TENANT).await;
    let report = again_seen(&world, &claimed).await;
    assert!(kept(&world, &claimed, &report).await.is_empty());
}

#[tokio::test]
async fn a_lease_that_was_lost_keeps_nothing() {
    let world = steady().await;
    let stale = world.claim_one(TENANT).await;
    let report = again_seen(&world, &stale).await;
    world.sql("UPDATE work SET lease_until = now() - interval '1 s'").await;
    let fresh = world.claim_one(TENANT).await;
    let before = world.sql("SELECT * FROM work").await;
    assert!(kept(&world, &stale, &report).await.is_empty());
    assert_eq!(world.sql("SELECT * FROM work").await, before);
    assert_eq!(kept(&world, &fresh, &report).await, [TENANT]);
}

#[tokio::test]
async fn one_that_was_woken_meanwhile_stays_due() {
    let world = steady().await;
    let claimed = world.claim_one(TENANT).await;
    let report = again_seen(&world, &claimed).await;
    world.store.refresh(TENANT).await.unwrap();
    assert_eq!(kept(&world, &claimed, &report).await, [TENANT]);
    let claimed = world.claim().await;
    assert_eq!((claimed.lease.subscription, claimed.lane), (TENANT, Lane::Change));
}
