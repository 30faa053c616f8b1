//! Two transactions at one moment: whoever waits for the other's lock decides by what that one has written.

use std::time::Duration;

use mozyd::ports::desk::*;
use mozyd::store::Lane;
use uuid::Uuid;

use super::queue::tenants;
use super::world::*;

const DAY: Duration = Duration::from_secs(86400);

/// The tenant has been gone for a hundred days.
async fn long_gone() -> World {
    let world = World::with_alice().await;
    for table in ["subscriptions", "users", "licences"] {
        let long_ago = "removed_at = now() - interval '100 d', gone_at = now() - interval '100 d'";
        world.sql(&format!("UPDATE {table} SET {long_ago}")).await;
    }
    world
}

const ORDERED_AGAIN: &str = "UPDATE subscriptions SET removed_at = NULL, gone_at = NULL; \
    UPDATE users SET removed_at = NULL, gone_at = NULL; UPDATE licences SET removed_at = NULL, gone_at = NULL";

const LEFT: &str = "SELECT (SELECT count(*) FROM subscriptions), (SELECT count(*) FROM users), \
    (SELECT count(*) FROM licences)";

#[tokio::test]
async fn what_is_ordered_again_while_it_is_tidied_away_stays() {
    let world = long_gone().await;
    world.during(ORDERED_AGAIN, world.store.tidy(DAY * 90)).await.unwrap();
    assert_eq!(world.one(LEFT).await, "1|1|1");
    let world = long_gone().await;
    world.store.tidy(DAY * 90).await.unwrap();
    assert_eq!(world.one(LEFT).await, "0|0|0");
}

#[tokio::test]
async fn an_instance_through_which_somebody_orders_again_stays() {
    let world = long_gone().await;
    let refused = world.during(ORDERED_AGAIN, world.desk.uninstall(INSTANCE)).await;
    assert!(matches!(refused, Err(DeskError::Refused { .. })), "{refused:?}");
    assert_eq!(world.one(LEFT).await, "1|1|1");
    assert!(world.desk.instance(INSTANCE).await.unwrap().is_some());
}

#[tokio::test]
async fn who_is_being_looked_at_is_looked_at_again_when_all_are_refreshed() {
    let world = World::with_tenant().await;
    let (lease, report) = world.sweep().await;
    assert_eq!(world.store.refresh_all().await.unwrap(), 1);
    world.store.record(lease, &report, LATER).await.unwrap();
    assert_eq!(
        world.claim().await.lease.subscription,
        TENANT,
        "its numbers are older than the wish for new ones"
    );
}

/// The tenant waits for longer than all others, in the first lane.
const DUE_LONGEST: &str =
    "UPDATE work SET lane = 0, due_at = now() - interval '1 h' WHERE due_at > now() + interval '1 h'";

/// Else those that are looked at whenever all are refreshed would leave no place for the others.
#[tokio::test]
async fn who_is_looked_at_again_goes_behind_all_that_wait() {
    let world = World::empty().await;
    tenants(&world, 1, 2, 2).await;
    // By a person's change, which its cycle then sees to.
    world.sql(DUE_LONGEST).await;
    let claimed = world.claim().await;
    assert_eq!((claimed.lease.subscription, claimed.lane), (TENANT, Lane::Change));
    let report = agreed(&world.case(&claimed).await);
    world.store.refresh_all().await.unwrap();
    world.store.recall().await.unwrap();
    world.store.record(claimed.lease, &report, LATER).await.unwrap();
    let mut claimed = Vec::new();
    for _ in 0..3 {
        claimed.push(world.claim().await);
    }
    assert_eq!(claimed.last().unwrap().lease.subscription, TENANT);
    assert!(claimed.iter().all(|one| one.lane == Lane::Sweep), "{claimed:?}");
}

/// A daemon that is gone holds it no more: it waits like others, and for longer than they do.
#[tokio::test]
async fn whose_lease_ran_out_keeps_its_place_when_all_are_refreshed() {
    let world = World::empty().await;
    tenants(&world, 1, 2, 2).await;
    world.sql("UPDATE work SET due_at = now() - interval '1 h' WHERE due_at > now()").await;
    let left = world.claim().await;
    assert_eq!(left.lease.subscription, TENANT);
    world.sql("UPDATE work SET lease_until = now() - interval '1 s' WHERE lease_owner IS NOT NULL").await;
    world.store.refresh_all().await.unwrap();
    assert_eq!(world.claim().await.lease.subscription, TENANT);
}

#[tokio::test]
async fn when_mozy_is_back_they_go_first_for_whom_somebody_waits() {
    let world = World::empty().await;
    tenants(&world, 1, 2, 1).await;
    world.sql("UPDATE work SET due_at = now() + interval '1 h', lane = CASE WHEN due_at > now() THEN 0 ELSE 1 END").await;
    world.sql("INSERT INTO conditions (subscription_id, type, status, reason, message, since) \
        SELECT subscription_id, 'UsageFresh', false, 'VendorUnreachable', '', now() FROM work ON CONFLICT DO NOTHING").await;
    world.store.recall().await.unwrap();
    let claimed = world.store.claim(Uuid::new_v4(), LEASE, 3).await.unwrap();
    let (first, lanes) = (&claimed[0], claimed.iter().map(|one| one.lane).collect::<Vec<_>>());
    assert_eq!((first.lease.subscription, lanes), (TENANT, vec![Lane::Change, Lane::Retry, Lane::Retry]));
}

#[tokio::test]
async fn who_is_woken_again_while_it_waits_keeps_its_place() {
    let world = World::empty().await;
    tenants(&world, 1, 1, 0).await;
    world.sql(DUE_LONGEST).await;
    world.desk.suspend_tenant(&ask(), TENANT, true).await.unwrap();
    assert_eq!(world.claim().await.lease.subscription, TENANT);
}

#[tokio::test]
async fn a_mark_that_is_owed_anew_while_it_is_struck_off_is_due_now() {
    let world = super::record::bound().await;
    let taken = world.store.due_pushes(INSTANCE, 100, HOUR).await.unwrap();
    let first = taken.first().unwrap();
    let owed_anew = "UPDATE pushes SET owed_at = clock_timestamp()";
    world.during(owed_anew, world.store.push_done(first.thing, first.owed_at)).await.unwrap();
    let due = world.store.due_pushes(INSTANCE, 100, HOUR).await.unwrap();
    assert_eq!(due.iter().map(|push| push.thing).collect::<Vec<_>>(), [first.thing]);
}
