//! A user's group: he moves with the GB of his licences that are not activated, also after a half-way break.

use mozyd::sim::mozy::{FaultKind, FaultRule};

use super::scene::*;

/// Guide, "Updating User's group".
pub async fn play(scene: &Scene<'_>) {
    let (osa, mozy) = (scene.lab.osa(), scene.lab.mozy());
    // All GB are promised, so that none is free to hide one that stayed behind.
    let customer = scene.customer(plan((5, 30), (2, 50))).await;
    let user = customer.user("ann").await;
    customer.desktop(&user, 10).await;
    let used = customer.desktop(&user, 20).await;
    customer.activate(used).await;
    let group = customer.group("Sales").await;
    let id: i64 = customer.told(group, "groupId").parse().unwrap();
    let there = || mozy.group(id).unwrap().stock.desktop;
    let mark = customer.mark();
    scene.done(osa.move_user(user.id, &group.to_string())).await;
    assert_eq!(mozy.user_named(&user.email).unwrap().group_id, id);
    assert_eq!((there().licenses, there().quota), (2, 30));
    assert_eq!(customer.stock(), [(5, 30), (2, 50)]);
    mark.writes(&customer, &["user.Update", "resource.Transfer"]);
    customer.bills_desktop(2, 30).await;
    customer.says("/users/0/group", group.to_string()).await;
    customer.quiet().await;
    // Back, named by Mozy's id; the transfer is refused once, and finished later.
    mozy.add_fault(FaultRule::once("resource.Transfer", FaultKind::status(500))).unwrap();
    let mark = customer.mark();
    let home = customer.partner().unwrap().default_group_id;
    scene.done(osa.move_user(user.id, &home.to_string())).await;
    scene.eventually("stock left behind", (0, 0), async || (there().licenses, there().quota)).await;
    assert_eq!(mozy.user_named(&user.email).unwrap().group_id, home);
    let told = mark.told(&customer);
    assert_eq!(told, ["user.Update", "resource.Transfer (refused)", "resource.Transfer"]);
    customer.bills_desktop(2, 30).await;
    customer.says("/users/0/group", serde_json::Value::Null).await;
    customer.quiet().await;
}
