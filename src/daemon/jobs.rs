//! The table of jobs: everything that runs in the background, each a future that ends only with the daemon.

use super::admin::{self, Faces, Pulse};
use super::api::{self, Api};
use super::books::{self, Books, Clerk};
use super::lease::Holds;
use super::live::Live;
use super::looks::Looks;
use super::panel::ControlPanel;
use super::serve::{self, Connections};
use super::vendors::Vendors;
use super::workers::Workers;
use super::{budgets, cron, gauges, notify, pusher, sweep, wiring};
use crate::config::Config;
use crate::metrics::Metrics;
use crate::osa::controllers::Controllers;
use crate::store::{Desk, Heard, Store};
use anyhow::{Context as _, Result};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio_cron_scheduler::JobScheduler;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// How long events, settled steps and things that are gone are kept.
const KEEP: Duration = Duration::from_secs(90 * 86_400);

/// How often what is older is deleted.
const TIDY: Duration = Duration::from_secs(3600);

/// A refresh of all that could not be begun, because PostgreSQL was away for example, is tried again after so long.
const AGAIN: Duration = Duration::from_secs(1);

/// What every job is made of.
#[derive(Clone)]
pub struct Parts {
    /// The configuration, as it is now.
    pub live: Live,
    /// The store.
    pub store: Store,
    /// Mozy.
    pub vendors: Arc<Vendors>,
    /// What Prometheus sees.
    pub metrics: Arc<Metrics>,
    /// What is made while somebody waits.
    pub panel: ControlPanel,
    /// This daemon, as leases name it.
    pub owner: Uuid,
    /// Asks for a refresh of all.
    pub refresh: Arc<Notify>,
    /// Somebody knows of work.
    pub work: Arc<Notify>,
    /// From OSA, operators and Prometheus.
    pub connections: Connections,
    owed: Arc<Notify>,
    shares: Arc<Notify>,
    holds: Holds,
    pulse: Arc<Pulse>,
    claimed: Arc<AtomicBool>,
    moved: Arc<Notify>,
    books: Books,
    looks: Looks,
}

impl Parts {
    /// Makes the parts, and who keeps the books; connects to nothing yet.
    pub fn new(config: Arc<Config>) -> Result<(Self, Clerk)> {
        let metrics = wiring::metrics()?;
        let store = wiring::connect(&config, Some(Arc::clone(&metrics)))?;
        let (live, owner) = (Live::new(config), Uuid::new_v4());
        let vendors = Vendors::new(live.clone(), store.clone(), Arc::clone(&metrics), owner)?;
        let vendors = Arc::new(vendors);
        let panel = ControlPanel { store: store.clone(), vendors: Arc::clone(&vendors), live: live.clone() };
        let (books, clerk) = books::open();
        let parts = Self {
            live,
            store,
            vendors,
            metrics,
            panel,
            owner,
            refresh: Arc::default(),
            work: Arc::default(),
            connections: Connections::default(),
            owed: Arc::default(),
            shares: Arc::default(),
            holds: Holds::default(),
            pulse: Arc::default(),
            claimed: Arc::default(),
            moved: Arc::default(),
            books,
            looks: Looks::default(),
        };
        Ok((parts, clerk))
    }
}

/// Claims what is due and runs its cycles.
pub fn workers(parts: &Parts, stop: CancellationToken) -> Arc<Workers> {
    Arc::new(Workers {
        live: parts.live.clone(),
        store: parts.store.clone(),
        vendors: Arc::clone(&parts.vendors),
        metrics: Arc::clone(&parts.metrics),
        holds: parts.holds.clone(),
        owner: parts.owner,
        wake: Arc::clone(&parts.work),
        stop,
        freed: Arc::default(),
        books: parts.books.clone(),
        looks: parts.looks.clone(),
        claimed: Arc::clone(&parts.claimed),
        pulse: Arc::clone(&parts.pulse),
        moved: Arc::clone(&parts.moved),
    })
}

/// How long PostgreSQL may take for whether we are ready: who asks gives up soon.
const READINESS: Duration = Duration::from_secs(3);

/// How long it may take for one thing that the operator's API asks for.
const API: Duration = Duration::from_secs(10);

/// Serves metrics, health and the operator's API.
pub fn admin(parts: &Parts, listener: TcpListener) -> Result<impl Future<Output = ()> + use<>> {
    let api = Api {
        live: parts.live.clone(),
        store: parts.store.within(API),
        vendors: Arc::clone(&parts.vendors),
        panel: parts.panel.clone(),
        token: parts.live.now().admin.token()?,
    };
    let faces = Faces {
        store: parts.store.within(READINESS),
        metrics: Arc::clone(&parts.metrics),
        pulse: Arc::clone(&parts.pulse),
        claimed: Arc::clone(&parts.claimed),
    };
    let router = admin::router(faces).merge(api::router(api));
    Ok(serve::serve(listener, router, serve::most_connections(), parts.connections.clone()))
}

/// Hears what PostgreSQL tells. NOTIFY only wakes; whatever it misses, a poll finds.
pub fn listen(parts: &Parts) -> impl Future<Output = ()> + use<> {
    let Parts { store, metrics, work, owed, shares, .. } = parts.clone();
    async move {
        let tell = |heard| match heard {
            Heard::Connected | Heard::Lost => {
                metrics.database.set_listening(heard == Heard::Connected);
                work.notify_one();
                owed.notify_one();
            }
            Heard::Work => work.notify_one(),
            Heard::Push => owed.notify_one(),
            Heard::Budget => shares.notify_one(),
        };
        store.listen(tell).await;
    }
}

/// Keeps our leases.
pub fn renew(parts: &Parts) -> impl Future<Output = ()> + use<> {
    let Parts { store, holds, .. } = parts.clone();
    async move { holds.renew(&store).await }
}

/// Keeps our parts of the budgets, and looks whether a Mozy that is down answers again.
pub fn budgets(parts: &Parts) -> impl Future<Output = ()> + use<> {
    let Parts { store, vendors, metrics, owner, shares, .. } = parts.clone();
    budgets::run((store, owner), vendors, metrics, shares)
}

/// Gives our parts of the budgets back.
pub async fn leave_budgets(parts: &Parts) {
    budgets::leave(&parts.store, parts.owner, &parts.vendors.budgets()).await;
}

/// Feeds systemd's watchdog while the worker loop moves.
pub fn watchdog(parts: &Parts) -> impl Future<Output = ()> + use<> {
    notify::watchdog(Arc::clone(&parts.moved))
}

/// Starts the cron schedule of the refresh; each tick only wakes [`refresh`].
pub async fn schedule(parts: &Parts) -> Result<JobScheduler> {
    cron::start(&parts.live.now().refresh.schedule, Arc::clone(&parts.refresh))
        .await
        .context("scheduling the refresh")
}

/// Keeps the schedule of the refresh as it is configured.
pub fn reschedule(parts: &Parts, mut ticks: JobScheduler) -> impl Future<Output = ()> + use<> {
    let Parts { live, refresh, .. } = parts.clone();
    async move {
        let mut schedule = live.now().refresh.schedule.clone();
        loop {
            schedule = live.changed(&schedule, |config| config.refresh.schedule.clone()).await;
            if let Err(error) = ticks.shutdown().await {
                tracing::warn!(%error, "the old schedule of the refresh could not be ended");
            }
            match cron::start(&schedule, Arc::clone(&refresh)).await {
                Ok(started) => ticks = started,
                Err(error) => {
                    tracing::error!("the new schedule of the refresh could not be begun: {error:#}")
                }
            }
        }
    }
}

/// Has the usage of all subscriptions read afresh, at every tick and when somebody asks.
pub fn refresh(parts: &Parts) -> impl Future<Output = ()> + use<> {
    let Parts { store, refresh, work, .. } = parts.clone();
    async move {
        loop {
            refresh.notified().await;
            match store.refresh_all().await {
                Ok(number) => {
                    tracing::debug!(number, "refreshing all");
                    work.notify_one();
                }
                Err(error) => {
                    tracing::warn!(%error, "a refresh of all could not be begun and is tried again");
                    tokio::time::sleep(AGAIN).await;
                    refresh.notify_one();
                }
            }
        }
    }
}

/// Makes sure that every subscription has its place in the queue, and tells how long a round takes.
pub fn sweep(parts: &Parts) -> impl Future<Output = ()> + use<> {
    let Parts { store, metrics, live, .. } = parts.clone();
    async move { sweep::run(store, &metrics, &live).await }
}

/// Pushes to OSA what its screens are owed.
pub fn push(parts: &Parts, desk: Desk, controllers: Controllers) -> impl Future<Output = ()> + use<> {
    let Parts { store, metrics, owed, .. } = parts.clone();
    pusher::run(store, desk, controllers, metrics, owed)
}

/// Counts what only the database knows.
pub fn gauges(parts: &Parts) -> impl Future<Output = ()> + use<> {
    let Parts { store, metrics, .. } = parts.clone();
    gauges::run(store, metrics)
}

/// Deletes what has ended long ago.
pub fn tidy(parts: &Parts) -> impl Future<Output = ()> + use<> {
    let store = parts.store.clone();
    async move {
        let mut tick = tokio::time::interval(TIDY);
        loop {
            tick.tick().await;
            if let Err(error) = store.tidy(KEEP).await {
                tracing::warn!(%error, "what has ended long ago could not be deleted");
            }
        }
    }
}
