//! Removing a user: a suspended one is resumed first; what he had returns to stock.

use mozyd::sim::mozy::switches::MachineDeleteClearsEmail;

use super::scene::*;

/// Guide, "Removing a User".
pub async fn play(scene: &Scene<'_>) {
    let (osa, mozy) = (scene.lab.osa(), scene.lab.mozy());
    let customer = scene.customer(usual()).await;
    let (ann, bob) = (customer.user("ann").await, customer.user("bob").await);
    customer.desktop(&ann, 10).await;
    let licence = customer.desktop(&bob, 20).await;
    customer.activate(licence).await;
    scene.done(osa.disable_user(bob.id)).await;
    let mark = customer.mark();
    scene.done(osa.remove_user(ann.id)).await;
    assert!(mozy.user_named(&ann.email).is_none());
    mark.writes(&customer, &["user.Delete"]);
    // Suspended, with a key in use.
    let mark = customer.mark();
    scene.done(osa.remove_user(bob.id)).await;
    assert!(mozy.user_named(&bob.email).is_none());
    let switches = mozy.switches();
    let mut told = mark.told(&customer);
    if switches.machine_delete_clears_email == MachineDeleteClearsEmail::No {
        assert_eq!(told.pop().as_deref(), Some("resource.UpdateLicenses"), "the key is cleared by hand");
    }
    // Whether Mozy needs it is unknown, so he is resumed in any case, as the guide says.
    assert_eq!(told, ["user.Update", "user.Delete"]);
    assert_eq!((customer.keys(&ann), customer.keys(&bob)), (vec![], vec![]));
    assert_eq!(customer.stock(), [(5, 100), (2, 50)]);
    customer.bills_desktop(0, 0).await;
    customer.says("/users", serde_json::json!([])).await;
    customer.quiet().await;
}
