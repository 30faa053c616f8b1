//! `mozyd run`: starts everything, serves until a signal, drains, and leaves no lease behind.

use super::admin::{self, Faces, Pulse};
use super::lease::Holds;
use super::panel::ControlPanel;
use super::signals::{Asked, Listener};
use super::vendors::Vendors;
use super::workers::Workers;
use super::{cron, endpoint, gauges, notify, pusher, sweep, wiring};
use crate::config::Config;
use crate::metrics::Metrics;
use crate::store::{Heard, Store};
use anyhow::{Context as _, Result};
use futures_util::StreamExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

/// What is in flight is given so long to end when we are asked to stop; systemd's `TimeoutStopSec` is longer.
const DRAIN: Duration = Duration::from_secs(60);

/// Runs the daemon until it is asked to stop.
///
/// # Errors
/// When something that it cannot do without is missing at the start.
pub async fn run(path: &Path, config: Config) -> Result<()> {
    let mut signals = Listener::new()?;
    let daemon = Daemon::start(Arc::new(config)).await?;
    notify::ready();
    notify::status("serving");
    tracing::info!(owner = %daemon.owner, "ready");
    loop {
        match signals.next().await {
            Asked::Stop => break,
            Asked::Refresh => daemon.refresh.notify_one(),
            Asked::Reload => reload(path),
        }
    }
    tracing::info!("stopping");
    notify::stopping();
    daemon.stop().await;
    Ok(())
}

/// A bad configuration is refused and the old one kept; a good one is taken at the next start.
fn reload(path: &Path) {
    match Config::load(path) {
        Ok(_) => tracing::warn!("the configuration is good; restart to use what changed"),
        Err(problems) => tracing::error!(%problems, "the configuration was refused; the old one stays"),
    }
}

struct Daemon {
    owner: Uuid,
    refresh: Arc<Notify>,
    /// No more work is claimed after this.
    claiming: CancellationToken,
    /// Everything else ends after this.
    serving: CancellationToken,
    workers: TaskTracker,
    others: TaskTracker,
}

impl Daemon {
    async fn start(config: Arc<Config>) -> Result<Self> {
        let metrics = wiring::metrics()?;
        let store = wiring::connect(&config, Some(Arc::clone(&metrics)))?;
        let vendors = Arc::new(Vendors::new(Arc::clone(&config), store.clone(), Arc::clone(&metrics))?);
        let admin = TcpListener::bind(config.admin.listen)
            .await
            .with_context(|| format!("listening on admin.listen {}", config.admin.listen))?;
        let daemon = Self {
            owner: Uuid::new_v4(),
            refresh: Arc::new(Notify::new()),
            claiming: CancellationToken::new(),
            serving: CancellationToken::new(),
            workers: TaskTracker::new(),
            others: TaskTracker::new(),
        };
        let panel = ControlPanel {
            store: store.clone(),
            vendors: Arc::clone(&vendors),
            patience: config.mozy.timeout,
        };
        let endpoint = endpoint::build(&config, &store, panel, Arc::clone(&metrics)).await?;
        let wakes = Wakes::default();
        daemon.listen(&store, &metrics, &wakes);
        daemon.work(&config, &store, &vendors, &metrics, &wakes, admin);
        daemon.spawn(pusher::run(store.clone(), endpoint.pusher, Arc::clone(&metrics), Arc::clone(&wakes.push)));
        daemon.spawn(endpoint.serve);
        daemon.spawn(gauges::run(store.clone(), vendors, Arc::clone(&metrics)));
        let (swept, watched, interval) = (store.clone(), Arc::clone(&metrics), config.reconcile.interval);
        daemon.spawn(async move { sweep::run(swept, &watched, interval).await });
        daemon.schedule(&config, store).await?;
        Ok(daemon)
    }

    /// Runs something until the daemon stops serving.
    fn spawn(&self, job: impl Future<Output = ()> + Send + 'static) {
        let serving = self.serving.clone();
        self.others.spawn(async move {
            tokio::select! {
                () = serving.cancelled() => {}
                () = job => {}
            }
        });
    }

    /// NOTIFY only wakes; whatever it misses, a poll finds.
    fn listen(&self, store: &Store, metrics: &Arc<Metrics>, wakes: &Wakes) {
        let (store, metrics, wakes) = (store.clone(), Arc::clone(metrics), wakes.clone());
        self.spawn(async move {
            let connected = move |connected| metrics.database.set_listening(connected);
            let mut heard = std::pin::pin!(store.listen(connected));
            while let Some(heard) = heard.next().await {
                match heard {
                    Heard::Work(_) => wakes.work.notify_one(),
                    Heard::Push => wakes.push.notify_one(),
                }
            }
        });
    }

    fn work(
        &self,
        config: &Arc<Config>,
        store: &Store,
        vendors: &Arc<Vendors>,
        metrics: &Arc<Metrics>,
        wakes: &Wakes,
        admin: TcpListener,
    ) {
        let holds = Holds::default();
        let (pulse, claimed) = (Arc::new(Pulse::default()), Arc::new(AtomicBool::new(false)));
        let moved = Arc::new(Notify::new());
        let workers = Arc::new(Workers {
            config: Arc::clone(config),
            store: store.clone(),
            vendors: Arc::clone(vendors),
            metrics: Arc::clone(metrics),
            holds: holds.clone(),
            owner: self.owner,
            wake: Arc::clone(&wakes.work),
            claimed: Arc::clone(&claimed),
            pulse: Arc::clone(&pulse),
            moved: Arc::clone(&moved),
        });
        self.workers.spawn(workers.run(self.claiming.clone()));
        let (renewed, watched) = (store.clone(), Arc::clone(metrics));
        self.spawn(async move { holds.renew(&renewed, &watched).await });
        self.spawn(notify::watchdog(moved));
        let faces = Faces { store: store.clone(), metrics: Arc::clone(metrics), pulse, claimed };
        self.spawn(async move {
            if let Err(error) = axum::serve(admin, admin::router(faces)).await {
                tracing::error!(%error, "admin.listen cannot be served any more");
            }
        });
    }

    /// Usage of all subscriptions is read afresh by schedule and by SIGUSR1.
    async fn schedule(&self, config: &Config, store: Store) -> Result<()> {
        let mut scheduler = cron::start(&config.refresh.schedule, Arc::clone(&self.refresh)).await?;
        let refresh = Arc::clone(&self.refresh);
        self.spawn(async move {
            loop {
                refresh.notified().await;
                match store.refresh_all().await {
                    Ok(number) => tracing::debug!(number, "refreshing all"),
                    Err(error) => tracing::error!(%error, "a refresh of all could not be begun"),
                }
            }
        });
        let serving = self.serving.clone();
        self.others.spawn(async move {
            serving.cancelled().await;
            let _ = scheduler.shutdown().await;
        });
        Ok(())
    }

    /// Stops claiming, waits for what is in flight, then ends everything else.
    async fn stop(self) {
        self.claiming.cancel();
        self.workers.close();
        if tokio::time::timeout(DRAIN, self.workers.wait()).await.is_err() {
            tracing::warn!("some work was still in flight and is left in doubt; it is looked up by whoever takes over");
        }
        self.serving.cancel();
        self.others.close();
        self.others.wait().await;
    }
}

/// Who is woken by what PostgreSQL tells.
#[derive(Clone, Default)]
struct Wakes {
    work: Arc<Notify>,
    push: Arc<Notify>,
}
