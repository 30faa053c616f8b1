//! User creation, with a first licence and quota: no password of ours, one activation mail from Mozy.

use super::scene::*;

/// Guide, "User creation".
pub async fn play(scene: &Scene<'_>) {
    let customer = scene.customer(usual()).await;
    let mark = customer.mark();
    let seq = scene.lab.mozy().calls().last().map_or(0, |call| call.seq);
    let user = customer.user("ann").await;
    let licence = customer.desktop(&user, 10).await;
    // At Mozy: the user in the default group, with one key; told once by mail.
    let at_mozy = scene.lab.mozy().user_named(&user.email).unwrap();
    assert_eq!(at_mozy.group_id, customer.partner().unwrap().default_group_id);
    assert_eq!(at_mozy.full_name.as_deref(), Some("ann"));
    assert_eq!(customer.keys(&user), [("Desktop", 10)]);
    mark.writes(&customer, &["user.Create", "resource.UpdateLicenses"]);
    let password = |call: &mozyd::sim::mozy::CallEntry| {
        call.parts.iter().any(|(name, value)| name.ends_with("password") && !value.is_nil())
    };
    assert!(!scene.lab.mozy().calls_after(seq).iter().any(password), "a password of ours");
    let mails = || scene.lab.mozy().mails().iter().filter(|mail| mail.to == user.email).count();
    assert_eq!(mails(), 1);
    // In OSA and the status.
    assert_eq!(customer.told(user.id, "mozyUserId"), at_mozy.id.to_string());
    customer.bills_desktop(1, 10).await;
    customer.says("/users/0/mozy_user_id", at_mozy.id).await;
    customer.says("/users/0/licenses/0/keystring", customer.told(licence, "keyString")).await;
    customer.quiet().await;
    assert_eq!(mails(), 1, "the mail is not sent again");
}
