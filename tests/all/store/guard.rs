//! The guard counts over all daemons: what was done just before, and what others are about to do.

use std::collections::BTreeMap;
use std::time::Duration;

use mozyd::domain::*;
use mozyd::plan::guard::{Ask, Bundle, Excess, Held, Limit, Scope, Weight};
use mozyd::plan::{Action, Call, Class, Limits, Step, Subject, Why};
use mozyd::ports::ledger::{Lease, Outcome};
use mozyd::ports::report::HeldPlan;
use mozyd::ports::{Ledger, LedgerError};
use uuid::Uuid;

use super::world::*;

const SPAN: Duration = Duration::from_secs(900);

fn user_of(nth: u128) -> Subject {
    Subject::User(UserId(Uuid::from_u128(0x9000 + nth)))
}

fn delete(subject: Subject) -> Step {
    let action = if subject == Subject::Account { Action::DeletePartner } else { Action::DeleteUser };
    Step { subject, action, why: Why::Removed }
}

/// Deletes of so many users.
fn users(from: u128, number: u128) -> Vec<Step> {
    (from..from + number).map(|nth| delete(user_of(nth))).collect()
}

fn ask(size: Option<i64>, steps: Vec<Step>) -> Ask {
    let mut weight = Weight::default();
    for one in steps.iter().map(Weight::of) {
        (weight.things, weight.accounts) = (weight.things + one.things, weight.accounts + one.accounts);
    }
    let hash = format!("{:?}", steps.iter().map(|step| step.subject.to_string()).collect::<Vec<_>>());
    Ask { size, bundles: vec![Bundle { class: Class::Delete, weight, hash, steps }] }
}

fn limits(percent: i64, min: i64) -> Limits {
    Limits(BTreeMap::from([(Class::Delete, Limit { percent, min })]))
}

/// So many subscriptions, of which the first is the tenant; none is held.
async fn world(number: usize) -> World {
    let world = World::with_tenant().await;
    let more = format!(
        "INSERT INTO subscriptions (id, instance_id, number, account_id, model, company, admin_email, admin_name, \
            sync_available) SELECT ('00000000-0000-0000-0001-' || lpad(n::text, 12, '0'))::uuid, instance_id, n, \
            account_id, model, company, admin_email, admin_name, sync_available \
            FROM subscriptions, generate_series(2, {number}) n; \
        INSERT INTO work (subscription_id, lane, due_at, enqueued_at) SELECT id, 2, now(), now() FROM subscriptions \
            ON CONFLICT DO NOTHING"
    );
    world.sql(&more).await;
    world
}

fn nth(number: u128) -> SubscriptionId {
    SubscriptionId(Uuid::parse_str(&format!("00000000-0000-0000-0001-{number:012}")).unwrap())
}

async fn lease(world: &World, id: SubscriptionId) -> Lease {
    world.claim_one(id).await.lease
}

async fn admitted(world: &World, lease: Lease, ask: &Ask, limits: &Limits) -> Option<Excess> {
    world.store.admit(lease, ask, limits).await.unwrap().remove(&Class::Delete)
}

async fn done(world: &World, lease: Lease, step: &Step) {
    let id = world.store.intend(lease, step, &Call::DeleteUser { id: MozyUserId(1) }).await.unwrap();
    world.store.settle(lease, id, &Outcome::Done, &[]).await.unwrap();
}

async fn hold(world: &World, ask: &Ask) {
    let excess = Excess { scope: Scope::Account, asked: 2, spent: 0, limit: 1 };
    let held = Held { bundle: ask.bundles[0].clone(), excess };
    let plan = HeldPlan { held, texts: vec!["delete user x".into()] };
    world.cycle(|report| report.held = Some(vec![plan])).await;
}

#[tokio::test]
async fn small_portions_are_counted_together() {
    let world = world(1).await;
    let lease = lease(&world, TENANT).await;
    let seven = ask(Some(20), users(0, 7));
    assert_eq!(admitted(&world, lease, &seven, &limits(5, 10)).await, None);
    for step in &seven.bundles[0].steps {
        done(&world, lease, step).await;
    }
    let again = ask(Some(20), users(7, 7));
    let excess = admitted(&world, lease, &again, &limits(5, 10)).await.unwrap();
    assert_eq!((excess.scope, excess.asked, excess.spent, excess.limit), (Scope::Account, 7, 7, 10));
    assert_eq!(admitted(&world, lease, &ask(Some(20), users(7, 3)), &limits(5, 10)).await, None);
    world.sql("UPDATE steps SET intended_at = now() - interval '121 s'").await;
    assert_eq!(admitted(&world, lease, &again, &limits(5, 10)).await, None, "later it goes");
}

#[tokio::test]
async fn what_did_not_happen_is_not_counted_and_what_may_have_is() {
    let world = world(1).await;
    let lease = lease(&world, TENANT).await;
    let call = Call::DeleteUser { id: MozyUserId(1) };
    for (outcome, counts) in [
        (Outcome::Rejected("no".into()), false),
        (Outcome::NotDone("no".into()), false),
        (Outcome::InDoubt("who knows".into()), true),
    ] {
        let id = world.store.intend(lease, &delete(user_of(0)), &call).await.unwrap();
        world.store.settle(lease, id, &outcome, &[]).await.unwrap();
        let past = admitted(&world, lease, &ask(Some(1), users(1, 1)), &limits(0, 1)).await;
        assert_eq!(past.is_some(), counts, "{outcome:?}");
    }
}

#[tokio::test]
async fn twelve_of_twenty_subscriptions_are_past_the_limit_over_all() {
    let world = world(20).await;
    world.sql(&format!(
        "INSERT INTO users (id, subscription_id, service_user_id, login, display_name, generation) \
         SELECT gen_random_uuid(), '{TENANT}', gen_random_uuid(), 'u' || n, 'u', 1 FROM generate_series(1, 1000) n"
    ))
    .await;
    let mut held = Vec::new();
    for number in 2..14 {
        let lease = lease(&world, nth(number)).await;
        let end = ask(None, vec![delete(Subject::Account)]);
        match admitted(&world, lease, &end, &limits(5, 10)).await {
            None => done(&world, lease, &end.bundles[0].steps[0]).await,
            Some(excess) => held.push(excess),
        }
        world.store.release(lease).await.unwrap();
    }
    let past = Excess { scope: Scope::Accounts, asked: 1, spent: 10, limit: 10 };
    assert_eq!(held, [past, past], "ten go, two wait");
    // A single ordinary removal of a user goes all the same: 5 % of all there is are 51.
    let lease = lease(&world, TENANT).await;
    assert_eq!(admitted(&world, lease, &ask(Some(5), users(0, 1)), &limits(5, 10)).await, None);
}

#[tokio::test]
async fn the_users_of_an_account_that_goes_are_not_counted() {
    let world = world(2).await;
    world.sql(&format!("UPDATE subscriptions SET removed_at = now() WHERE id = '{}'", nth(2))).await;
    let lease = lease(&world, nth(2)).await;
    assert_eq!(
        admitted(&world, lease, &ask(None, vec![delete(Subject::Account)]), &limits(0, 5)).await,
        None
    );
    for step in users(0, 4).iter().chain([&delete(Subject::Account)]) {
        done(&world, lease, step).await;
    }
    let counted = world.store.counted(TENANT).await.unwrap();
    assert_eq!(counted.all[&Class::Delete], Weight { things: 0, accounts: 1 });
    assert_eq!(counted.account.get(&Class::Delete), Some(&Weight::default()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn daemons_that_ask_at_once_do_not_spend_the_same_twice() {
    let world = world(20).await;
    let mut leases = Vec::new();
    for number in 2..=20 {
        leases.push(lease(&world, nth(number)).await);
    }
    let one = ask(Some(100), users(0, 2));
    let (limits, one, world) = (&limits(0, 10), &one, &world);
    let all = futures_util::future::join_all(leases.iter().map(|lease| admitted(world, *lease, one, limits)));
    let through = all.await.into_iter().filter(Option::is_none).count();
    assert_eq!(through, 5, "two each, ten in all");
    // What was admitted and never begun is free again once its lease is given back.
    for lease in &leases {
        world.store.release(*lease).await.unwrap();
    }
    let next = lease(world, TENANT).await;
    assert_eq!(admitted(world, next, &ask(Some(100), users(0, 10)), limits).await, None);
}

#[tokio::test]
async fn what_was_begun_is_counted_once() {
    let world = world(3).await;
    let (one, other) = (lease(&world, nth(2)).await, lease(&world, nth(3)).await);
    let three = ask(Some(100), users(0, 3));
    assert_eq!(admitted(&world, one, &three, &limits(0, 10)).await, None);
    done(&world, one, &three.bundles[0].steps[0]).await;
    let excess = admitted(&world, other, &ask(Some(100), users(0, 8)), &limits(0, 10)).await.unwrap();
    assert_eq!((excess.scope, excess.spent), (Scope::All, 3));
}

#[tokio::test]
async fn an_old_lease_is_admitted_to_nothing() {
    let world = world(1).await;
    let stale = world.store.claim_one(Uuid::new_v4(), Duration::ZERO, TENANT).await.unwrap().unwrap().lease;
    lease(&world, TENANT).await;
    let lost = world.store.admit(stale, &ask(Some(9), users(0, 1)), &limits(0, 10)).await;
    assert!(matches!(lost, Err(LedgerError::LeaseLost(TENANT))), "{lost:?}");
}

#[tokio::test]
async fn a_release_is_of_exactly_that_plan_and_each_step_goes_once() {
    let world = world(1).await;
    let (strict, two) = (limits(0, 1), ask(Some(9), users(0, 2)));
    let hash = &two.bundles[0].hash;
    assert_eq!(world.store.approve(hash, SPAN, "a test").await.unwrap(), None, "it is not held yet");
    hold(&world, &two).await;
    assert_eq!(world.store.gauges().await.unwrap().held, [("delete".to_owned(), 1)]);
    assert_eq!(world.store.held(None).await.unwrap()[0].json()["hash"], hash.as_str());
    let approved = world.store.approve(hash, SPAN, "a test").await.unwrap().unwrap();
    assert_eq!((approved.id, approved.steps, approved.paused), (TENANT.0, 2, false));
    world.store.pause(TENANT, "a test").await.unwrap();
    assert!(world.store.approve(hash, SPAN, "a test").await.unwrap().unwrap().paused);
    world.store.resume(TENANT, "a test").await.unwrap();
    assert!(world.store.counted(TENANT).await.unwrap().approved.contains(hash));
    let lease = lease(&world, TENANT).await;
    for other in [users(0, 3), users(1, 2)] {
        assert!(admitted(&world, lease, &ask(Some(9), other), &strict).await.is_some(), "another plan");
    }
    assert_eq!(admitted(&world, lease, &two, &strict).await, None);
    done(&world, lease, &two.bundles[0].steps[0]).await;
    // The daemon died half-way: what is left goes on, what was done does not come again, and nothing else goes along.
    assert!(admitted(&world, lease, &two, &strict).await.is_some());
    assert!(admitted(&world, lease, &ask(Some(9), users(5, 2)), &strict).await.is_some());
    let left = ask(Some(9), users(1, 1));
    assert_eq!(admitted(&world, lease, &left, &strict).await, None);
    // Said again while it is under way, it is the same release.
    assert!(world.store.approve(hash, SPAN, "a test").await.unwrap().is_some());
    assert!(world.store.counted(TENANT).await.unwrap().approved.is_empty(), "it is not to be had once more");
    assert_eq!(admitted(&world, lease, &left, &strict).await, None);
    done(&world, lease, &left.bundles[0].steps[0]).await;
    assert!(admitted(&world, lease, &left, &strict).await.is_some());
}

#[tokio::test]
async fn what_is_held_stays_held_and_what_was_released_counts_no_more() {
    let world = world(1).await;
    let two = ask(Some(9), users(0, 2));
    hold(&world, &two).await;
    let one = lease(&world, TENANT).await;
    let excess = admitted(&world, one, &ask(Some(9), users(0, 3)), &limits(0, 10)).await.unwrap();
    assert_eq!((excess.asked, excess.limit), (3, 1), "also once nothing else counts any more");
    let end = ask(None, vec![delete(Subject::Account)]);
    assert_eq!(admitted(&world, one, &end, &limits(0, 10)).await, None, "but whoever goes himself may go");
    world.store.approve(&two.bundles[0].hash, SPAN, "a test").await.unwrap().unwrap();
    assert_eq!(admitted(&world, one, &two, &limits(0, 1)).await, None);
    for step in &two.bundles[0].steps {
        done(&world, one, step).await;
    }
    world.store.release(one).await.unwrap();
    world.cycle(|report| report.held = Some(Vec::new())).await;
    let next = lease(&world, TENANT).await;
    assert_eq!(admitted(&world, next, &ask(Some(9), users(5, 1)), &limits(0, 1)).await, None);
}

/// A broken OSA removes all accounts, and Mozy is slow: nothing has been done of late whenever one of them is asked about.
#[tokio::test]
async fn a_flood_is_told_by_when_it_was_wished_however_slow_we_are() {
    let world = world(20).await;
    let removed = |within: &str| {
        format!(
            "UPDATE subscriptions SET removed_at = now() - interval '1 hour' + number % 1000 * interval '{within}' \
                WHERE id <> '{}'",
            TENANT.0
        )
    };
    let end = ask(None, vec![delete(Subject::Account)]);
    let held = async |number| {
        let lease = lease(&world, nth(number)).await;
        admitted(&world, lease, &end, &limits(5, 10)).await.map(|excess| excess.spent)
    };
    world.sql(&removed("1 s")).await;
    assert_eq!(held(10).await, None, "eight before it");
    assert_eq!(held(12).await, Some(10));
    assert_eq!(held(20).await, Some(18));
    world.sql("DELETE FROM reservations; UPDATE work SET lease_owner = NULL, lease_until = NULL").await;
    world.sql(&removed("5 s")).await;
    assert_eq!(held(20).await, None, "one by one is no flood");
}

/// The guard asks under the lease, and only then takes what was released.
#[tokio::test]
async fn a_cycle_and_who_releases_its_plan_once_more_do_not_wait_for_each_other() {
    let world = world(1).await;
    let two = ask(Some(9), users(0, 2));
    hold(&world, &two).await;
    let approve = || world.store.approve(&two.bundles[0].hash, SPAN, "a test");
    approve().await.unwrap().unwrap();
    let (held, taken) = ("SELECT FROM work FOR SHARE", "UPDATE approvals SET used_at = now()");
    assert!(world.between(held, taken, approve()).await.unwrap().is_some());
}

#[tokio::test]
async fn a_release_runs_out() {
    let world = world(1).await;
    let two = ask(Some(9), users(0, 2));
    hold(&world, &two).await;
    world.store.approve(&two.bundles[0].hash, Duration::ZERO, "a test").await.unwrap().unwrap();
    let lease = lease(&world, TENANT).await;
    assert!(admitted(&world, lease, &two, &limits(0, 1)).await.is_some());
}

#[tokio::test]
async fn since_when_it_is_held_moves_only_with_the_plan() {
    let world = world(1).await;
    hold(&world, &ask(Some(9), users(0, 2))).await;
    let first = world.one("SELECT hash, since, xmin FROM held").await;
    hold(&world, &ask(Some(9), users(0, 2))).await;
    assert_eq!(world.one("SELECT hash, since, xmin FROM held").await, first);
    hold(&world, &ask(Some(9), users(0, 3))).await;
    assert_ne!(world.one("SELECT hash, since, xmin FROM held").await, first);
    world.cycle(|report| report.held = None).await;
    assert_eq!(world.store.held(Some(TENANT)).await.unwrap().len(), 1, "it could not look");
    world.cycle(|report| report.held = Some(Vec::new())).await;
    assert!(world.store.held(None).await.unwrap().is_empty());
}
