//! Upgrading resources: each counter up, down and mixed; below what is in use waits for room.

use mozyd::sim::osa::{Counter, Counters};

use super::scene::*;

/// Guide, "Upgrading Resources".
pub async fn play(scene: &Scene<'_>) {
    let customer = scene.customer(with_sync(usual(), 2)).await;
    let becomes = async |counters: Counters, stock: [(i64, i64); 2], writes: &[&str]| {
        let mark = customer.mark();
        scene.done(scene.lab.osa().upgrade(customer.tenant, &counters)).await;
        assert_eq!(customer.stock(), stock);
        mark.writes(&customer, writes);
        customer.says("/resources/desktop/quota_gb/bought", stock[0].1).await;
        customer.quiet().await;
    };
    let one = |counter, limit| Counters::none().limit(counter, limit);
    let (more, less) = ("resource.Provision", "resource.Release");
    becomes(one(Counter::DesktopLicenseNum, 8), [(8, 100), (2, 50)], &[more]).await;
    becomes(one(Counter::DesktopQuota, 150), [(8, 150), (2, 50)], &[more]).await;
    becomes(one(Counter::ServerLicenseNum, 1), [(8, 150), (1, 50)], &[less]).await;
    becomes(one(Counter::ServerQuota, 40), [(8, 150), (1, 40)], &[less]).await;
    becomes(one(Counter::SyncDefaultQuota, 4), [(8, 150), (1, 40)], &["partner.Update"]).await;
    assert_eq!(customer.partner().unwrap().default_sync_quota, Some(4));
    becomes(one(Counter::SyncAvailable, 0), [(8, 150), (1, 40)], &[]).await;
    becomes(plan((10, 130), (1, 40)), [(10, 130), (1, 40)], &[more, less]).await;
    becomes(plan((1, 10), (0, 0)), [(1, 10), (0, 0)], &[less, less]).await;
    below_use(scene).await;
}

async fn below_use(scene: &Scene<'_>) {
    let osa = scene.lab.osa();
    let customer = scene.customer(usual()).await;
    let user = customer.user("ann").await;
    let mut licences = Vec::new();
    for _ in 0..3 {
        licences.push(customer.desktop(&user, 20).await);
    }
    // Less than he uses: nothing in use is taken, and the reason stands.
    scene.done(osa.upgrade(customer.tenant, &plan((2, 45), (2, 50)))).await;
    customer.stands("LicensesExceedPurchase").await;
    assert_eq!(customer.keys(&user), [("Desktop", 20); 3]);
    customer.bills_desktop(3, 60).await;
    customer.quiet().await;
    // Room is made, and it happens by itself.
    let mark = customer.mark();
    scene.done(osa.remove_licence(licences[0])).await;
    scene.eventually("what was bought", (2, 45), async || customer.stock()[0]).await;
    customer.gone("LicensesExceedPurchase").await;
    customer.gone("QuotaExceedsPurchase").await;
    mark.writes(&customer, &["resource.UpdateLicenses", "resource.Release"]);
    customer.bills_desktop(2, 40).await;
    customer.says("/state", "ready").await;
    customer.quiet().await;
}
