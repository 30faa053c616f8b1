//! Reseller suspends or cancels: customers stop working and say so; each is cancelled by himself.

use mozyd::sim::mozy::Status;

use super::scene::*;

/// Guide, "Service Management": the important note.
pub async fn play(scene: &Scene<'_>) {
    let osa = scene.lab.osa();
    let mut reseller = scene.reseller();
    reseller.order(plan((20, 400), (10, 200))).await;
    let mut customer = scene.customer_of(&reseller);
    customer.order(plan((4, 40), (1, 15))).await;
    let user = customer.user("ann").await;
    customer.desktop(&user, 10).await;
    let status = || reseller.partner().map(|partner| partner.status);
    // He suspends, and resumes.
    let mark = reseller.mark();
    scene.done(osa.suspend(reseller.tenant)).await;
    assert_eq!(status(), Some(Status::Suspended));
    mark.writes(&reseller, &["partner.Update"]);
    customer.stands("ResellerSuspended").await;
    let mark = reseller.mark();
    scene.done(osa.resume(reseller.tenant)).await;
    assert_eq!(status(), Some(Status::Active));
    mark.writes(&reseller, &["partner.Update"]);
    customer.gone("ResellerSuspended").await;
    // He cancels: his partner is suspended, nothing of his customer's is lost, who is told.
    let mark = reseller.mark();
    scene.done(osa.terminate(reseller.tenant)).await;
    assert_eq!(status(), Some(Status::Suspended));
    customer.stands("ResellerCancelled").await;
    assert_eq!(customer.keys(&user), [("Desktop", 10)]);
    customer.bills_desktop(1, 10).await;
    mark.writes(&reseller, &["partner.Update"]);
    customer.quiet().await;
    // The last customer is cancelled by hand, and then the partner goes.
    scene.done(osa.terminate(customer.tenant)).await;
    scene.eventually("the reseller's partner", None, async || status()).await;
}
