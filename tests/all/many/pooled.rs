//! Behind a PgBouncer that gives every transaction another connection, daemons work as they do without it.

use anyhow::Context as _;
use mozyd::lab::pgbouncer::PgBouncer;
use mozyd::lab::{Lab, Options};

use super::end;
use super::hand::Hand;
use super::play::{Play, with_logs};
use crate::support::{Run, TestDb, needed};

#[tokio::test]
async fn two_daemons_behind_a_pool_of_transactions() {
    if needed("pgbouncer", PgBouncer::program()).is_none() {
        return;
    }
    let _ = rustls::crypto::ring::default_provider().install_default();
    let db = TestDb::empty();
    let bouncer = PgBouncer::start(Run::join().dir(), &db.url()).await.unwrap();
    let options = Options { database_url: Some(bouncer.url(db.name())), ..Options::default() };
    let mut lab = Lab::start(options.setting("database.pooling", "transaction")).await.unwrap();
    lab.add_daemon().await.unwrap();
    let resellers = lab.install(true).await.unwrap();
    let hands = Hand::all(&mut lab);
    let played = Play::new(&lab, resellers, 1).whole().await;
    with_logs(&lab, played).unwrap();
    // All of its connections to PostgreSQL are new from here on.
    bouncer.admin("RECONNECT").await.unwrap();
    let refresh = || hands[0].refresh();
    let end = end::of(&lab, &[lab.instance(), resellers], &db.url(), refresh).await;
    with_logs(&lab, end).unwrap();
    let mut errors = Vec::new();
    for daemon in lab.daemons().iter() {
        assert_eq!(daemon.metric("mozyd_listen_connected", "").await.unwrap(), 0.0);
        assert!(daemon.metric("mozyd_cycles_total", "").await.unwrap() > 0.0);
        errors.extend(daemon.series("mozyd_database_errors_total").await.unwrap());
    }
    errors.retain(|series| !series.ends_with(" 0"));
    let none = errors.is_empty().then_some(()).with_context(|| format!("{errors:?}"));
    with_logs(&lab, none).unwrap();
    let listening = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%LISTEN%' AND pid <> pg_backend_pid() AND datname = current_database()";
    assert_eq!(end::sql(&db.url(), listening).await.unwrap(), ["0"]);
    lab.stop().await.unwrap();
}
