//! Sync for a user: only where the subscription has it, and its GB fit in what Desktop has.

use mozyd::sim::osa::{NewUser, SyncSwitch};

use super::scene::*;

/// Guide, "Enabling/Disabling Synchronization for a User".
pub async fn play(scene: &Scene<'_>) {
    let osa = scene.lab.osa();
    let customer = scene.customer(with_sync(plan((5, 20), (0, 0)), 2)).await;
    let user = customer.user("ann").await;
    customer.desktop(&user, 10).await;
    scene.refused(osa.set_user_sync(user.id, true), "SyncNotAvailable").await;
    scene.done(osa.set_enable_disable_sync(customer.tenant, SyncSwitch::Query(true))).await;
    // On, with the default.
    let mark = customer.mark();
    scene.done(osa.set_user_sync(user.id, true)).await;
    assert_eq!(quota(scene, &user), Some(2));
    mark.writes(&customer, &["user.Update"]);
    customer.bills_desktop(1, 12).await;
    customer.says("/users/0/sync", true).await;
    customer.quiet().await;
    // The default grows, OSA hears of it, and so what was the default can be chosen for himself.
    scene.done(osa.upgrade(customer.tenant, &with_sync(plan((5, 20), (0, 0)), 4))).await;
    scene.eventually("the new default", Some(4), async || quota(scene, &user)).await;
    scene.eventually("it in OSA", "4".to_owned(), async || customer.told(user.id, "syncQuota")).await;
    customer.quiet().await;
    scene.done(osa.set_user_sync_quota(user.id, 2)).await;
    assert_eq!(quota(scene, &user), Some(2));
    customer.quiet().await;
    // With his own.
    let mark = customer.mark();
    scene.done(osa.set_user_sync_quota(user.id, 5)).await;
    assert_eq!(quota(scene, &user), Some(5));
    mark.writes(&customer, &["machine.Update"]);
    customer.bills_desktop(1, 15).await;
    // More than Desktop has.
    scene.refused(osa.set_user_sync_quota(user.id, 11), "QuotaExceedsPurchase").await;
    assert_eq!(quota(scene, &user), Some(5));
    // Off.
    let mark = customer.mark();
    scene.done(osa.set_user_sync(user.id, false)).await;
    assert_eq!(quota(scene, &user), None);
    mark.writes(&customer, &["user.Update"]);
    customer.bills_desktop(1, 10).await;
    customer.says("/users/0/sync", false).await;
    customer.quiet().await;
    // He is moved, and another is made, while sync goes off for all: both go on without.
    scene.done(osa.set_user_sync(user.id, true)).await;
    let sales = customer.group("Sales").await;
    let bob = NewUser { enable_sync: Some(true), ..customer.new_user("bob", "") };
    let both = [osa.move_user(user.id, &sales.to_string()).unwrap(), osa.create_user(&bob).unwrap()];
    for task in &both {
        task.until(|record| !record.notes.is_empty()).await;
    }
    scene.done(osa.set_enable_disable_sync(customer.tenant, SyncSwitch::Query(false))).await;
    for task in both {
        scene.done(Ok(task)).await;
    }
    let mozy = scene.lab.mozy();
    let synced = [&user.email, &customer.email("bob")].map(|name| mozy.user_named(name).map(|one| one.enable_sync));
    assert_eq!(synced, [Some(false); 2]);
    customer.quiet().await;
}

/// The GB of a user's sync.
fn quota(scene: &Scene<'_>, user: &User) -> Option<i64> {
    let mozy = scene.lab.mozy();
    let machines = mozy.machines_of(mozy.user_named(&user.email)?.id);
    machines.iter().find(|machine| machine.is_sync()).map(|machine| machine.quota)
}
