//! A reseller's subscription is a partner, his customer's a group inside it; who orders first waits.

use super::scene::*;

/// Guide, "Service Management": the reseller model.
pub async fn play(scene: &Scene<'_>) {
    let mozy = scene.lab.mozy();
    // Given a customer who orders before his reseller: he waits, and is told why.
    let mut reseller = scene.reseller();
    let mut customer = scene.customer_of(&reseller);
    let of_customer = customer.mark();
    let waiting = customer.orders(plan((3, 30), (1, 10))).unwrap();
    customer.tenant = waiting.resource();
    customer.stands("ResellerNotProvisioned").await;
    // When the reseller orders,
    let mark = reseller.mark();
    reseller.order(plan((20, 400), (10, 200))).await;
    let waited = scene.done(Ok(waiting)).await;
    assert!(waited.infos().iter().any(|info| info.contains("reseller")), "{:?}", waited.infos());
    // then he has a partner, and his customer a group inside with pools of his own.
    let partner = reseller.partner().unwrap();
    assert_eq!(partner.company_type, "reseller");
    let id: i64 = customer.told(customer.tenant, "user_group_id").parse().unwrap();
    let group = mozy.group(id).unwrap();
    assert_eq!((group.partner_id, group.external_id), (partner.id, Some(customer.number())));
    let stock = [group.stock.desktop, group.stock.server].map(|stock| (stock.licenses, stock.quota));
    assert_eq!(stock, [(3, 30), (1, 10)]);
    of_customer.writes(&customer, &["user_group.Create", "resource.Provision", "resource.Provision"]);
    let told = mark.told(&reseller);
    assert_eq!(told.iter().filter(|call| *call == "partner.Create").count(), 1, "{told:?}");
    assert_eq!(told.len(), 6, "{told:?}");
    customer.gone("ResellerNotProvisioned").await;
    // When the customer gives somebody a licence, it is in his group and his bill.
    let mark = customer.mark();
    let user = customer.user("ann").await;
    customer.desktop(&user, 10).await;
    assert_eq!(mozy.user_named(&user.email).unwrap().group_id, id);
    assert_eq!(customer.keys(&user), [("Desktop", 10)]);
    mark.writes(&customer, &["user.Create", "resource.UpdateLicenses"]);
    customer.bills_desktop(1, 10).await;
    customer.says("/account/user_group_id", id).await;
    customer.says("/model", "customer").await;
    customer.quiet().await;
    reseller.quiet().await;
}
