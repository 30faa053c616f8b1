//! Mozy control panel: a fresh one-time link for the admin and for a user; never logged, never stored.

use super::scene::*;

/// Guide, "Mozy Control Panel".
pub async fn play(scene: &Scene<'_>) {
    let osa = scene.lab.osa();
    let customer = scene.customer(usual()).await;
    let user = customer.user("ann").await;
    let mark = customer.mark();
    let mut links = Vec::new();
    for _ in 0..2 {
        for task in [osa.get_client_url(customer.tenant), osa.get_user_url(user.id)] {
            let answer = scene.done(task).await.answer;
            links.push(answer.as_str().expect("a link as a JSON string").to_owned());
        }
    }
    let fresh: std::collections::HashSet<&String> = links.iter().collect();
    assert_eq!(fresh.len(), 4, "each is used once");
    mark.writes(&customer, &[]);
    let log = std::fs::read_to_string(scene.lab.mozyd().log()).unwrap();
    let status = customer.status().await.to_string();
    let resource = osa.resource(customer.tenant).unwrap().shown().to_string();
    for link in &links {
        assert!(![&log, &status, &resource].iter().any(|text| text.contains(link.as_str())), "a link is kept");
    }
    customer.bills_desktop(0, 0).await;
    customer.quiet().await;
    // A reseller's customer has no admin of his own, and never gets his reseller's link.
    let mut reseller = scene.reseller();
    reseller.order(usual()).await;
    let mut his = scene.customer_of(&reseller);
    his.order(plan((1, 10), (0, 0))).await;
    scene.refused(osa.get_client_url(his.tenant), "NoControlPanel").await;
}
