//! Account creation: an order becomes an account with what was bought; meanwhile the service says that it is being made.

use mozyd::sim::mozy::{FaultKind, FaultRule};
use mozyd::sim::osa::{Counter, Refused};

use super::scene::*;

/// Guide, "Account creation" and "APS Installation", step 4.
pub async fn play(scene: &Scene<'_>) {
    // Given a Mozy that takes its time, longer than all that is looked at meanwhile, and a customer with an order.
    let slow = FaultRule::once("partner.Create", FaultKind::Latency { ms: 6000 });
    scene.lab.mozy().add_fault(slow).unwrap();
    let mut customer = scene.someone();
    let mark = customer.mark();
    // When he orders,
    let task = customer.orders(with_sync(plan((10, 100), (3, 60)), 7)).unwrap();
    customer.tenant = task.resource();
    // then it is said that it is being made, and it cannot be managed yet;
    task.until(|record| !record.infos().is_empty()).await;
    customer.says("/state", "provisioning").await;
    let early = scene.lab.osa().create_user(&customer.new_user("ann", ""));
    assert!(matches!(early, Err(Refused::NotReady { .. })), "{early:?}");
    scene.done(Ok(task)).await;
    // then at Mozy there is a partner with what was bought,
    let partner = customer.partner().unwrap();
    assert_eq!(partner.parent_id, Some(scene.lab.mozy().root_partner_id()));
    assert_eq!((partner.enable_sync, partner.default_sync_quota), (Some(false), Some(7)));
    assert_eq!(partner.external_id, Some(customer.number()));
    assert_eq!(customer.stock(), [(10, 100), (3, 60)]);
    mark.writes(&customer, &["partner.Create", "resource.Provision", "resource.Provision"]);
    // in the bill nothing is used,
    customer.bills_desktop(0, 0).await;
    customer.bill(&[(Counter::ServerLicenseNum, 0), (Counter::SyncAvailable, 0)]).await;
    // and the status says so.
    assert_eq!(customer.told(customer.tenant, "partnerId"), partner.id.to_string());
    customer.says("/account/partner_id", partner.id).await;
    customer.says("/state", "ready").await;
    customer.says("/resources/server/quota_gb/bought", 60).await;
    customer.says("/resources/sync/available", true).await;
    customer.quiet().await;
}
