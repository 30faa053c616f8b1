//! OSA's polls come out of order: one that comes after its operation ended hears its end again, and decides nothing.

use std::time::Duration;

use mozyd::domain::*;
use mozyd::ports::desk::*;

use super::world::*;

/// OSA's first call in a transaction, or in none.
fn first(transaction: &str) -> Ask {
    Ask { request: Some(transaction.into()).filter(|text: &String| !text.is_empty()), ..ask() }
}

/// A poll of it.
fn poll(transaction: &str) -> Ask {
    Ask { again: true, ..first(transaction) }
}

/// The tenant is there with Alice; OSA has no patience at all.
async fn impatient() -> World {
    let world = World::patient(Duration::ZERO).await;
    world.desk.order(&first("order"), order()).await.unwrap();
    world.agree().await;
    world.desk.order(&poll("order"), order()).await.unwrap();
    world.desk.add_user(&first("alice"), user(ALICE, "alice@a.example")).await.unwrap();
    world.agree().await;
    world.desk.add_user(&poll("alice"), user(ALICE, "alice@a.example")).await.unwrap();
    world
}

async fn refuse_removal(world: &World, transaction: &str) {
    world.desk.remove_tenant(&first(transaction), TENANT).await.unwrap();
    world.block(Thing::Tenant(TENANT), Reason::VendorRejected).await;
    assert_eq!(reason(world.desk.remove_tenant(&poll(transaction), TENANT).await), Reason::VendorRejected);
}

#[tokio::test]
async fn a_removal_that_failed_is_not_wished_for_by_its_late_poll() {
    for transaction in ["end", ""] {
        let world = impatient().await;
        refuse_removal(&world, transaction).await;
        let late = world.desk.remove_tenant(&poll(transaction), TENANT).await;
        assert_eq!(reason(late), Reason::VendorRejected);
        assert!(!world.desired().await.subscription.removed, "{transaction:?}");
        // Run again, it is a wish: in another transaction whatever it says, and in the same one as its first call.
        let again = if transaction.is_empty() { first("") } else { poll("end-2") };
        assert!(is_waiting(world.desk.remove_tenant(&again, TENANT).await));
        assert!(world.desired().await.subscription.removed);
    }
}

#[tokio::test]
async fn a_removal_that_nobody_ended_is_wished_for_by_whatever_comes_first() {
    for transaction in ["end", ""] {
        let world = impatient().await;
        assert!(is_waiting(world.desk.remove_user(&poll(transaction), ALICE).await));
        assert!(world.desired().await.users[0].removed);
    }
}

#[tokio::test]
async fn what_was_refused_is_not_made_by_a_late_poll() {
    let world = impatient().await;
    let bob = || user(BOB, "bob@a.example");
    world.desk.add_user(&first("bob"), bob()).await.unwrap();
    world.block(Thing::User(BOB), Reason::UserEmailInUse).await;
    assert_eq!(reason(world.desk.add_user(&poll("bob"), bob()).await), Reason::UserEmailInUse);
    assert_eq!(reason(world.desk.add_user(&poll("bob"), bob()).await), Reason::UserEmailInUse);
    let over = licence(KEY, ALICE, 1000);
    assert_eq!(reason(world.desk.add_licence(&first("key"), over).await), Reason::QuotaExceedsPurchase);
    let mut more = TenantPatch::default();
    more.quota.desktop = Some(Amount::Unlimited);
    world.desk.configure_tenant(&first("more"), TENANT, more).await.unwrap();
    assert_eq!(reason(world.desk.add_licence(&poll("key"), over).await), Reason::QuotaExceedsPurchase);
    let desired = world.desired().await;
    assert_eq!((desired.users.len(), desired.users[0].licences.len()), (1, 0));
    assert!(is_waiting(world.desk.add_user(&first("bob"), bob()).await), "run again");
    assert!(is_waiting(world.desk.add_licence(&poll("key-2"), over).await), "run again");
}

#[tokio::test]
async fn what_was_removed_is_not_made_again_by_a_late_poll() {
    for transaction in ["alice", ""] {
        let world = impatient().await;
        let alice = || user(ALICE, "alice@a.example");
        let gone = async || world.desired().await.users.iter().all(|user| user.removed);
        world.desk.remove_user(&first("bye"), ALICE).await.unwrap();
        assert!(!is_waiting(world.desk.add_user(&poll(transaction), alice()).await));
        assert!(gone().await, "while it is being removed");
        world.agree().await;
        world.desk.remove_user(&poll("bye"), ALICE).await.unwrap();
        assert!(!is_waiting(world.desk.add_user(&poll(transaction), alice()).await));
        assert!(gone().await, "and afterwards");
        assert!(is_waiting(world.desk.add_user(&poll("alice-2"), alice()).await), "made again");
        assert!(!gone().await);
    }
}

#[tokio::test]
async fn a_tenant_that_was_removed_is_not_ordered_by_a_late_poll() {
    let world = impatient().await;
    world.desk.remove_tenant(&first("bye"), TENANT).await.unwrap();
    world.agree().await;
    world.desk.remove_tenant(&poll("bye"), TENANT).await.unwrap();
    assert!(!is_waiting(world.desk.order(&poll("order"), order()).await));
    assert!(world.desired().await.subscription.removed);
    assert_eq!(world.sql("SELECT * FROM work").await, Vec::<String>::new());
}

#[tokio::test]
async fn what_a_later_wish_overtook_decides_nothing() {
    let world = impatient().await;
    // Being made when it is removed, and being removed when it is made.
    world.desk.add_user(&first("bob"), user(BOB, "bob@a.example")).await.unwrap();
    world.desk.remove_user(&first("bye"), BOB).await.unwrap();
    let late = world.desk.add_user(&poll("bob"), user(BOB, "bob@a.example")).await;
    assert_eq!(reason(late), Reason::ParentGone);
    world.desk.add_user(&first("bob-2"), user(BOB, "bob@a.example")).await.unwrap();
    assert_eq!(reason(world.desk.remove_user(&poll("bye"), BOB).await), Reason::VendorRejected);
    assert!(world.desired().await.users.iter().all(|user| !user.removed));
    // Resumed while it is being suspended; other limits while limits are written.
    world.desk.suspend_user(&first("off"), ALICE, true).await.unwrap();
    world.desk.suspend_user(&first("on"), ALICE, false).await.unwrap();
    assert!(!is_waiting(world.desk.suspend_user(&poll("off"), ALICE, true).await));
    assert!(!world.desired().await.users[0].suspended);
    let limit = |limit| {
        let mut patch = TenantPatch::default();
        patch.quota.desktop = Some(Amount::Limit(limit));
        patch
    };
    world.desk.configure_tenant(&first("50"), TENANT, limit(50)).await.unwrap();
    world.desk.configure_tenant(&first("60"), TENANT, limit(60)).await.unwrap();
    assert!(!is_waiting(world.desk.configure_tenant(&poll("50"), TENANT, limit(50)).await));
    assert_eq!(world.desired().await.subscription.bought.pools.desktop.quota, Amount::Limit(60));
}

#[tokio::test]
async fn a_poll_is_late_for_a_day() {
    let world = impatient().await;
    refuse_removal(&world, "end").await;
    world.sql("UPDATE ended_operations SET ended_at = now() - interval '25 hours'").await;
    assert!(is_waiting(world.desk.remove_tenant(&poll("end"), TENANT).await));
    assert!(world.store.tidy(HOUR * 24 * 90).await.unwrap() > 0);
    assert_eq!(world.one("SELECT count(*) FROM ended_operations").await, "0");
}

#[tokio::test]
async fn a_toggle_toggles_once() {
    let world = impatient().await;
    world.desk.switch_sync(&first("sync"), TENANT, None).await.unwrap();
    world.agree().await;
    for _ in 0..2 {
        assert!(!is_waiting(world.desk.switch_sync(&poll("sync"), TENANT, None).await));
    }
    assert!(world.desired().await.subscription.sync);
}

#[tokio::test]
async fn a_toggle_whose_first_call_was_lost_toggles_by_its_poll() {
    let world = impatient().await;
    let switch = async |ask: Ask| is_waiting(world.desk.switch_sync(&ask, TENANT, None).await);
    let sync = async || world.desired().await.subscription.sync;
    assert!(switch(poll("sync")).await && sync().await);
    assert!(switch(first("sync")).await && sync().await, "the first call comes late");
    world.agree().await;
    for _ in 0..2 {
        assert!(!switch(poll("sync")).await && sync().await);
    }
    assert!(
        !switch(poll("")).await && sync().await,
        "without a transaction nobody knows whether it was lost"
    );
}
