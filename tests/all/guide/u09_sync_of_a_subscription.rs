//! Sync for the subscription: only if available; on leaves the users off; off turns users off first.

use mozyd::sim::osa::{Counter, SyncSwitch};

use super::scene::*;

/// Guide, "Enabling/Disabling Synchronization for the subscription".
pub async fn play(scene: &Scene<'_>) {
    let (osa, mozy) = (scene.lab.osa(), scene.lab.mozy());
    let without = scene.customer(usual()).await;
    let on = |customer: &Customer<'_>, on| osa.set_enable_disable_sync(customer.tenant, SyncSwitch::Query(on));
    scene.refused(on(&without, true), "SyncNotAvailable").await;
    without.quiet().await;
    let customer = scene.customer(with_sync(usual(), 3)).await;
    let user = customer.user("ann").await;
    let synced = || mozy.user_named(&user.email).unwrap().enable_sync;
    // On: the partner, and no user.
    let mark = customer.mark();
    scene.done(on(&customer, true)).await;
    assert_eq!((customer.partner().unwrap().enable_sync, synced()), (Some(true), false));
    mark.writes(&customer, &["partner.Update"]);
    customer.bill(&[(Counter::SyncAvailable, 1)]).await;
    customer.says("/resources/sync/enabled", true).await;
    customer.quiet().await;
    // Off: users, groups, partner.
    scene.done(osa.set_user_sync(user.id, true)).await;
    assert!(synced());
    let mark = customer.mark();
    scene.done(on(&customer, false)).await;
    assert_eq!((customer.partner().unwrap().enable_sync, synced()), (Some(false), false));
    mark.writes(&customer, &["user.Update", "user_group.Update", "partner.Update"]);
    customer.bill(&[(Counter::SyncAvailable, 0)]).await;
    customer.says("/resources/sync/enabled", false).await;
    customer.quiet().await;
    // Turning it on again does not bring back his.
    scene.done(on(&customer, true)).await;
    assert!(!synced());
    customer.quiet().await;
}
