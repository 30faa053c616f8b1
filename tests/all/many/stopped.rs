//! Whoever waits for a Mozy that is slow still stops when told to, and leaves no lease behind.

use std::time::Duration;

use chrono::Utc;
use mozyd::lab::postgres::Settings;
use mozyd::lab::screen::Screen;
use mozyd::lab::{Lab, Options, day, wait};
use mozyd::sim::mozy::{FaultKind, FaultRule};

use super::end;
use crate::support::{Run, TestDb};

#[tokio::test]
async fn a_slow_mozy_keeps_nobody_from_stopping() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let db = TestDb::empty();
    let options = Options { database_url: Some(db.url()), ..Options::default() };
    let lab = Lab::start(options.setting("mozy.timeout", "5m")).await.unwrap();
    day::play(&lab, &Screen::recorded().0, 2, 3).await.unwrap();
    let begun = Utc::now();
    lab.mozy().add_fault(FaultRule::always(FaultKind::Latency { ms: 300_000 })).unwrap();
    lab.mozyd().refresh_all().unwrap();
    // A cycle that is under way may have had all its answers before.
    let waits = async || lab.mozy().calls().iter().any(|call| call.at > begun).then_some(());
    wait::until("a cycle to wait for Mozy", Duration::from_secs(20), waits).await.unwrap();
    // The lab is less patient than Mozy is slow.
    lab.stop().await.unwrap();
    let held = "SELECT count(*) FROM work WHERE lease_owner IS NOT NULL";
    assert_eq!(end::sql(&db.url(), held).await.unwrap(), ["0"]);
}

/// What waits for a database that says nothing is no loop that stands still: systemd would end it for no fault of its own.
#[tokio::test]
#[ignore = "takes more than a minute"]
async fn a_silent_database_stops_no_loop() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let cluster = Run::join().private_cluster(Settings::default()).unwrap();
    let options = Options { database_url: Some(cluster.url("postgres")), ..Options::default() };
    let lab = Lab::start(options.setting("reconcile.interval", "1s")).await.unwrap();
    day::play(&lab, &Screen::recorded().0, 2, 3).await.unwrap();
    cluster.freeze().unwrap();
    let ready = lab.mozyd().get("/readyz").await.unwrap();
    assert_eq!(ready.status, 503, "{}", ready.body);
    assert!(ready.body.contains("the database did not answer pending within 3s"), "{}", ready.body);
    for _ in 0..75 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let alive = lab.mozyd().get("/livez").await.unwrap();
        assert_eq!(alive.status, 200, "{}", alive.body);
    }
    cluster.thaw().unwrap();
    let ready = async || (lab.mozyd().get("/readyz").await.unwrap().status == 200).then_some(());
    wait::until("it to be ready again", Duration::from_secs(60), ready).await.unwrap();
    lab.stop().await.unwrap();
}
