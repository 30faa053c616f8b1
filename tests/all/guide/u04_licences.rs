//! Licences for existing users: several a user, of both kinds, and no more than was bought.

use mozyd::sim::osa::{Counter, LicenceKind, NewLicence};

use super::scene::*;

/// Guide, "License assignment".
pub async fn play(scene: &Scene<'_>) {
    let customer = scene.customer(plan((3, 60), (1, 40))).await;
    let user = customer.user("ann").await;
    let mark = customer.mark();
    customer.desktop(&user, 10).await;
    customer.desktop(&user, 20).await;
    customer.licence(&user, LicenceKind::Server, 40).await;
    assert_eq!(customer.keys(&user), [("Desktop", 10), ("Desktop", 20), ("Server", 40)]);
    mark.writes(&customer, &["resource.UpdateLicenses"; 3]);
    customer.bills_desktop(2, 30).await;
    customer.bill(&[(Counter::ServerLicenseNum, 1), (Counter::ServerQuota, 40)]).await;
    customer.says("/resources/desktop/licenses/assigned", 2).await;
    // More than was bought is refused, and nothing of it is kept.
    let mark = customer.mark();
    let osa = scene.lab.osa();
    let more = |kind, quota| osa.create_licence(&NewLicence { user: user.id, kind, quota });
    scene.refused(more(LicenceKind::Server, 1), "LicensesExceedPurchase").await;
    scene.refused(more(LicenceKind::Desktop, 31), "QuotaExceedsPurchase").await;
    customer.quiet().await;
    mark.writes(&customer, &[]);
}
