//! The admin's e-mail is already in use: provisioned in OSA, not at Mozy, until another staff member is chosen.

use std::time::{Duration, Instant};

use mozyd::sim::mozy::parts;

use super::scene::*;

/// What Mozy refused is tried again after so long, and then after longer.
const PAUSE: Duration = Duration::from_secs(30);
const REFUSED: &str = "partner.Create (refused)";

/// Guide, "Account creation": taken by his own first subscription, which Mozy shows us.
pub async fn play(scene: &Scene<'_>) {
    let first = scene.customer(usual()).await;
    let mut again = scene.someone();
    again.account = first.account;
    again.company.clone_from(&first.company);
    again.domain.clone_from(&first.domain);
    let task = again.order(usual()).await;
    assert_eq!(task.status(), Some(201));
    let others = first.partner_id();
    another_is_chosen(scene, &again, true, again.mark()).await;
    assert_eq!(first.partner_id(), others, "the first subscription keeps its partner");
    elsewhere(scene).await;
}

/// Taken outside our tree, where only the fault of the create tells.
async fn elsewhere(scene: &Scene<'_>) {
    let mut customer = scene.someone();
    let admin = [("name", "Elsewhere".into()), ("root_admin_username", customer.email("admin").into())];
    scene.lab.mozy().panel("partner.Create", parts(admin)).unwrap();
    let (mark, begun) = (customer.mark(), Instant::now());
    let task = customer.order(usual()).await;
    assert_eq!(task.status(), Some(201));
    for _ in 0..2 {
        scene.done(scene.lab.osa().manual_retrieve(customer.tenant)).await;
    }
    // It is not tried again at every look.
    let told = mark.told(&customer);
    let most = 1 + begun.elapsed().div_duration_f32(PAUSE) as usize;
    assert!((1..=most).contains(&told.len()) && told.iter().all(|call| call == REFUSED), "{told:?}");
    let mark = customer.mark();
    another_is_chosen(scene, &customer, false, mark).await;
}

/// The condition stands, staff are tried, and the one who is free becomes the admin.
async fn another_is_chosen(scene: &Scene<'_>, customer: &Customer<'_>, seen: bool, mark: Mark<'_>) {
    let osa = scene.lab.osa();
    assert_eq!(customer.told(customer.tenant, "partnerId"), "");
    customer.stands("AdminEmailInUse").await;
    let status = customer.status().await;
    let all = status["conditions"].as_array().unwrap();
    let told = all.iter().find(|condition| condition["reason"] == "AdminEmailInUse").unwrap();
    assert!(told["message"].as_str().unwrap().contains("staff"), "what to do: {told}");
    let other = customer.staff("second");
    let free = scene.done(osa.check_availability_email(customer.tenant, other)).await.answer;
    assert_eq!(free["available"], true, "{free}");
    if seen {
        let first = osa.resources().into_iter().find(|r| {
            r.properties.get("login").and_then(|login| login.as_str()) == Some(&customer.email("admin"))
        });
        let taken = osa.check_availability_email(customer.tenant, first.unwrap().id);
        assert_eq!(scene.done(taken).await.answer["available"], false);
    }
    scene.done(osa.create_partner(customer.tenant, other)).await;
    customer.gone("AdminEmailInUse").await;
    customer.says("/state", "ready").await;
    customer.says("/account/admin_email", customer.email("second")).await;
    let mut told = mark.told(customer);
    if !seen {
        // It may have been time to try the first one again.
        told.retain(|call| call != REFUSED);
    }
    assert_eq!(told, ["partner.Create", "resource.Provision", "resource.Provision"]);
    customer.bills_desktop(0, 0).await;
    customer.quiet().await;
}
