//! Cron only signals: a tick sets a flag, and our own worker does the work, once at a time.
//!
//! tokio-cron-scheduler overlaps its jobs, and a clock stepped back silences it; so nothing here does more than wake
//! somebody, and the sweep has a monotonic deadline of its own (design, rule 11).

use anyhow::{Context as _, Result};
use std::sync::Arc;
use tokio::sync::Notify;
use tokio_cron_scheduler::{Job, JobScheduler};

/// Starts a schedule (six fields, UTC) that notifies at each tick. Dropping the result does not stop it.
pub async fn start(schedule: &str, tick: Arc<Notify>) -> Result<JobScheduler> {
    let scheduler = JobScheduler::new().await.context("starting the cron scheduler")?;
    let job = Job::new(schedule, move |_, _| tick.notify_one())
        .with_context(|| format!("reading refresh.schedule {schedule:?}"))?;
    scheduler.add(job).await.context("adding the refresh to the cron scheduler")?;
    scheduler.start().await.context("starting the cron scheduler")?;
    Ok(scheduler)
}
