//! A stranger with two verbs, `status` and `explain SUBSCRIPTION`, finds out why one customer's order is not done.

use mozyd::lab::{Lab, Options};
use mozyd::sim::mozy::{FaultKind, FaultRule};
use serde_json::Value;

use super::lab;
use crate::guide::scene::{Customer, Scene, plan, usual};

/// What a stranger sees, once the daemon has seen it.
async fn tells(lab: &Lab, scene: &Scene<'_>, customer: &Customer<'_>, word: &str, advice: &str, code: i32) {
    let number = customer.number();
    let line = async || {
        let list = lab.verb(&["status"]).await.unwrap().stdout;
        list.lines().any(|line| line.starts_with(&number) && line.contains(word))
            && list.contains("ask why: mozyd explain ")
    };
    scene.eventually(word, true, line).await;
    let explain = async || lab.verb(&["explain", &number]).await.unwrap();
    scene.eventually("the exit code", code, async || explain().await.code).await;
    let answer = explain().await;
    assert_eq!(answer.stderr, "", "nothing but the answer");
    let text = answer.stdout;
    println!("{text}");
    let (before, next) = text.split_once("What to do").unwrap_or_else(|| panic!("{text}"));
    assert!(before.contains(word) || word == "Paused" || word == "InDoubt", "{word}: {text}");
    assert!(next.contains(advice), "{word} without `{advice}`: {text}");
    assert!(!text.contains('\x1b'), "colour where there is no terminal");
    let json = lab.verb(&["explain", &number, "--output", "json"]).await.unwrap().json().unwrap();
    for part in ["wanted", "seen", "doing", "blocked", "next"] {
        assert!(json[part].as_array().is_some_and(|all| !all.is_empty()), "{part}: {json}");
    }
}

#[tokio::test]
async fn two_verbs_tell_a_stranger_why_an_order_is_not_done() {
    let options = Options::default()
        .setting("guard.delete_percent", 0)
        .setting("guard.delete_min", 0)
        .setting("mozy.settle", "1h");
    let (_db, lab, resellers) = lab(options).await;
    let scene = Scene::new(&lab, resellers, "explain");
    let (osa, mozy) = (lab.osa(), lab.mozy());
    let fine = scene.customer(usual()).await;
    let answer = lab.verb(&["explain", &fine.number()]).await.unwrap();
    assert!(answer.code == 0 && answer.stdout.contains("are the same"), "{}", answer.stdout);

    let mut again = scene.someone();
    (again.account, again.company) = (fine.account, fine.company.clone());
    again.domain.clone_from(&fine.domain);
    again.order(usual()).await;
    tells(&lab, &scene, &again, "AdminEmailInUse", "another e-mail address", 2).await;

    let reseller = scene.reseller();
    let mut early = scene.customer_of(&reseller);
    early.tenant = early.orders(usual()).unwrap().resource();
    tells(&lab, &scene, &early, "ResellerNotProvisioned", "reseller's own subscription comes first", 2).await;

    let user = fine.user("ann").await;
    fine.desktop(&user, 50).await;
    scene.done(osa.upgrade(fine.tenant, &plan((5, 20), (2, 50)))).await;
    tells(&lab, &scene, &fine, "QuotaExceedsPurchase", "buy more GB", 2).await;

    let large = scene.customer(usual()).await;
    let users = [large.user("ann").await, large.user("bob").await];
    assert_eq!(lab.verb(&["pause", &large.number()]).await.unwrap().code, 0);
    osa.remove_user(users[0].id).unwrap();
    tells(&lab, &scene, &large, "Paused", "mozyd resume", 2).await;
    // Both at once are too many: one that was resumed before the other is heard of would be deleted.
    osa.remove_user(users[1].id).unwrap().until(|task| !task.notes.is_empty()).await;
    assert_eq!(lab.verb(&["resume", &large.number()]).await.unwrap().code, 0);
    tells(&lab, &scene, &large, "GuardHeld", "mozyd approve HASH", 3).await;

    let doubtful = scene.customer(usual()).await;
    mozy.add_fault(FaultRule::once("user.Create", FaultKind::CutBefore)).unwrap();
    osa.create_user(&doubtful.new_user("ann", "")).unwrap();
    tells(&lab, &scene, &doubtful, "InDoubt", "mozyd doubts", 2).await;

    let mut late = scene.someone();
    mozy.add_fault(FaultRule::always(FaultKind::status(502))).unwrap();
    late.tenant = late.orders(usual()).unwrap().resource();
    tells(&lab, &scene, &late, "VendorUnreachable", "until Mozy answers", 2).await;
    gone(&lab, &scene).await;
    lab.stop().await.unwrap();
}

/// What was terminated says so, and is in agreement.
async fn gone(lab: &Lab, scene: &Scene<'_>) {
    lab.mozy().clear_faults();
    let customer = scene.customer(usual()).await;
    let number = customer.number();
    scene.done(lab.osa().terminate(customer.tenant)).await;
    let status = async || {
        let answer = lab.verb(&["status", &number]).await.unwrap();
        (answer.code, answer.stdout.contains("gone") && answer.stdout.contains("nothing more is done"))
    };
    scene.eventually("a status that says it is gone", (0, true), status).await;
    let json = lab.verb(&["status", &number, "--output", "json"]).await.unwrap().json().unwrap();
    assert!(json["gone"].is_string() && json["state"] == "removing", "{json}");
    let explained: Value = lab.verb(&["explain", &number, "--output", "json"]).await.unwrap().json().unwrap();
    assert_eq!((&explained["state"], &explained["next"][0]), (&"gone".into(), &"Nothing.".into()));
}
