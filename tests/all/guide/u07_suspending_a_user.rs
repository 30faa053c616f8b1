//! Suspend and activate a user.

use mozyd::sim::mozy::Status;

use super::scene::*;

/// Guide, "Suspending and activating a User".
pub async fn play(scene: &Scene<'_>) {
    let osa = scene.lab.osa();
    let customer = scene.customer(usual()).await;
    let user = customer.user("ann").await;
    customer.desktop(&user, 10).await;
    for (suspend, status) in [(true, Status::Suspended), (false, Status::Active)] {
        let mark = customer.mark();
        let task = if suspend { osa.disable_user(user.id) } else { osa.enable_user(user.id) };
        scene.done(task).await;
        assert_eq!(scene.lab.mozy().user_named(&user.email).unwrap().status, status);
        mark.writes(&customer, &["user.Update"]);
        customer.says("/users/0/status", status.as_str()).await;
        customer.bills_desktop(1, 10).await;
        customer.quiet().await;
    }
    assert_eq!(customer.keys(&user), [("Desktop", 10)]);
}
