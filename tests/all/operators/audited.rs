//! `usage audit`: the numbers of OSA, of ours and of Mozy end equal after an outage of each (design, rule 15).

use std::time::Duration;

use mozyd::lab::postgres::{Settings, Stop};
use mozyd::lab::{Lab, Options, wait};
use mozyd::sim::mozy::{FaultKind, FaultRule, parts};
use serde_json::Value;

use super::{lab, scene, verb};
use crate::guide::scene::*;
use crate::support::Run;

/// More than passes between two counts, however long one took.
const COUNTED: Duration = Duration::from_secs(90);

/// How the audit ends, and what it says; nothing while the database cannot be asked.
async fn audited(lab: &Lab) -> (i32, Value) {
    let answer = lab.verb(&["usage", "audit", "--output", "json"]).await.unwrap();
    let rows = answer.json().unwrap_or_default();
    (answer.code, rows[0]["numbers"]["desktopQuota"].clone())
}

fn gb(n: i64) -> Value {
    serde_json::json!({"osa": n, "ours": n, "mozy": n})
}

/// Somebody gives the key other GB in Mozy's own control panel: what is used changes without us.
fn grow(lab: &Lab, machine: i64, quota: i64) {
    lab.mozy().panel("machine.Update", parts([("id", machine.into()), ("quota", quota.into())])).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_an_outage_of_mozy_and_of_osa_the_numbers_end_equal() {
    // Drift is not corrected, so that what Mozy says is what is billed.
    let (lab, _db) = lab(|options| options.setting("mozy.timeout", "2s")).await;
    let (scene, osa, mozy) = (scene(&lab, "audited"), lab.osa(), lab.mozy());
    let customer = scene.customer(usual()).await;
    let user = customer.user("ann").await;
    let licence = customer.desktop(&user, 10).await;
    let machine = customer.activate(licence).await;
    customer.bills_desktop(1, 10).await;
    scene.eventually("agreement", (0, gb(10)), async || audited(&lab).await).await;
    let tenant = customer.tenant.to_string();
    verb(&lab, 0, &["pause", &tenant]).await;

    // Mozy is away: nothing is said to be 0, and the audit says what it could not read.
    mozy.add_fault(FaultRule::always(FaultKind::status(503))).unwrap();
    grow(&lab, machine, 25);
    let unread = verb(&lab, 1, &["usage", "audit"]).await;
    assert!(unread.stdout.contains("0 of 1 subscriptions agree"), "{}", unread.stdout);
    osa.collect_usage(customer.instance).await.unwrap();
    customer.bills_desktop(1, 10).await;
    mozy.clear_faults();
    scene.eventually("agreement after Mozy was away", (0, gb(25)), async || audited(&lab).await).await;
    customer.bills_desktop(1, 25).await;

    // OSA's door is shut: what we owe is pushed when it opens again.
    osa.faults().rate(mozyd::sim::osa::Side::FromApp, mozyd::sim::osa::Fault::ServerError, 1.0);
    grow(&lab, machine, 40);
    scene
        .eventually("our own number", true, async || {
            let numbers = customer.status().await;
            numbers.pointer("/resources/desktop/quota_gb/assigned") == Some(&40.into())
        })
        .await;
    assert_eq!(lab.verb(&["usage", "audit"]).await.unwrap().code, 1, "OSA cannot be asked");
    osa.faults().clear();
    scene.eventually("agreement after OSA was away", (0, gb(40)), async || audited(&lab).await).await;
    customer.bills_desktop(1, 40).await;

    // A screen that shows something else is told, with all three numbers.
    verb(&lab, 0, &["resume", &tenant]).await;
    scene.eventually("what was bought again", (0, gb(10)), async || audited(&lab).await).await;
    lab.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_an_outage_of_postgresql_the_numbers_end_equal() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    // It is stopped at once: without durable commits it would forget that the subscription was paused.
    let durable = Settings { durable: true, ..Settings::default() };
    let mut cluster = Run::join().private_cluster(durable).unwrap();
    let options = Options { database_url: Some(cluster.url("postgres")), ..Options::default() };
    let lab = Lab::start(options).await.unwrap();
    let scene = scene(&lab, "database");
    let customer = scene.customer(usual()).await;
    let user = customer.user("ann").await;
    let licence = customer.desktop(&user, 10).await;
    let machine = customer.activate(licence).await;
    verb(&lab, 0, &["pause", &customer.tenant.to_string()]).await;
    scene.eventually("agreement", (0, gb(10)), async || audited(&lab).await).await;
    cluster.stop(Stop::Immediate).unwrap();
    grow(&lab, machine, 30);
    let failed = verb(&lab, 1, &["usage", "audit"]).await;
    assert!(failed.stderr.contains("database"), "{}", failed.stderr);
    cluster.start().unwrap();
    let again = async || audited(&lab).await;
    scene.eventually("agreement after the database was away", (0, gb(30)), again).await;
    customer.bills_desktop(1, 30).await;
    // What could not be counted while it was away is counted again soon: alerts hang on it.
    scene.customer(usual()).await;
    let counted = async || (lab.mozyd().metric("mozyd_subscriptions", "").await.ok()? == 2.0).then_some(());
    wait::until("both to be counted", COUNTED, counted).await.unwrap();
    lab.stop().await.unwrap();
}
