//! Hide or show the groups tab: Mozy is told nothing.

use super::scene::*;

/// Guide, "Hide/Show User Group tab".
pub async fn play(scene: &Scene<'_>) {
    let customer = scene.customer(usual()).await;
    let mark = customer.mark();
    for shown in [false, true] {
        scene.done(scene.lab.osa().set_groupview(customer.tenant, shown)).await;
        customer.says("/groups_tab_visible", shown).await;
        assert_eq!(customer.told(customer.tenant, "groupview"), shown.to_string());
    }
    customer.bills_desktop(0, 0).await;
    customer.quiet().await;
    mark.writes(&customer, &[]);
}
