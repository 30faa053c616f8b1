//! The queue: every subscription is held by one worker at a time, urgent lanes go first, and the lowest still moves.

use std::collections::BTreeSet;
use std::time::Duration;

use mozyd::domain::*;
use mozyd::ports::desk::*;
use mozyd::ports::report::Seen;
use mozyd::ports::{CycleReport, CycleResult};
use mozyd::store::{Freshness, Lane, Next};
use uuid::Uuid;

use super::world::*;

/// So many tenants, due since so many seconds as their number, in this lane.
pub async fn tenants(world: &World, from: u32, to: u32, lane: u8) {
    world.desk.order(&ask(), order()).await.unwrap();
    let rows = format!(
        "INSERT INTO subscriptions (id, instance_id, number, account_id, model, company, admin_email, admin_name, \
            sync_available) SELECT ('00000000-0000-0000-0001-' || lpad(n::text, 12, '0'))::uuid, instance_id, n, \
            account_id, model, company, admin_email, admin_name, sync_available \
            FROM subscriptions, generate_series({from}, {to}) n WHERE id = '{TENANT}'; \
        INSERT INTO work (subscription_id, lane, due_at, enqueued_at) SELECT id, {lane}, now() - number * interval '1 s', \
            now() FROM subscriptions WHERE number BETWEEN {from} AND {to}; \
        UPDATE work SET due_at = now() + interval '1 day' WHERE subscription_id = '{TENANT}'"
    );
    world.sql(&rows).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_daemons_share_the_work_and_never_hold_the_same() {
    let world = World::empty().await;
    tenants(&world, 1, 200, 2).await;
    let worker = async |limit: u32| {
        let (owner, mut all) = (Uuid::new_v4(), Vec::new());
        loop {
            // None runs out while the others are claimed.
            match world.store.claim(owner, HOUR, limit).await.unwrap() {
                claimed if claimed.is_empty() => return all,
                claimed => all.extend(claimed),
            }
        }
    };
    let (one, two) = tokio::join!(worker(1), worker(7));
    let subscriptions: BTreeSet<_> =
        one.iter().chain(&two).map(|claimed| claimed.lease.subscription).collect();
    let epochs: BTreeSet<_> = one.iter().chain(&two).map(|claimed| claimed.lease.epoch).collect();
    assert_eq!((one.len() + two.len(), subscriptions.len(), epochs.len()), (200, 200, 200));
}

#[tokio::test]
async fn urgent_lanes_go_first_and_the_lowest_still_moves() {
    let world = World::empty().await;
    tenants(&world, 1, 20, 0).await;
    tenants(&world, 101, 120, 1).await;
    tenants(&world, 201, 220, 2).await;
    let mut lanes = Vec::new();
    for _ in 0..20 {
        lanes.extend(world.store.claim(Uuid::new_v4(), LEASE, 1).await.unwrap().iter().map(|one| one.lane));
    }
    let count = |lane| lanes.iter().filter(|&&one| one == lane).count();
    // Two of twenty went to those that are due for longest, which are in the lowest lane.
    assert_eq!((count(Lane::Change), count(Lane::Retry), count(Lane::Sweep)), (18, 0, 2));
    let lanes: Vec<_> =
        world.store.claim(Uuid::new_v4(), LEASE, 9).await.unwrap().iter().map(|one| one.lane).collect();
    assert_eq!(lanes.iter().filter(|&&lane| lane == Lane::Sweep).count(), 1);
    assert_eq!(lanes.iter().filter(|&&lane| lane == Lane::Change).count(), 2);
}

#[tokio::test]
async fn as_many_are_claimed_as_were_asked_for_while_so_many_are_due() {
    let world = World::empty().await;
    tenants(&world, 1, 20, 0).await;
    tenants(&world, 101, 140, 2).await;
    // Of sixteen two go by age: none of them may be counted twice.
    for left in [44, 28, 12, 0] {
        let claimed = world.store.claim(Uuid::new_v4(), LEASE, 16).await.unwrap();
        let distinct: BTreeSet<_> = claimed.iter().map(|one| one.lease.subscription).collect();
        let wanted = if left > 0 { 16 } else { 12 };
        assert_eq!((claimed.len(), distinct.len()), (wanted, wanted), "{left} are left");
    }
}

#[tokio::test]
async fn what_is_not_due_or_held_is_not_claimed_until_it_is() {
    let world = World::empty().await;
    tenants(&world, 1, 1, 2).await;
    assert_eq!(world.store.earliest_due().await.unwrap(), Some(Duration::ZERO));
    let claimed = world.claim().await;
    assert!(claimed.waited >= Duration::from_secs(1));
    assert!(world.store.claim(Uuid::new_v4(), LEASE, 5).await.unwrap().is_empty());
    let until = world.store.earliest_due().await.unwrap().unwrap();
    assert!(until > Duration::from_secs(86000), "{until:?}");
    world.store.release(claimed.lease).await.unwrap();
    assert_eq!(world.claim().await.lease.subscription, claimed.lease.subscription);
}

#[tokio::test]
async fn what_is_due_and_nobody_does_is_left() {
    let world = World::with_alice().await;
    let is_left = async || world.store.is_left(HOUR).await.unwrap();
    assert!(!is_left().await, "it is not due for so long");
    for lane in 0..3 {
        world.sql(&format!("UPDATE work SET lane = {lane}, due_at = now() - interval '2 hours'")).await;
        assert!(is_left().await, "lane {lane}");
    }
    let claimed = world.store.claim(Uuid::new_v4(), LEASE, 1).await.unwrap();
    assert!(claimed.len() == 1 && !is_left().await, "somebody works on it");
    world.sql("UPDATE work SET lease_until = now() - interval '1 second'").await;
    assert!(is_left().await, "who worked on it is gone");
}

#[tokio::test]
async fn a_lease_that_is_renewed_lasts_and_one_that_is_not_is_taken() {
    let world = World::with_tenant().await;
    let claimed = world.store.claim_one(Uuid::new_v4(), Duration::ZERO, TENANT).await.unwrap().unwrap();
    assert_eq!(world.store.renew(&[claimed.lease], HOUR).await.unwrap(), [claimed.lease]);
    assert!(world.store.claim_one(Uuid::new_v4(), LEASE, TENANT).await.unwrap().is_none());
    world.sql("UPDATE work SET lease_until = now()").await;
    let next = world.claim_one(TENANT).await;
    assert_eq!(world.store.renew(&[claimed.lease], HOUR).await.unwrap(), []);
    assert_eq!(world.store.renew(&[next.lease], HOUR).await.unwrap(), [next.lease]);
}

#[tokio::test]
async fn failures_are_counted_and_a_changed_wish_forgets_them() {
    let world = World::with_tenant().await;
    let fail = |report: &mut CycleReport| (report.result, report.seen) = (CycleResult::Failed, Seen::Nothing);
    world.cycle(fail).await;
    world.cycle(fail).await;
    assert_eq!(world.claim_one(TENANT).await.attempts, 2);
    world.sql("UPDATE work SET lease_until = NULL").await;
    world.desk.suspend_tenant(&ask(), TENANT, true).await.unwrap();
    let claimed = world.claim().await;
    assert_eq!((claimed.attempts, claimed.lane), (0, Lane::Change));
}

#[tokio::test]
async fn a_wish_during_a_cycle_is_looked_at_at_once_whatever_the_cycle_says() {
    let world = World::with_tenant().await;
    let claimed = world.claim_one(TENANT).await;
    let report = agreed(&world.case(&claimed).await);
    world.desk.suspend_tenant(&ask(), TENANT, true).await.unwrap();
    let next = Next { due_in: HOUR, lane: Lane::Sweep };
    assert!(world.store.record(claimed.lease, &report, next).await.unwrap().woken);
    let claimed = world.claim().await;
    assert_eq!((claimed.lease.subscription, claimed.lane), (TENANT, Lane::Change));
    let report = agreed(&world.case(&claimed).await);
    assert!(!world.store.record(claimed.lease, &report, next).await.unwrap().woken);
    assert!(world.store.claim(Uuid::new_v4(), LEASE, 1).await.unwrap().is_empty());
}

/// The clock is stepped back while a cycle runs: what was wished for since seems to be older than it.
#[tokio::test]
async fn a_wish_during_a_cycle_is_seen_whatever_the_clock_says() {
    let world = World::with_tenant().await;
    let claimed = world.claim_one(TENANT).await;
    let report = agreed(&world.case(&claimed).await);
    world.sql("UPDATE work SET begun_at = begun_at + interval '1 hour'").await;
    world.desk.suspend_tenant(&ask(), TENANT, true).await.unwrap();
    assert!(world.store.record(claimed.lease, &report, LATER).await.unwrap().woken);
    assert_eq!(world.claim().await.lane, Lane::Change);
}

#[tokio::test]
async fn a_wish_during_a_cycle_that_could_not_report_is_not_put_off_with_it() {
    let world = World::with_tenant().await;
    let claimed = world.claim_one(TENANT).await;
    world.desk.suspend_tenant(&ask(), TENANT, true).await.unwrap();
    world.store.put_off(claimed.lease, HOUR).await.unwrap();
    let claimed = world.claim().await;
    assert_eq!((claimed.lease.subscription, claimed.lane, claimed.attempts), (TENANT, Lane::Change, 0));
    world.store.put_off(claimed.lease, HOUR).await.unwrap();
    assert!(world.store.claim(Uuid::new_v4(), LEASE, 1).await.unwrap().is_empty());
    let claimed = world.claim_one(TENANT).await;
    assert_eq!((claimed.lane, claimed.attempts), (Lane::Change, 1), "somebody still waits");
}

/// The daemon runs, and Mozy answers nothing that it asks.
#[tokio::test]
async fn who_waits_for_fresh_numbers_hears_why_there_were_none() {
    let world = World::with_tenant().await;
    world.sql("INSERT INTO conditions (subscription_id, type, status, reason, message, since) \
        SELECT subscription_id, 'UsageFresh', false, 'VendorUnreachable', 'mozy asks to slow down', now() FROM work").await;
    let why = "mozy asks to slow down".to_owned();
    let wanted = world.store.refresh(TENANT).await.unwrap().unwrap();
    let freshness = async || world.store.freshness(TENANT, wanted).await.unwrap();
    assert_eq!(freshness().await, Freshness::Pending(Some(why.clone())), "the last time");
    world.store.put_off(world.claim().await.lease, HOUR).await.unwrap();
    assert_eq!(freshness().await, Freshness::Failed(why));
}

#[tokio::test]
async fn a_refresh_is_wanted_until_a_cycle_that_began_later_has_looked() {
    let world = World::with_tenant().await;
    let before = world.claim_one(TENANT).await;
    let report = agreed(&world.case(&before).await);
    let wanted = world.store.refresh(TENANT).await.unwrap().unwrap();
    world.store.record(before.lease, &report, LATER).await.unwrap();
    let freshness = async || world.store.freshness(TENANT, wanted).await.unwrap();
    assert_eq!(freshness().await, Freshness::Pending(None));
    let claimed = world.claim().await;
    assert!(claimed.refresh_wanted);
    let busy = "a daemon is looking at it just now".to_owned();
    assert_eq!(freshness().await, Freshness::Pending(Some(busy)));
    world.store.record(claimed.lease, &report, LATER).await.unwrap();
    assert_eq!(freshness().await, Freshness::Fresh);
    assert!(!world.claim_one(TENANT).await.refresh_wanted);
    assert!(world.store.refresh(SubscriptionId(Uuid::nil())).await.unwrap().is_none());
}

#[tokio::test]
async fn all_are_refreshed_in_their_lanes_and_nobody_is_left_out_of_the_queue() {
    let world = World::empty().await;
    tenants(&world, 1, 30, 2).await;
    world.sql("DELETE FROM work").await;
    assert_eq!(world.store.enqueue_missing(HOUR).await.unwrap(), 31);
    assert_eq!(world.store.enqueue_missing(HOUR).await.unwrap(), 0);
    let spread = "SELECT count(DISTINCT due_at) > 25, bool_and(due_at BETWEEN now() - interval '1 min' \
        AND now() + interval '1 hour'), max(due_at) - min(due_at) > interval '20 min' FROM work";
    assert_eq!(world.one(spread).await, "t|t|t");
    let places = "SELECT subscription_id, due_at - min(due_at) OVER () FROM work ORDER BY 1";
    let first = world.sql(places).await;
    world.sql("DELETE FROM work").await;
    world.store.enqueue_missing(HOUR).await.unwrap();
    assert_eq!(world.sql(places).await, first, "the same subscription has the same place");
    assert_eq!(world.store.refresh_all().await.unwrap(), 31);
    let claimed = world.store.claim(Uuid::new_v4(), LEASE, 100).await.unwrap();
    assert_eq!(claimed.len(), 31);
    // Nobody waits for one of them: machines, a call for each user's, are not read for it.
    assert!(claimed.iter().all(|one| !one.refresh_wanted && one.lane == Lane::Sweep));
}

#[tokio::test]
async fn a_claim_tells_whether_anything_was_begun_since_the_last_success() {
    let world = World::with_tenant().await;
    let first = world.claim_one(TENANT).await;
    world.store.record(first.lease, &agreed(&world.case(&first).await), LATER).await.unwrap();
    let second = world.claim_one(TENANT).await;
    assert_eq!(second.last_epoch, Some(first.lease.epoch));
    // It was stopped, and whatever it began may be under way.
    world.store.release(second.lease).await.unwrap();
    let third = world.claim_one(TENANT).await;
    assert_eq!(third.last_epoch, None);
    let failed = CycleReport::new(CycleResult::Failed, 0);
    world.store.record(third.lease, &failed, LATER).await.unwrap();
    assert_eq!(world.claim_one(TENANT).await.last_epoch, None);
}

/// What an hour back does to all times that are kept.
const AN_HOUR_BACK: &str = "UPDATE work SET due_at = due_at + interval '1 h', enqueued_at = enqueued_at + interval '1 h', \
        begun_at = begun_at + interval '1 h', last_attempt = last_attempt + interval '1 h', \
        last_success = last_success + interval '1 h', lease_until = lease_until + interval '1 h'; \
    UPDATE pushes SET due_at = due_at + interval '1 h'; \
    UPDATE steps SET intended_at = intended_at + interval '1 h', settled_at = settled_at + interval '1 h'; \
    UPDATE approvals SET approved_at = approved_at + interval '1 h', expires_at = expires_at + interval '1 h'";

#[tokio::test]
async fn a_clock_stepped_back_stops_nobody() {
    let world = World::empty().await;
    tenants(&world, 1, 30, 2).await;
    world.sql("UPDATE work SET due_at = now()").await;
    let before = world.claim_one(TENANT).await;
    let report = agreed(&world.case(&before).await);
    world.store.record(before.lease, &report, LATER).await.unwrap();
    let minute = Duration::from_secs(60);
    let held = world.claim().await;
    world.sql("UPDATE work SET last_attempt = now()").await;
    world.sql("INSERT INTO steps (subscription_id, epoch, kind, step, call) SELECT id, 1, '', '{}', '{}' FROM subscriptions LIMIT 1").await;
    const RELEASE: &str = "INSERT INTO approvals (subscription_id, class, hash, steps, expires_at) \
        SELECT id, 'delete', '', '[]', now() + interval '15 min' FROM subscriptions LIMIT 1";
    world.sql(RELEASE).await;
    assert!(world.store.round(minute).await.unwrap().tried);
    world.sql(AN_HOUR_BACK).await;
    assert!(!world.store.round(minute).await.unwrap().tried, "nobody knows how long ago they were seen");
    // Numbers that seem to come from the future are not those that somebody asks for now.
    let wanted = world.store.refresh(TENANT).await.unwrap().unwrap();
    assert_eq!(world.store.freshness(TENANT, wanted).await.unwrap(), Freshness::Pending(None));
    let far = "SELECT count(*) FROM work WHERE due_at > now() + interval '1 min'";
    assert_eq!(world.one(far).await, "30");
    world.store.pull_in(minute, LEASE).await.unwrap();
    assert_eq!(world.one(far).await, "0");
    assert_eq!(world.one("SELECT count(DISTINCT due_at) > 25 FROM work").await, "t", "and they are spread");
    assert_eq!(world.one("SELECT count(*) FROM pushes WHERE due_at > now() + interval '1 min'").await, "0");
    let soon = "SELECT max(intended_at) <= now(), max(expires_at) <= now() + interval '15 min' FROM steps, approvals";
    assert_eq!(world.one(soon).await, "t|t", "a doubt is not one for longer, nor a release good");
    // The lease is not taken from who may be at work, but it runs out when he is not.
    let id = held.lease.subscription;
    assert!(world.store.claim_one(Uuid::new_v4(), LEASE, id).await.unwrap().is_none());
    let lasts = "SELECT max(lease_until) <= now() + interval '30 s' FROM work";
    assert_eq!(world.one(lasts).await, "t");
    assert_eq!(world.store.pull_in(minute, LEASE).await.unwrap(), 0);
}
