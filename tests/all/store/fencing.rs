//! Every write names its lease, and an older one than the newest is refused everywhere and leaves no trace.

use std::time::Duration;

use mozyd::domain::*;
use mozyd::plan::{Action, Call, Step, Subject, Why};
use mozyd::ports::desk::*;
use mozyd::ports::ledger::{Binding, Lease, Memory, Outcome};
use mozyd::ports::{Ledger, LedgerError};
use mozyd::store::StoreError;
use uuid::Uuid;

use super::world::*;

fn step() -> Step {
    let action = Action::CreateUser {
        login: "alice@a.example".into(),
        full_name: "Alice".into(),
        place: mozyd::plan::Place::Home,
    };
    Step { subject: Subject::User(ALICE), action, why: Why::Missing }
}

fn call() -> Call {
    let (login, full_name) = ("alice@a.example".into(), "Alice".into());
    Call::CreateUser { group: MozyGroupId(40), login, full_name, number: SubscriptionNumber(1000017) }
}

/// Takes a lease that runs out at once, and then the one that follows it.
async fn two_leases(world: &World) -> (Lease, Lease) {
    let stale = world.store.claim_one(Uuid::new_v4(), Duration::ZERO, TENANT).await.unwrap().unwrap().lease;
    let fresh = world.claim_one(TENANT).await.lease;
    assert!(fresh.epoch > stale.epoch);
    (stale, fresh)
}

#[tokio::test]
async fn an_old_lease_is_refused_everywhere() {
    let world = World::with_alice().await;
    let (stale, fresh) = two_leases(&world).await;
    let case = world.store.load_case(fresh, MEMORY).await.unwrap();
    let id = world.store.intend(fresh, &step(), &call()).await.unwrap();
    let trace = "SELECT xmin, id, outcome FROM steps UNION ALL SELECT xmin, 0, lease_epoch::text FROM work \
        UNION ALL SELECT xmin, mozy_id, login FROM users";
    let before = world.sql(trace).await;
    let lost = |error: StoreError| assert!(matches!(error, StoreError::LeaseLost(TENANT)), "{error:?}");
    let ledger_lost = |error| assert!(matches!(error, LedgerError::LeaseLost(TENANT)), "{error:?}");
    lost(world.store.load_case(stale, MEMORY).await.unwrap_err());
    ledger_lost(world.store.intend(stale, &step(), &call()).await.unwrap_err());
    let bindings = [Binding::User(ALICE, Some(MozyUserId(9)))];
    ledger_lost(world.store.settle(stale, id, &Outcome::Done, &bindings).await.unwrap_err());
    lost(world.store.record(stale, &agreed(&case), LATER).await.unwrap_err());
    world.store.release(stale).await.unwrap();
    assert_eq!(world.store.renew(&[stale, fresh], LEASE).await.unwrap(), [fresh]);
    let after = world.sql(trace).await;
    assert_eq!(after[..1], before[..1]);
    assert_eq!(after[2..], before[2..]);
    world.store.settle(fresh, id, &Outcome::Done, &bindings).await.unwrap();
    world.store.record(fresh, &agreed(&case), LATER).await.unwrap();
    assert_eq!(world.desired().await.users[0].mozy_id, Some(MozyUserId(9)));
}

#[tokio::test]
async fn nothing_is_begun_when_the_lease_has_run_out() {
    let world = World::with_alice().await;
    let ended = world.store.claim_one(Uuid::new_v4(), Duration::ZERO, TENANT).await.unwrap().unwrap().lease;
    let lost = world.store.intend(ended, &step(), &call()).await;
    assert!(matches!(lost, Err(LedgerError::LeaseLost(_))));
}

/// Whoever decided to remove something must not begin once it is wished for again.
#[tokio::test]
async fn what_is_wished_for_again_is_not_removed_by_a_cycle_that_saw_it_go() {
    let world = World::with_alice().await;
    let delete = Step { subject: Subject::User(ALICE), action: Action::DeleteUser, why: Why::Removed };
    let lost = async |lease| {
        let begun = world.store.intend(lease, &delete, &Call::DeleteUser { id: MozyUserId(1) }).await;
        matches!(begun, Err(LedgerError::LeaseLost(_)))
    };
    world.desk.remove_user(&ask(), ALICE).await.unwrap();
    let lease = world.claim_one(TENANT).await.lease;
    world.desk.add_licence(&ask(), licence(KEY, ALICE, 5)).await.unwrap_err();
    assert!(!lost(lease).await, "she is still to go");
    world.desk.add_user(&ask(), user(ALICE, "alice@a.example")).await.unwrap();
    assert!(lost(lease).await);
    world.desk.remove_tenant(&ask(), TENANT).await.unwrap();
    let lease = world.claim_one(TENANT).await.lease;
    world.desk.order(&ask(), order()).await.unwrap();
    assert!(lost(lease).await);
}

#[tokio::test]
async fn what_happened_is_told_also_when_the_lease_has_run_out_meanwhile() {
    let world = World::with_alice().await;
    let lease = world.claim_one(TENANT).await.lease;
    let id = world.store.intend(lease, &step(), &call()).await.unwrap();
    world.sql("UPDATE work SET lease_until = now()").await;
    world.store.settle(lease, id, &Outcome::Done, &[]).await.unwrap();
    assert_eq!(world.one("SELECT outcome FROM steps").await, "done");
}

#[tokio::test]
async fn a_step_in_flight_is_found_by_whoever_claims_next() {
    let world = World::with_alice().await;
    let lease = world.claim_one(TENANT).await.lease;
    let id = world.store.intend(lease, &step(), &call()).await.unwrap();
    assert!(world.store.doubts().await.unwrap().is_empty(), "it is in flight, and its lease is in force");
    world.store.release(lease).await.unwrap();
    let doubts = world.store.doubts().await.unwrap();
    assert_eq!((doubts.len(), doubts[0].id, &doubts[0].step), (1, id, &step()));
    let next = world.claim_one(TENANT).await;
    let entries = world.case(&next).await.entries;
    assert_eq!((entries.len(), entries[0].outcome.clone()), (1, None));
    assert_eq!((&entries[0].step, &entries[0].call), (&step(), &call()));
    let doubt = Outcome::InDoubt("no answer".into());
    world.store.settle(next.lease, id, &doubt, &[]).await.unwrap();
    assert_eq!(world.case(&next).await.entries[0].outcome, Some(doubt));
    // Looked up: a later word replaces a doubt, but nothing replaces an outcome.
    world.store.settle(next.lease, id, &Outcome::Done, &[]).await.unwrap();
    world.store.settle(next.lease, id, &Outcome::NotDone("late".into()), &[]).await.unwrap();
    assert_eq!(world.case(&next).await.entries[0].outcome, Some(Outcome::Done));
    let none = Memory { settle: Duration::ZERO, flaps: Duration::ZERO };
    let settled = world.store.load_case(next.lease, none).await.unwrap();
    assert!(settled.entries.is_empty(), "what was done longer ago than is remembered is past");
}

/// However often a thing was changed of late, a cycle reads a few of the changes that show by now; and all that may not.
#[tokio::test]
async fn of_what_was_done_often_the_last_few_are_read() {
    let world = World::with_alice().await;
    let lease = world.claim_one(TENANT).await.lease;
    let done = async |step: &Step| {
        let id = world.store.intend(lease, step, &call()).await.unwrap();
        world.store.settle(lease, id, &Outcome::Done, &[]).await.unwrap();
        id
    };
    let other = Step { subject: Subject::Account, ..step() };
    let first = done(&other).await;
    let mut all = Vec::new();
    for _ in 0..9 {
        all.push(done(&step()).await);
    }
    let read = async || -> Vec<StepId> {
        let case = world.store.load_case(lease, MEMORY).await.unwrap();
        case.entries.iter().map(|entry| entry.id).collect()
    };
    assert_eq!(read().await, [&[first], &all[..]].concat());
    world.sql("UPDATE steps SET settled_at = settled_at - interval '2 minutes'").await;
    assert_eq!(read().await, [&[first], &all[5..]].concat());
    all.push(done(&step()).await);
    assert_eq!(read().await, [&[first], &all[6..]].concat());
    world.sql("UPDATE steps SET settled_at = settled_at - interval '2 hours'").await;
    assert!(read().await.is_empty());
}

/// The settle time of a doubt counts from when its answer was given up, however long that was after the intent.
#[tokio::test]
async fn a_doubt_is_as_old_as_its_outcome_and_a_step_in_flight_as_its_intent() {
    let world = World::with_alice().await;
    let lease = world.claim_one(TENANT).await.lease;
    let age = async || {
        let case = world.store.load_case(lease, MEMORY).await.unwrap();
        (chrono::Utc::now() - case.entries[0].at).num_minutes()
    };
    let id = world.store.intend(lease, &step(), &call()).await.unwrap();
    world.sql("UPDATE steps SET intended_at = intended_at - interval '10 minutes'").await;
    assert_eq!(age().await, 10);
    world.store.settle(lease, id, &Outcome::InDoubt("no answer".into()), &[]).await.unwrap();
    assert_eq!(age().await, 0);
    // One that an older version wrote has no such time.
    world.sql("UPDATE steps SET settled_at = NULL").await;
    assert_eq!(age().await, 10);
}

/// A worker that is slow to commit its step is waited for: the one who claims next sees the step.
#[tokio::test]
async fn a_claim_does_not_pass_a_step_that_is_being_written() {
    let world = World::with_alice().await;
    let lease = world.claim_one(TENANT).await.lease;
    world.sql("UPDATE work SET lease_until = now()").await;
    let (client, connection) = tokio_postgres::connect(&world.db.url(), tokio_postgres::NoTls).await.unwrap();
    let driven = tokio::spawn(connection);
    // As `intend` does, which began just before the lease ran out; but not committed yet.
    let half = format!("BEGIN; SELECT 1 FROM work WHERE lease_epoch = {} FOR SHARE", lease.epoch);
    client.batch_execute(&half).await.unwrap();
    assert!(world.store.claim_one(Uuid::new_v4(), LEASE, TENANT).await.unwrap().is_none());
    client.batch_execute("COMMIT").await.unwrap();
    drop(client);
    driven.await.unwrap().unwrap();
    assert!(world.claim_one(TENANT).await.lease.epoch > lease.epoch);
}
