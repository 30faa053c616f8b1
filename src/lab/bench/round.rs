//! One round: every measurement of one size of the estate, the ones that disturb the others last.

use std::time::Duration;

use anyhow::Result;

use super::report::Figures;
use super::stage::Stage;
use super::stats::median;
use super::{Arguments, change, probe, retrieve, soak, sweep};

/// How long nothing is done to see what nothing costs.
const IDLE: Duration = Duration::from_secs(20);
/// How long retrieves are made.
const RETRIEVES: Duration = Duration::from_secs(10);
/// Connections that OSA holds open.
const CONNECTIONS: usize = 32;
/// Between two changes, so that each is alone.
const PAUSE: Duration = Duration::from_millis(30);

/// Measures everything.
pub async fn measure(stage: &mut Stage, arguments: &Arguments) -> Result<Figures> {
    let starts = [stage.start_to_ready, stage.restart().await?, stage.restart().await?];
    let starts = starts.map(|took| took.as_secs_f64());
    let (memory_start_mb, _) = probe::memory(stage.pid())?;
    let (idle_cpu, idle_postgres_cpu) = idle(stage).await?;
    // The first cycle of each keeps its report whole; from then on it is steady.
    sweep::sweep_once(stage).await?;
    let postgres = sweep::asked(stage).await?;
    let at_once_answered = sweep::paired(stage, arguments.pairs).await?;
    let with_delay = delayed(stage, arguments).await?;
    let (memory_swept_mb, _) = probe::memory(stage.pid())?;
    let retrieve = retrieve::measure(stage, CONNECTIONS, RETRIEVES).await?;
    let change_idle = change::measure(stage, 0, arguments.changes, PAUSE).await?;
    sweep::settled(stage).await?;
    let change_behind_sweep = behind_sweep(stage, arguments.changes).await?;
    let soak = soak::run(stage, arguments.soak).await?;
    let (memory_end_mb, memory_peak_mb) = probe::memory(stage.pid())?;
    let cycles = stage.daemon.metric("mozyd_cycles_total", "").await?;
    let plan = &stage.plan;
    Ok(Figures {
        subscriptions: plan.estate.subscriptions,
        users: plan.estate.subscriptions * plan.estate.each,
        at_once: plan.at_once,
        workers: plan.workers,
        filled_s: stage.filled.as_secs_f64(),
        start_to_ready_s: median(&starts),
        at_once_answered,
        with_delay,
        delay_ms: arguments.delay,
        postgres,
        change_idle,
        change_behind_sweep,
        soak,
        retrieve,
        memory_start_mb,
        memory_swept_mb,
        memory_end_mb,
        memory_peak_mb,
        cycles,
        idle_cpu,
        idle_postgres_cpu,
    })
}

/// Processor time in a second without work: the daemon's and PostgreSQL's.
async fn idle(stage: &mut Stage) -> Result<(f64, f64)> {
    let pid = stage.pid();
    let before = (probe::cpu(pid)?, stage.postgres_cpu()?);
    tokio::time::sleep(IDLE).await;
    let per_second = |before: f64, now: f64| (now - before).max(0.0) / IDLE.as_secs_f64();
    Ok((per_second(before.0, probe::cpu(pid)?), per_second(before.1, stage.postgres_cpu()?)))
}

async fn delayed(stage: &mut Stage, arguments: &Arguments) -> Result<Option<sweep::Paired>> {
    if arguments.delay == 0 {
        return Ok(None);
    }
    stage.delay(Duration::from_millis(arguments.delay)).await?;
    let paired = sweep::paired(stage, arguments.pairs).await?;
    stage.delay(Duration::ZERO).await?;
    Ok(Some(paired))
}

/// Makes everything due, and changes some while the sweep goes on.
async fn behind_sweep(stage: &mut Stage, changes: i64) -> Result<change::Latency> {
    // Slow enough that the sweep lasts longer than the changes take.
    stage.delay(Duration::from_millis(20)).await?;
    sweep::make_due(stage).await?;
    let latency = change::measure(stage, 1, changes, PAUSE).await?;
    stage.delay(Duration::ZERO).await?;
    sweep::settled(stage).await?;
    Ok(latency)
}
