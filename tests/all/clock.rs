//! The host's clock is stepped, PostgreSQL's and the daemon's: what may have happened is waited for as long as ever.

use std::io::Write;

use mozyd::lab::postgres::{Cluster, Settings};
use mozyd::lab::{Lab, Options};
use mozyd::sim::mozy::{FaultKind, FaultRule};

use crate::guide::scene::{Scene, usual};
use crate::support::faketime;

/// Steps the clock of everything that reads this file.
fn step(file: &mut std::fs::File, seconds: &str) {
    use std::io::Seek;
    file.rewind().unwrap();
    file.set_len(0).unwrap();
    writeln!(file, "{seconds}").unwrap();
}

/// A Provision is answered too late, and done even later; in between the clock is stepped.
async fn stepped(by: &str) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut file = tempfile::NamedTempFile::new().unwrap();
    step(file.as_file_mut(), "+0");
    // PostgreSQL runs as another user.
    std::fs::set_permissions(file.path(), std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    let Some(environment) = faketime(file.path()) else { return };
    let settings = Settings { environment: environment.clone(), ..Settings::default() };
    let cluster = tokio::task::spawn_blocking(|| Cluster::temporary(settings)).await.unwrap().unwrap();
    cluster.create_database("mozyd").unwrap();
    let options = Options { database_url: Some(cluster.url("mozyd")), environment, ..Options::default() }
        .setting("mozy.timeout", "4s")
        .setting("mozy.settle", "16s")
        .setting("reconcile.interval", "100s");
    let lab = Lab::start(options).await.unwrap();
    let scene = Scene::new(&lab, uuid::Uuid::nil(), "stepped");
    let mut customer = scene.someone();
    lab.mozy()
        .add_fault(FaultRule::once("resource.Provision", FaultKind::LateCommit { ms: 12_000 }))
        .unwrap();
    let mut steps = async || {
        let doubts = async || lab.verb(&["doubts"]).await.unwrap().stdout.contains("provision");
        scene.eventually("the doubt", true, doubts).await;
        step(file.as_file_mut(), by);
    };
    tokio::join!(customer.order(usual()), steps());
    let mark = customer.mark();
    customer.quiet().await;
    mark.writes(&customer, &[]);
    let calls = lab.mozy().calls();
    let done =
        |operation: &str| calls.iter().filter(|one| one.committed && one.operation == operation).count();
    // One for each kind of key; the one in doubt was neither made again nor taken back.
    assert_eq!((done("resource.Provision"), done("resource.Release")), (2, 0));
    drop(lab);
    tokio::task::spawn_blocking(move || drop(cluster)).await.unwrap();
}

#[tokio::test]
async fn an_hour_forward_settles_no_doubt() {
    stepped("+3600").await;
}

#[tokio::test]
async fn an_hour_back_keeps_no_doubt() {
    stepped("-3600").await;
}
