//! User group edition.

use super::scene::*;

/// Guide, "User Group Edition".
pub async fn play(scene: &Scene<'_>) {
    let customer = scene.customer(usual()).await;
    let group = customer.group("Sales").await;
    let mark = customer.mark();
    scene.done(scene.lab.osa().rename_group(group, "Büro & <Vertrieb>")).await;
    assert_eq!(customer.groups(), ["Büro & <Vertrieb>"]);
    mark.writes(&customer, &["user_group.Update"]);
    customer.bills_desktop(0, 0).await;
    customer.says("/groups/1/name", "Büro & <Vertrieb>").await;
    customer.quiet().await;
}
