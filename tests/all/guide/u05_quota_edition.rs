//! Quota edition: before and after activation, also when a client activates in between.

use super::scene::*;

/// Guide, "License Quota Edition".
pub async fn play(scene: &Scene<'_>) {
    let osa = scene.lab.osa();
    let customer = scene.customer(usual()).await;
    let user = customer.user("ann").await;
    let licence = customer.desktop(&user, 10).await;
    // Before activation it is the key's quota,
    let mark = customer.mark();
    scene.done(osa.change_licence(licence, 20)).await;
    assert_eq!(customer.keys(&user), [("Desktop", 20)]);
    mark.writes(&customer, &["resource.UpdateLicenses"]);
    customer.quiet().await;
    // and when a client activated it, although nobody looked since, the machine's.
    let machine = customer.activate(licence).await;
    let mark = customer.mark();
    scene.done(osa.change_licence(licence, 30)).await;
    let quota = scene.lab.mozy().with(|world| world.machines[&machine].quota);
    assert_eq!(quota, 30);
    mark.writes(&customer, &["machine.Update"]);
    customer.bills_desktop(1, 30).await;
    customer.says("/users/0/licenses/0/quota_gb", 30).await;
    customer.says("/users/0/licenses/0/activated", true).await;
    scene.refused(osa.change_licence(licence, 101), "QuotaExceedsPurchase").await;
    customer.quiet().await;
}
