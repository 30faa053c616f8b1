//! User group deletion: the default group is protected, and a group with users tells so.

use super::scene::*;

/// Guide, "User Group Deletion".
pub async fn play(scene: &Scene<'_>) {
    let osa = scene.lab.osa();
    let customer = scene.customer(usual()).await;
    let group = customer.group("Sales").await;
    let user = customer.user_in("ann", &group.to_string()).await;
    customer.desktop(&user, 10).await;
    // With a user in it.
    let mark = customer.mark();
    scene.refused(osa.delete_group(group), "GroupNotEmpty").await;
    assert_eq!(customer.groups(), ["Sales"]);
    mark.writes(&customer, &[]);
    // Empty, and with stock that his licence brought there.
    scene.done(osa.remove_user(user.id)).await;
    let mark = customer.mark();
    scene.done(osa.delete_group(group)).await;
    assert_eq!(customer.groups(), Vec::<String>::new());
    scene.eventually("the stock", [(5, 100), (2, 50)], async || customer.stock()).await;
    // What becomes of stock in a deleted group is unknown, so it is brought home before.
    mark.writes(&customer, &["resource.Transfer", "user_group.Delete"]);
    customer.bills_desktop(0, 0).await;
    let status = customer.status().await;
    assert_eq!(status["groups"].as_array().unwrap().len(), 1, "the default group stays: {status}");
    customer.quiet().await;
    assert!(customer.partner().is_some_and(|partner| scene.lab.mozy().group(partner.default_group_id).is_some()));
}
