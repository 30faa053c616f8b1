//! A database that is away or frozen costs nobody more than a bounded wait, and is used again when it is back.

use std::time::{Duration, Instant};

use mozyd::lab::faultproxy::{Fault, FaultProxy, Upstream};
use mozyd::lab::postgres::{Settings as ClusterSettings, Stop, sql};
use mozyd::ports::desk::*;
use mozyd::store::{Settings, Store, StoreError};

use super::world::*;
use crate::support::Run;

const SOON: Duration = Duration::from_secs(30);

/// Silence lasts for twice this and the wait for a connection; a statement that is answered takes less on any machine.
const SHORT: Duration = Duration::from_secs(1);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn away_frozen_and_back() {
    let mut cluster = Run::join().private_cluster(ClusterSettings::default()).unwrap();
    let short = Settings { statement_timeout: SHORT, ..settings(&cluster.url("postgres")) };
    let store = Store::connect(short).unwrap();
    store.migrate().await.unwrap();
    let desk = mozyd::store::Desk::new(store.clone(), HOUR);
    desk.order(&ask(), order()).await.unwrap();

    cluster.freeze().unwrap();
    let start = Instant::now();
    let silent = store.numbers(INSTANCE, TENANT).await;
    assert!(matches!(silent, Err(StoreError::Silent { .. })), "{silent:?}");
    assert!(start.elapsed() < SOON);
    cluster.thaw().unwrap();
    assert!(store.numbers(INSTANCE, TENANT).await.unwrap().is_some());

    cluster.stop(Stop::Immediate).unwrap();
    let away = async || desk.order(&ask(), order()).await.is_err().then_some(());
    mozyd::lab::wait::until("the database to be missed", SOON, away).await.unwrap();
    let start = Instant::now();
    let refused = desk.order(&ask(), order()).await;
    let Err(DeskError::Unavailable(why)) = refused else { panic!("{refused:?}") };
    assert!(why.to_string().starts_with("connecting to the database failed: error connecting"), "{why}");
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
    cluster.start().unwrap();
    let back = async || store.numbers(INSTANCE, TENANT).await.ok();
    mozyd::lab::wait::until("the database to be back", SOON, back).await.unwrap();
}

/// The connections that lay idle meanwhile are closed: nobody's work is lost to find that out.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_was_restarted_is_used_at_once() {
    let mut cluster = Run::join().private_cluster(ClusterSettings::default()).unwrap();
    let store = Store::connect(settings(&cluster.url("postgres"))).unwrap();
    store.migrate().await.unwrap();
    let ask = || store.numbers(INSTANCE, TENANT);
    for outcome in futures_util::future::join_all((0..4).map(|_| ask())).await {
        outcome.unwrap();
    }
    cluster.stop(Stop::Fast).unwrap();
    cluster.start().unwrap();
    // Behind the ends of those four, of which the runtime has heard once it has heard this.
    sql::execute(&cluster.url("postgres"), "SELECT 1").await.unwrap();
    for _ in 0..4 {
        ask().await.unwrap();
    }
}

/// A line to the world's database that can be disturbed, and the address at its end.
fn proxied(world: &World) -> (FaultProxy, String) {
    let config: tokio_postgres::Config = world.db.url().parse().unwrap();
    let tokio_postgres::config::Host::Unix(dir) = &config.get_hosts()[0] else { panic!("no unix socket") };
    let proxy = FaultProxy::start(Upstream::Unix(dir.join(".s.PGSQL.5432"))).unwrap();
    let url = format!("postgres://postgres@{}/{}", proxy.address(), world.db.name());
    (proxy, url)
}

/// As an operator does who asks whether we are ready.
#[tokio::test]
async fn who_gives_up_sooner_waits_no_longer_than_that() {
    let world = World::with_tenant().await;
    let (proxy, url) = proxied(&world);
    let store = Store::connect(settings(&url)).unwrap();
    assert!(store.pending().await.unwrap().is_empty());
    proxy.set(Fault::SwallowAnswers);
    let silent = store.within(SHORT).pending().await;
    assert!(matches!(silent, Err(StoreError::Silent { within: SHORT, .. })), "{silent:?}");
    proxy.set(Fault::None);
    assert!(store.pending().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_connection_that_went_silent_is_not_used_again() {
    let world = World::with_tenant().await;
    let (proxy, url) = proxied(&world);
    let store = Store::connect(Settings { size: 1, statement_timeout: SHORT, ..settings(&url) }).unwrap();
    assert!(store.numbers(INSTANCE, TENANT).await.unwrap().is_some());

    proxy.set(Fault::SwallowAnswers);
    let silent = store.numbers(INSTANCE, TENANT).await;
    assert!(matches!(silent, Err(StoreError::Silent { .. })), "{silent:?}");
    proxy.set(Fault::None);
    assert!(store.numbers(INSTANCE, TENANT).await.unwrap().is_some());
    assert_eq!(proxy.accepted(), 2);
}
