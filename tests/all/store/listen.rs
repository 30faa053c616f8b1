//! Listening wakes at once, and goes on listening after the connection was lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use mozyd::ports::desk::Desk;
use mozyd::store::{Heard, Settings, Store};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::world::*;

/// Before a silent connection is asked whether it is there: what is heard by then was told.
const SOON: Duration = Duration::from_secs(20);

async fn hear(heard: &mut mpsc::UnboundedReceiver<Heard>, wanted: Heard) {
    let wait = async { while heard.recv().await.unwrap() != wanted {} };
    timeout(SOON, wait).await.unwrap_or_else(|_| panic!("never heard {wanted:?}"));
}

#[tokio::test]
async fn a_wish_and_a_push_are_heard_also_after_the_backend_was_killed() {
    let world = World::with_tenant().await;
    let (tell, mut heard) = mpsc::unbounded_channel();
    let store = world.store.clone();
    let listening =
        tokio::spawn(async move { store.listen(move |what| tell.send(what).unwrap_or_default()).await });
    hear(&mut heard, Heard::Connected).await;
    world.desk.suspend_tenant(&ask(), TENANT, true).await.unwrap();
    hear(&mut heard, Heard::Work).await;
    world.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()").await;
    hear(&mut heard, Heard::Lost).await;
    hear(&mut heard, Heard::Connected).await;
    world.cycle(|report| super::record::saw(report, 1)).await;
    hear(&mut heard, Heard::Push).await;
    listening.abort();
}

#[tokio::test]
async fn the_observer_is_told_of_every_operation_and_whose_fault_a_failure_was() {
    let world = World::with_tenant().await;
    let (good, bad) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let counters = (good.clone(), bad.clone());
    let observer = move |operation: &'static str, took: Duration, ok: bool| {
        assert!(!operation.is_empty() && took > Duration::ZERO);
        if ok { &counters.0 } else { &counters.1 }.fetch_add(1, Ordering::Relaxed);
    };
    let settings = Settings { observer: Some(Arc::new(observer)), ..settings(&world.db.url()) };
    let desk = mozyd::store::Desk::new(Store::connect(settings).unwrap(), HOUR);
    desk.tenant(INSTANCE, TENANT).await.unwrap();
    reason(
        desk.remove_group(&ask(), SALES)
            .await
            .and(desk.switch_sync(&ask(), TENANT, Some(true)).await)
            .and(desk.add_licence(&ask(), licence(KEY, ALICE, 1)).await),
    );
    assert_eq!((good.load(Ordering::Relaxed), bad.load(Ordering::Relaxed)), (4, 0));
    world.sql("ALTER TABLE usages RENAME TO other").await;
    desk.tenant(INSTANCE, TENANT).await.unwrap_err();
    assert_eq!((good.load(Ordering::Relaxed), bad.load(Ordering::Relaxed)), (4, 1));
}

#[tokio::test]
async fn connections_that_were_killed_are_not_used_again() {
    let world = World::with_tenant().await;
    for _ in 0..3 {
        world.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'mozyd' AND datname = current_database()").await;
        // The end of a connection is noticed as soon as the runtime hears of it.
        let works = async || world.store.numbers(INSTANCE, TENANT).await.ok();
        mozyd::lab::wait::until("a living connection", SOON, works).await.unwrap();
    }
}

#[tokio::test]
async fn an_endless_statement_ends() {
    let world = World::with_tenant().await;
    let short = Settings { statement_timeout: Duration::from_millis(200), ..settings(&world.db.url()) };
    let store = Store::connect(short).unwrap();
    let (client, connection) = tokio_postgres::connect(&world.db.url(), tokio_postgres::NoTls).await.unwrap();
    let driven = tokio::spawn(connection);
    client.batch_execute("BEGIN; LOCK TABLE subscriptions").await.unwrap();
    timeout(SOON, store.numbers(INSTANCE, TENANT)).await.expect("it is endless").unwrap_err();
    driven.abort();
}
