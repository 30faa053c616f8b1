//! User group creation.

use super::scene::*;

/// Guide, "User Group Creation".
pub async fn play(scene: &Scene<'_>) {
    let customer = scene.customer(usual()).await;
    let mark = customer.mark();
    let group = customer.group("Sales").await;
    assert_eq!(customer.groups(), ["Sales"]);
    mark.writes(&customer, &["user_group.Create"]);
    let id: i64 = customer.told(group, "groupId").parse().unwrap();
    assert_eq!(scene.lab.mozy().group(id).unwrap().external_id, Some(customer.number()));
    customer.bills_desktop(0, 0).await;
    customer.says("/groups/1/mozy_group_id", id).await;
    customer.says("/groups/0/default", true).await;
    customer.quiet().await;
}
