//! What the guard holds waits for an operator, and everything else goes on.

use futures_util::future::join_all;
use mozyd::lab::http;
use mozyd::sim::osa::TaskState;
use serde_json::Value;

use super::{lab, scene, verb};
use crate::guide::scene::*;

async fn held_plans(lab: &mozyd::lab::Lab) -> Vec<Value> {
    let page = http::get(lab.mozyd().admin(), "/api/v1/plans/held").await.unwrap();
    assert_eq!(page.status, 200, "{}", page.body);
    serde_json::from_str(&page.body).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifteen_of_twenty_users_removed_at_once_are_held_until_approved() {
    let (lab, _db) = lab(|options| options.setting("guard.delete_min", 10)).await;
    let (scene, osa) = (scene(&lab, "held"), lab.osa());
    let customer = scene.customer(plan((30, 300), (0, 0))).await;
    let names: Vec<String> = (0..20).map(|nth| format!("user{nth}")).collect();
    let users = join_all(names.iter().map(|name| customer.user(name))).await;
    let licence = customer.desktop(&users[19], 10).await;
    let tenant = customer.tenant.to_string();
    verb(&lab, 0, &["pause", &tenant]).await;
    let removals: Vec<_> = users[..15].iter().map(|user| osa.remove_user(user.id)).collect();
    let change = osa.change_licence(licence, 20);
    let heard = async || removals.iter().flatten().all(|task| !task.record().notes.is_empty());
    scene.eventually("all to be wished", true, heard).await;
    verb(&lab, 0, &["resume", &tenant]).await;
    // Everything else of that customer goes on.
    scene.done(change).await;
    customer.stands("GuardHeld").await;
    let another = customer.user("another").await;
    assert!(lab.mozy().user_named(&another.email).is_some());
    let there = || users.iter().filter(|user| lab.mozy().user_named(&user.email).is_some()).count();
    assert_eq!(there(), 20);
    // It is shown everywhere.
    let mut plans = held_plans(&lab).await;
    assert_eq!(plans.len(), 1, "{plans:?}");
    let held = plans.remove(0);
    assert_eq!(
        (&held["class"], &held["limit"], &held["subscription"]),
        (&"delete".into(), &10.into(), &tenant.clone().into())
    );
    assert_eq!(held["steps"].as_array().unwrap().len(), 15);
    let gauge = async || lab.mozyd().metric("mozyd_guard_held", "delete").await.unwrap();
    scene.eventually("the gauge", 1.0, gauge).await;
    let hash = held["hash"].as_str().unwrap();
    let shown = verb(&lab, 3, &["plan", &tenant, "--output", "json"]).await.json().unwrap();
    assert_eq!(shown["held"][0]["hash"], hash);
    verb(&lab, 3, &["status", &tenant]).await;
    verb(&lab, 3, &["apply", "--plan", hash]).await;
    // Another plan's hash releases nothing; one of this customer that has changed since says so.
    let wrong = verb(&lab, 1, &["approve", "0123456789abcdef"]).await;
    assert!(wrong.stderr.contains("no plan 0123456789abcdef is held"), "{}", wrong.stderr);
    let changed = format!("{}{}", &hash[..6], "0".repeat(16));
    let wrong = verb(&lab, 1, &["approve", &changed]).await;
    assert!(wrong.stderr.contains("has changed since") && wrong.stderr.contains(hash), "{}", wrong.stderr);
    assert!(removals.iter().flatten().all(|task| task.record().state == TaskState::Running), "OSA waits");
    assert_eq!(there(), 20);
    let released = verb(&lab, 0, &["approve", hash, "--output", "json"]).await.json().unwrap();
    assert_eq!(
        (&released["subscription"], &released["steps"], &released["paused"]),
        (&tenant.clone().into(), &15.into(), &false.into())
    );
    for removal in removals {
        scene.done(removal).await;
    }
    assert_eq!(there(), 5);
    scene.eventually("nothing held", 0, async || held_plans(&lab).await.len()).await;
    scene.eventually("the gauge", 0.0, gauge).await;
    customer.gone("GuardHeld").await;
    // It was released once. What was released counts no more: a single one is not held up.
    verb(&lab, 1, &["approve", hash]).await;
    assert!(osa.remove_user(users[15].id).unwrap().done().await.is_done());
    let gone = http::post(lab.mozyd().admin(), "/api/v1/plans/none/approve").await.unwrap();
    assert_eq!(gone.status, 404);
    customer.quiet().await;
    lab.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twelve_of_twenty_subscriptions_terminated_at_once_are_held_past_the_tenth() {
    let (mut lab, _db) = lab(|options| options.setting("guard.delete_min", 10)).await;
    lab.add_daemon().await.unwrap();
    let (scene, osa) = (scene(&lab, "over_all"), lab.osa());
    let mut customers: Vec<_> = (0..20).map(|_| scene.someone()).collect();
    join_all(customers.iter_mut().map(|customer| customer.order(plan((1, 10), (0, 0))))).await;
    let tasks: Vec<_> = customers[..12].iter().map(|one| osa.terminate(one.tenant).unwrap()).collect();
    let ended = || tasks.iter().filter(|task| task.record().is_done()).count();
    scene
        .eventually("ten ended and two held", (10, 2), async || (ended(), held_plans(&lab).await.len()))
        .await;
    assert_eq!(customers.iter().filter(|one| one.partner().is_some()).count(), 10);
    let mut before = Vec::new();
    for held in held_plans(&lab).await {
        assert_eq!((&held["asked"], &held["limit"]), (&1.into(), &10.into()), "{held}");
        before.push(held["spent"].as_i64());
        let path = format!("/api/v1/plans/{}/approve", held["hash"].as_str().unwrap());
        let released = http::post(lab.mozyd().admin(), &path).await.unwrap();
        assert_eq!(released.status, 200);
        let released: Value = serde_json::from_str(&released.body).unwrap();
        assert_eq!((&released["steps"], &released["subscription"]), (&1.into(), &held["subscription"]));
    }
    before.sort_unstable();
    assert_eq!(before, [Some(10), Some(11)], "the first ten to be terminated went");
    scene.eventually("all ended", 12, async || ended()).await;
    assert_eq!(customers.iter().filter(|one| one.partner().is_some()).count(), 8);
    lab.stop().await.unwrap();
}
