//! What operators decide by hand: doubts closed, subscriptions forgotten, unmanaged things adopted. Each is fenced against
//! whoever is at work, and leaves an event.

use std::time::Duration;

use mozyd::domain::*;
use mozyd::plan::{Action, Call, Step, Subject, Why};
use mozyd::ports::desk::*;
use mozyd::ports::ledger::{Binding, Lease, Outcome};
use mozyd::ports::report::Unmanaged;
use mozyd::ports::{Ledger, LedgerError};
use mozyd::store::{Closed, Forgotten, StoreError};
use uuid::Uuid;

use super::world::*;

async fn in_doubt(world: &World, lease: Lease) -> StepId {
    let step = Step { subject: Subject::User(ALICE), action: Action::DeleteUser, why: Why::Removed };
    let id = world.store.intend(lease, &step, &Call::DeleteUser { id: MozyUserId(1) }).await.unwrap();
    world.store.settle(lease, id, &Outcome::InDoubt("cut".into()), &[]).await.unwrap();
    id
}

async fn last_event(world: &World) -> String {
    world.one("SELECT kind || ' ' || message FROM events ORDER BY id DESC LIMIT 1").await
}

#[tokio::test]
async fn a_doubt_is_closed_by_hand_and_whoever_had_a_lease_has_it_no_more() {
    for (done, outcome) in [(true, "done"), (false, "not_done")] {
        let world = World::with_alice().await;
        let lease = world.claim_one(TENANT).await.lease;
        let id = in_doubt(&world, lease).await;
        assert_eq!(world.store.close_doubt(id, done, "by eve: seen").await.unwrap(), Closed::Busy(TENANT));
        assert_eq!(world.store.doubts().await.unwrap()[0].number, 1000017);
        // Its holder is frozen: the lease ran out, and nobody has taken it yet.
        world.sql("UPDATE work SET lease_until = now()").await;
        assert_eq!(world.store.close_doubt(id, done, "by eve: seen").await.unwrap(), Closed::Done(TENANT));
        assert_eq!(
            world.one("SELECT outcome || ' ' || detail FROM steps").await,
            format!("{outcome} by eve: seen")
        );
        assert!(last_event(&world).await.contains(&format!("closed as {outcome} by hand: by eve: seen")));
        assert!(world.store.doubts().await.unwrap().is_empty());
        let late = world.store.settle(lease, id, &Outcome::NotDone("late".into()), &[]).await;
        assert!(matches!(late, Err(LedgerError::LeaseLost(TENANT))), "{late:?}");
        assert_eq!(world.store.close_doubt(id, done, "again").await.unwrap(), Closed::NotInDoubt);
        assert_eq!(world.claim().await.lease.subscription, TENANT, "it is looked at now");
    }
    let world = World::with_tenant().await;
    assert_eq!(world.store.close_doubt(StepId(7), true, "x").await.unwrap(), Closed::NotInDoubt);
}

#[tokio::test]
async fn a_subscription_is_forgotten_and_only_the_event_stays() {
    let world = World::with_alice().await;
    let lease = world.claim_one(TENANT).await.lease;
    assert_eq!(world.store.forget(TENANT, "x").await.unwrap(), Forgotten::Busy);
    let id = in_doubt(&world, lease).await;
    world.store.release(lease).await.unwrap();
    assert_eq!(world.store.forget(TENANT, "x").await.unwrap(), Forgotten::InDoubt);
    assert!(world.store.snapshot(TENANT).await.unwrap().is_some());
    world.store.close_doubt(id, false, "x").await.unwrap();
    assert_eq!(world.store.forget(TENANT, "by eve: sold").await.unwrap(), Forgotten::Done);
    let left = "SELECT (SELECT count(*) FROM subscriptions) + (SELECT count(*) FROM users) \
        + (SELECT count(*) FROM licences) + (SELECT count(*) FROM work) + (SELECT count(*) FROM steps)";
    assert_eq!(world.one(left).await, "0");
    assert!(last_event(&world).await.ends_with("and nothing at Mozy touched: by eve: sold"));
    assert!(!world.store.events(Some(TENANT), 10).await.unwrap().is_empty());
    assert_eq!(world.store.forgotten(1000017).await.unwrap(), [TENANT]);
    assert_eq!(world.store.forgotten(100001).await.unwrap(), []);
    assert_eq!(world.store.forget(TENANT, "x").await.unwrap(), Forgotten::Unknown);
    // OSA removes what we know nothing of any more: that is done at once.
    assert!(!is_waiting(world.desk.remove_tenant(&ask(), TENANT).await));
}

/// As the guard does for a cycle whose lease has run out by now.
#[tokio::test]
async fn who_forgets_waits_for_what_is_being_written_of_a_subscription() {
    let world = World::with_tenant().await;
    let reserve = "INSERT INTO reservations (subscription_id, class, epoch, things, accounts) \
        SELECT subscription_id, 'delete', lease_epoch, 1, 0 FROM work";
    let forget = world.store.forget(TENANT, "by eve: sold");
    let forgotten = world.between("SELECT FROM work FOR SHARE", reserve, forget).await;
    assert_eq!(forgotten.unwrap(), Forgotten::Done);
}

#[tokio::test]
async fn a_reseller_is_not_forgotten_before_his_customers_nor_a_customer_while_he_goes() {
    let world = World::empty().await;
    let reseller = TenantWish { model: ModelWish::Reseller, ..order() };
    world.desk.order(&ask(), reseller).await.unwrap();
    let customer = SubscriptionId(Uuid::from_u128(2));
    let model = ModelWish::Customer(AccountId(Uuid::from_u128(0xC1)));
    let his = TenantWish { id: customer, account: AccountId(Uuid::from_u128(0xC2)), model, ..order() };
    world.desk.order(&ask(), his).await.unwrap();
    assert_eq!(world.store.forget(TENANT, "x").await.unwrap(), Forgotten::HasCustomers(1));
    world.desk.remove_tenant(&ask(), TENANT).await.unwrap();
    assert_eq!(world.store.forget(customer, "x").await.unwrap(), Forgotten::ResellerGoes);
    world.sql(&format!("UPDATE subscriptions SET removed_at = NULL WHERE id = '{TENANT}'")).await;
    assert_eq!(world.store.forget(customer, "x").await.unwrap(), Forgotten::Done);
    assert_eq!(world.store.forget(TENANT, "x").await.unwrap(), Forgotten::Done);
}

#[tokio::test]
async fn what_is_adopted_is_bound_under_the_newest_lease_only() {
    let world = World::with_alice().await;
    let one = Unmanaged { kind: "user", mozy_id: "7".into(), name: "alice@a.example".into() };
    let found = one.clone();
    world.cycle(|report| report.unmanaged = Some(vec![found])).await;
    let stale = world.store.claim_one(Uuid::new_v4(), Duration::ZERO, TENANT).await.unwrap().unwrap().lease;
    let lease = world.claim_one(TENANT).await.lease;
    let binding = Binding::User(ALICE, Some(MozyUserId(7)));
    let lost = world.store.adopt(stale, &one, &binding, "adopted by eve").await;
    assert!(matches!(lost, Err(StoreError::LeaseLost(TENANT))), "{lost:?}");
    world.store.adopt(lease, &one, &binding, "adopted by eve").await.unwrap();
    assert_eq!(world.desired().await.users[0].mozy_id, Some(MozyUserId(7)));
    assert!(world.store.unmanaged().await.unwrap().is_empty());
    assert_eq!(last_event(&world).await, "operator adopted by eve");
}
