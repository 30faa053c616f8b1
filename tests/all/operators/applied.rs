//! `apply --plan` does exactly what `plan` printed, beside a daemon and without one, or nothing at all.

use mozyd::sim::mozy::{FaultKind, FaultRule, parts};
use serde_json::Value;

use super::{lab, scene, verb};
use crate::guide::scene::*;

async fn plan_of(lab: &mozyd::lab::Lab, tenant: &str) -> Value {
    verb(lab, 2, &["plan", tenant, "--output", "json"]).await.json().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exactly_the_plan_that_was_shown() {
    let (mut lab, _db) = lab(|options| options.setting("reconcile.mode", "observe")).await;
    let (tenant, partner) = {
        let scene = scene(&lab, "applied");
        let mut customer = scene.someone();
        let order = customer.orders(usual()).unwrap();
        customer.tenant = order.resource();
        let tenant = customer.tenant.to_string();
        scene
            .eventually("the wish", true, async || lab.verb(&["status", &tenant]).await.unwrap().code == 2)
            .await;
        // Beside a daemon that only observes.
        let plan = plan_of(&lab, &tenant).await;
        assert!(customer.partner().is_none());
        let hash = plan["hash"].as_str().unwrap();
        let done = verb(&lab, 0, &["apply", "--plan", hash]).await;
        assert_eq!(
            done.stdout.matches("done: ").count(),
            plan["steps"].as_array().unwrap().len(),
            "{}",
            done.stdout
        );
        assert!(order.done().await.is_done());
        assert_eq!(customer.stock(), [(5, 100), (2, 50)]);
        let again = verb(&lab, 1, &["apply", "--plan", hash]).await;
        assert!(again.stderr.contains("is not the plan any more, and nothing was done"), "{}", again.stderr);
        (tenant, customer.partner_id())
    };
    // Without a daemon; the world moves between plan and apply.
    let rename = |lab: &mozyd::lab::Lab, name: &str| {
        lab.mozy().panel("partner.Update", parts([("id", partner.into()), ("name", name.into())])).unwrap()
    };
    for daemon in lab.daemons() {
        daemon.stop().await.unwrap();
    }
    rename(&lab, "Other");
    let old = plan_of(&lab, &tenant).await["hash"].as_str().unwrap().to_owned();
    rename(&lab, "Third");
    let before = lab.mozy().counters().writes;
    verb(&lab, 1, &["apply", "--plan", &old]).await;
    assert_eq!(lab.mozy().counters().writes, before, "nothing was written");
    assert_eq!(lab.mozy().partner(partner).unwrap().name, "Third");
    let new = plan_of(&lab, &tenant).await["hash"].as_str().unwrap().to_owned();
    // While Mozy is away nobody can say whether it still is the plan.
    lab.mozy().add_fault(FaultRule::always(FaultKind::status(502))).unwrap();
    let away = verb(&lab, 1, &["apply", "--plan", &new]).await.stderr;
    assert!(
        away.contains(&format!("subscription {tenant} could not be looked at: mozy cannot be reached")),
        "{away}"
    );
    assert!(away.contains("; nothing was done") && !away.contains("not the plan any more"), "{away}");
    lab.mozy().clear_faults();
    verb(&lab, 0, &["apply", "--plan", &new]).await;
    assert_eq!(lab.mozy().partner(partner).unwrap().name, "applied-1");
    verb(&lab, 0, &["plan", &tenant]).await;
    verb(&lab, 1, &["apply", "--plan", "nonsense"]).await;
}
