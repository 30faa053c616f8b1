//! Suspend, resume, terminate a subscription: direct, and a reseller's customer's.

use mozyd::sim::mozy::Status;

use super::scene::*;

/// Issue's table: terminate removes at Mozy in the right order and then here.
pub async fn play(scene: &Scene<'_>) {
    direct(scene).await;
    of_a_reseller(scene).await;
}

async fn direct(scene: &Scene<'_>) {
    let (osa, mozy) = (scene.lab.osa(), scene.lab.mozy());
    let customer = scene.customer(usual()).await;
    let (ann, bob) = (customer.user("ann").await, customer.user("bob").await);
    let licence = customer.desktop(&ann, 10).await;
    customer.activate(licence).await;
    scene.done(osa.disable_user(bob.id)).await;
    for (task, status, state) in [(true, Status::Suspended, "suspended"), (false, Status::Active, "ready")] {
        let mark = customer.mark();
        let task = if task { osa.suspend(customer.tenant) } else { osa.resume(customer.tenant) };
        scene.done(task).await;
        assert_eq!(customer.partner().unwrap().status, status);
        mark.writes(&customer, &["partner.Update"]);
        customer.says("/state", state).await;
        customer.bills_desktop(1, 10).await;
        customer.quiet().await;
    }
    assert_eq!(mozy.user_named(&bob.email).unwrap().status, Status::Suspended, "he was before");
    let mark = customer.mark();
    scene.done(osa.terminate(customer.tenant)).await;
    assert!(customer.partner().is_none());
    mark.writes(&customer, &["partner.Delete"]);
    gone(scene, &customer).await;
}

async fn of_a_reseller(scene: &Scene<'_>) {
    let (osa, mozy) = (scene.lab.osa(), scene.lab.mozy());
    let mut reseller = scene.reseller();
    reseller.order(plan((20, 400), (10, 200))).await;
    let before = reseller.stock();
    let mut customer = scene.customer_of(&reseller);
    customer.order(plan((3, 30), (1, 10))).await;
    let group: i64 = customer.told(customer.tenant, "user_group_id").parse().unwrap();
    let (ann, bob) = (customer.user("ann").await, customer.user("bob").await);
    customer.desktop(&ann, 10).await;
    scene.done(osa.disable_user(bob.id)).await;
    for (task, status) in [(true, Status::Suspended), (false, Status::Active)] {
        let mark = customer.mark();
        let task = if task { osa.suspend(customer.tenant) } else { osa.resume(customer.tenant) };
        scene.done(task).await;
        assert_eq!(mozy.group(group).unwrap().status, status);
        mark.writes(&customer, &["user_group.Update"]);
        customer.quiet().await;
    }
    let mark = customer.mark();
    scene.done(osa.terminate(customer.tenant)).await;
    assert_eq!((customer.keys(&ann), mozy.user_named(&bob.email).is_none()), (vec![], true));
    assert!(mozy.group(group).is_none());
    scene.eventually("the reseller's own stock", before, async || reseller.stock()).await;
    // Users, the suspended one resumed first; then stock; then the group.
    let mut told = mark.told(&customer);
    let rest = told.split_off(told.len().min(3));
    told.sort_unstable();
    assert_eq!(told, ["user.Delete", "user.Delete", "user.Update"]);
    assert_eq!(rest, ["resource.Release", "resource.Release", "user_group.Delete"]);
    gone(scene, &customer).await;
    reseller.quiet().await;
}

/// It is gone here too, and Mozy is told nothing more.
async fn gone(scene: &Scene<'_>, customer: &Customer<'_>) {
    let mark = customer.mark();
    let tenant = customer.tenant.to_string();
    let listed = async || scene.lab.verb(&["status", "--output", "json"]).await.unwrap().stdout.contains(&tenant);
    scene.eventually("the subscription among all", false, listed).await;
    mark.writes(customer, &[]);
}
