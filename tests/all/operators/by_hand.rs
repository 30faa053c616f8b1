//! Doubts closed, unmanaged things adopted, subscriptions forgotten: by the real verbs.

use mozyd::lab::Options;
use mozyd::sim::mozy::{FaultKind, FaultRule, parts};

use super::{lab, scene, verb};
use crate::guide::scene::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_in_doubt_is_listed_and_closed_by_hand() {
    // OSA waits for longer than the operator takes.
    let patient = |options: Options| options.setting("mozy.settle", "1h").setting("osa.task_patience", "10m");
    let (lab, _db) = lab(patient).await;
    let (scene, osa, mozy) = (scene(&lab, "doubts"), lab.osa(), lab.mozy());
    let customer = scene.customer(usual()).await;
    verb(&lab, 0, &["doubts"]).await;
    mozy.add_fault(FaultRule::once("user.Create", FaultKind::CutBefore)).unwrap();
    let task = osa.create_user(&customer.new_user("ann", "")).unwrap();
    let doubts = async || {
        let listed = verb(&lab, 0, &["doubts", "--output", "json"]).await.json().unwrap();
        listed.as_array().unwrap().clone()
    };
    scene.eventually("a doubt", 1, async || doubts().await.len()).await;
    let doubt = doubts().await.remove(0);
    assert_eq!(
        (&doubt["kind"], &doubt["aps_id"]),
        (&"create_user".into(), &customer.tenant.to_string().into())
    );
    assert!(
        doubt["decided_by"].as_str().unwrap().starts_with("a look at Mozy: done once it shows"),
        "{doubt}"
    );
    let step = doubt["step"].to_string();
    let text = verb(&lab, 0, &["doubts"]).await.stdout;
    assert!(text.contains(&step) && text.contains(&customer.number()), "{text}");
    // A look tells nothing before the settle time is over, and a word needs its reason.
    verb(&lab, 2, &["resolve", &step]).await;
    verb(&lab, 1, &["resolve", &step, "--not-done"]).await;
    verb(&lab, 1, &["resolve", "999999", "--not-done", "--reason", "x"]).await;
    let closed =
        async || lab.verb(&["resolve", &step, "--not-done", "--reason", "never sent"]).await.unwrap().code;
    scene.eventually("it to be closed", 0, closed).await;
    assert!(task.done().await.is_done());
    assert!(mozy.user_named(&customer.email("ann")).is_some());
    let events = verb(&lab, 0, &["events", &customer.tenant.to_string()]).await.stdout;
    assert!(events.contains("closed as not_done by hand") && events.contains("never sent"), "{events}");
    verb(&lab, 1, &["resolve", &step, "--done", "--reason", "x"]).await;
    lab.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_made_at_mozy_is_adopted_by_the_wish_he_is() {
    let (lab, _db) = lab(|options| options).await;
    let (scene, osa, mozy) = (scene(&lab, "adopted"), lab.osa(), lab.mozy());
    let customer = scene.customer(usual()).await;
    let group = customer.partner().unwrap().default_group_id;
    let make = |name: &str| {
        let made = parts([("user_group_id", group.into()), ("username", customer.email(name).into())]);
        mozy.panel("user.Create", made).unwrap().int().unwrap()
    };
    let (ann, bob) = (make("ann"), make("bob"));
    let task = osa.create_user(&customer.new_user("ann", "")).unwrap();
    customer.stands("UserEmailInUse").await;
    let listed = async || {
        let listed = verb(&lab, 0, &["unmanaged", "--output", "json"]).await.json().unwrap();
        listed.as_array().unwrap().len()
    };
    scene.eventually("both", 2, listed).await;
    let refused = verb(&lab, 1, &["adopt", &bob.to_string()]).await;
    assert!(refused.stderr.contains("make it in OSA first"), "{}", refused.stderr);
    verb(&lab, 1, &["adopt", "424242"]).await;
    verb(&lab, 0, &["adopt", &format!("user:{ann}")]).await;
    assert!(task.done().await.is_done());
    assert_eq!(customer.told(task.resource(), "mozyUserId"), ann.to_string());
    scene.eventually("only Bob", 1, listed).await;
    assert!(mozy.user(bob).is_some());
    // His name is kept as OSA wants it from now on.
    scene
        .eventually("the name", Some("ann".to_owned()), async || {
            mozy.user(ann).and_then(|user| user.full_name)
        })
        .await;
    customer.quiet().await;
    lab.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_fits_is_adopted_by_itself_where_that_is_configured() {
    let (lab, _db) = lab(|options| options.setting("reconcile.unmanaged", "adopt")).await;
    let (scene, mozy) = (scene(&lab, "adopting"), lab.mozy());
    let customer = scene.customer(usual()).await;
    let group = customer.partner().unwrap().default_group_id;
    let made = parts([("user_group_id", group.into()), ("username", customer.email("ann").into())]);
    let ann = mozy.panel("user.Create", made).unwrap().int().unwrap();
    let user = customer.user("ann").await;
    assert_eq!(customer.told(user.id, "mozyUserId"), ann.to_string());
    customer.quiet().await;
    lab.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forgotten_subscription_stays_at_mozy() {
    let (lab, _db) = lab(|options| options).await;
    let scene = scene(&lab, "forgotten");
    let customer = scene.customer(usual()).await;
    let user = customer.user("ann").await;
    let (tenant, partner) = (customer.tenant.to_string(), customer.partner_id());
    let number = customer.number();
    let before = lab.mozy().counters().writes;
    verb(&lab, 1, &["forget", &tenant, "--reason", " "]).await;
    let forgotten =
        async || lab.verb(&["forget", &tenant, "--reason", "sold to another"]).await.unwrap().code;
    scene.eventually("it to be forgotten", 0, forgotten).await;
    let unknown = verb(&lab, 1, &["status", &tenant]).await;
    assert!(unknown.stderr.contains("is not known"), "{}", unknown.stderr);
    let events = verb(&lab, 0, &["events", &tenant]).await.stdout;
    assert!(events.contains("was forgotten") && events.contains("sold to another"), "{events}");
    assert_eq!(verb(&lab, 0, &["events", &number]).await.stdout, events, "its number is still known");
    assert!(lab.mozy().partner(partner).is_some() && lab.mozy().user_named(&user.email).is_some());
    assert_eq!(lab.mozy().counters().writes, before);
    verb(&lab, 1, &["forget", &tenant, "--reason", "again"]).await;
    lab.stop().await.unwrap();
}
