//! Removing a licence: free, reserved, in use with its machine; the keys return to stock.

use mozyd::sim::mozy::parts;
use mozyd::sim::mozy::switches::MachineDeleteClearsEmail;

use super::scene::*;

/// Guide, "Removing a License".
pub async fn play(scene: &Scene<'_>) {
    let (osa, mozy) = (scene.lab.osa(), scene.lab.mozy());
    let customer = scene.customer(usual()).await;
    let user = customer.user("ann").await;
    let freed = customer.desktop(&user, 5).await;
    let reserved = customer.desktop(&user, 10).await;
    let used = customer.desktop(&user, 20).await;
    let machine = customer.activate(used).await;
    // Reserved: the key is cleared.
    let mark = customer.mark();
    scene.done(osa.remove_licence(reserved)).await;
    assert_eq!(customer.keys(&user), [("Desktop", 5), ("Desktop", 20)]);
    mark.writes(&customer, &["resource.UpdateLicenses"]);
    // In use: its machine goes with it, and the key is cleared where Mozy does not.
    let mark = customer.mark();
    scene.done(osa.remove_licence(used)).await;
    assert!(mozy.with(|world| !world.machines.contains_key(&machine)));
    assert_eq!(customer.keys(&user), [("Desktop", 5)]);
    match mozy.switches().machine_delete_clears_email {
        MachineDeleteClearsEmail::Yes => mark.writes(&customer, &["machine.Delete"]),
        MachineDeleteClearsEmail::No => mark.writes(&customer, &["machine.Delete", "resource.UpdateLicenses"]),
    }
    // Freed at Mozy by hand, while nobody gives it back: nothing is left to do.
    scene.verb(&["pause", &customer.tenant.to_string()]).await;
    let key = customer.told(freed, "keyString");
    let by_hand = [("keystring", key.into()), ("assigned_email_address", "".into())];
    mozy.panel("resource.UpdateLicenses", parts(by_hand)).unwrap();
    let mark = customer.mark();
    let removal = osa.remove_licence(freed).unwrap();
    removal.until(|task| task.notes.len() > 1).await;
    scene.verb(&["resume", &customer.tenant.to_string()]).await;
    scene.done(Ok(removal)).await;
    mark.writes(&customer, &[]);
    // All keys are in stock again.
    assert_eq!(customer.keys(&user), []);
    assert_eq!(customer.stock(), [(5, 100), (2, 50)]);
    customer.bills_desktop(0, 0).await;
    customer.says("/users/0/licenses", serde_json::json!([])).await;
    customer.quiet().await;
}
