//! `mozyd run`: starts everything, serves until a signal, drains, and leaves no lease behind.

use super::jobs::{self, Parts};
use super::reload::Reload;
use super::signals::{Asked, Listener};
use super::{endpoint, notify, serve};
use crate::config::Config;
use crate::telemetry::LogLevel;
use anyhow::{Context as _, Result};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What is in flight is given so long to end when we are asked to stop; systemd's `TimeoutStopSec` is longer.
const DRAIN: Duration = Duration::from_secs(60);

/// And what OSA asked for just then, so long to be answered.
const ANSWERS: Duration = Duration::from_secs(5);

/// Runs the daemon until it is asked to stop.
///
/// # Errors
/// When something that it cannot do without is missing at the start.
pub async fn run(path: &Path, config: Config, level: LogLevel) -> Result<()> {
    let mut signals = Listener::new()?;
    serve::raise_file_limit();
    let config = Arc::new(config);
    let daemon = Daemon::start(Arc::clone(&config)).await?;
    let reload = Reload { path, started: config, level, parts: daemon.parts.clone() };
    notify::ready();
    notify::status("serving");
    tracing::info!(owner = %daemon.parts.owner, "ready");
    loop {
        match signals.next().await {
            Asked::Stop => break,
            Asked::Refresh => daemon.parts.refresh.notify_one(),
            Asked::Reload => reload.run().await,
        }
    }
    tracing::info!("stopping");
    notify::stopping();
    daemon.stop().await;
    Ok(())
}

struct Daemon {
    parts: Parts,
    /// No more work is claimed after this.
    claiming: CancellationToken,
    /// Everything else ends after this.
    serving: CancellationToken,
    workers: TaskTracker,
    others: TaskTracker,
}

impl Daemon {
    /// Everything that can fail at the start is done before the first job runs.
    async fn start(config: Arc<Config>) -> Result<Self> {
        let listen = config.admin.listen;
        let admin =
            TcpListener::bind(listen).await.with_context(|| format!("listening on admin.listen {listen}"))?;
        let (parts, clerk) = Parts::new(config)?;
        let built =
            endpoint::build(&parts.live.now(), &parts.store, parts.panel.clone(), parts.metrics.clone())
                .await?;
        let (serve, controllers, desk) = built.split(parts.connections.clone());
        let daemon = Self {
            parts,
            claiming: CancellationToken::new(),
            serving: CancellationToken::new(),
            workers: TaskTracker::new(),
            others: TaskTracker::new(),
        };
        let parts = &daemon.parts;
        let ticks = jobs::schedule(parts).await?;
        daemon.spawn(clerk.run(parts.store.clone()));
        daemon.workers.spawn(jobs::workers(parts, daemon.claiming.clone()).run());
        daemon.spawn(jobs::admin(parts, admin)?);
        daemon.spawn(serve);
        daemon.spawn(jobs::listen(parts));
        daemon.spawn(jobs::renew(parts));
        daemon.spawn(jobs::budgets(parts));
        daemon.spawn(jobs::watchdog(parts));
        daemon.spawn(jobs::reschedule(parts, ticks));
        daemon.spawn(jobs::refresh(parts));
        daemon.spawn(jobs::sweep(parts));
        daemon.spawn(jobs::push(parts, desk, controllers));
        daemon.spawn(jobs::gauges(parts));
        daemon.spawn(endpoint::forget_nonces(parts.store.clone()));
        daemon.spawn(jobs::tidy(parts));
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

    /// Stops claiming, waits for what is in flight, then ends everything else.
    async fn stop(self) {
        self.claiming.cancel();
        self.workers.close();
        if tokio::time::timeout(DRAIN, self.workers.wait()).await.is_err() {
            tracing::warn!(
                "some work was still in flight and is left in doubt; it is looked up by whoever takes over"
            );
        }
        self.serving.cancel();
        self.others.close();
        self.others.wait().await;
        self.parts.connections.close(ANSWERS).await;
        jobs::leave_budgets(&self.parts).await;
    }
}
