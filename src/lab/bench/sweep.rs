//! The steady sweep beside the bare client: everything in agreement and due at once, in pairs, so that whatever else the
//! machine does at the time strikes both.

use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde::Serialize;

use super::answerer::Seen;
use super::bare::Bare;
use super::probe::{self, Statements};
use super::stage::{API_KEY, Stage, part, pin};
use super::stats::median;
use crate::lab::wait;

/// What one sweep may take.
const LONGEST: Duration = Duration::from_secs(1800);

/// What one sweep took.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Sweep {
    /// Seconds by the clock.
    pub seconds: f64,
    /// Seconds of processor time: the daemon, PostgreSQL's part of which is not in it.
    pub cpu_seconds: f64,
    /// Seconds that Mozy's process took of its processor.
    pub mozy_cpu_seconds: f64,
    /// Seconds of processor time that PostgreSQL took.
    pub postgres_cpu_seconds: f64,
}

/// Pairs of a bare loop and a sweep.
#[derive(Clone, Debug, Serialize)]
pub struct Paired {
    /// Of each pair, the bare loop's time over the sweep's.
    pub ratios: Vec<f64>,
    /// The middle one.
    pub ratio: f64,
    /// The same of the processor time that the client's process took.
    pub cpu_ratio: f64,
    /// Subscriptions a second of the bare loop, the middle one.
    pub bare_per_second: f64,
    /// And of the sweep.
    pub sweep_per_second: f64,
    /// The part of its time that Mozy's process was busy in the sweep; below a half it is not the limit.
    pub mozy_busy: f64,
    /// Whether both sent the same envelopes, byte for byte.
    pub same_calls: bool,
    /// Calls of a sweep per subscription, by operation.
    pub calls: Vec<(String, f64)>,
}

/// Measures so many pairs.
pub async fn paired(stage: &mut Stage, pairs: usize) -> Result<Paired> {
    let number = stage.plan.estate.subscriptions as f64;
    let (mut bares, mut sweeps) = (Vec::new(), Vec::new());
    let (mut same_calls, mut calls) = (true, Vec::new());
    for nth in 0..pairs {
        stage.take_seen().await?;
        // Each goes first every other time.
        let (bare, sweep, by_bare, by_sweep);
        if nth % 2 == 0 {
            (bare, by_bare) = (bare_loop(stage).await?, stage.take_seen().await?);
            (sweep, by_sweep) = (sweep_once(stage).await?, stage.take_seen().await?);
        } else {
            (sweep, by_sweep) = (sweep_once(stage).await?, stage.take_seen().await?);
            (bare, by_bare) = (bare_loop(stage).await?, stage.take_seen().await?);
        }
        same_calls &= same(&by_bare, &by_sweep, stage.plan.estate.subscriptions);
        calls = by_sweep.calls.iter().map(|(name, n)| (name.clone(), *n as f64 / number)).collect();
        eprintln!(
            "pair {}: bare {:.2} s ({:.2} s cpu), sweep {:.2} s ({:.2} s cpu, mozy {:.2} s, postgres {:.2} s)",
            nth + 1,
            bare.seconds,
            bare.cpu_seconds,
            sweep.seconds,
            sweep.cpu_seconds,
            sweep.mozy_cpu_seconds,
            sweep.postgres_cpu_seconds
        );
        bares.push(bare);
        sweeps.push(sweep);
    }
    let pairs = || bares.iter().zip(&sweeps);
    let ratios: Vec<f64> = pairs().map(|(bare, sweep)| bare.seconds / sweep.seconds).collect();
    Ok(Paired {
        ratio: median(&ratios),
        ratios,
        cpu_ratio: median(
            &pairs().map(|(bare, sweep)| bare.cpu_seconds / sweep.cpu_seconds).collect::<Vec<_>>(),
        ),
        bare_per_second: median(&bares.iter().map(|bare| number / bare.seconds).collect::<Vec<_>>()),
        sweep_per_second: median(&sweeps.iter().map(|sweep| number / sweep.seconds).collect::<Vec<_>>()),
        mozy_busy: median(
            &sweeps.iter().map(|sweep| sweep.mozy_cpu_seconds / sweep.seconds).collect::<Vec<_>>(),
        ),
        same_calls,
        calls,
    })
}

/// The same envelopes about as many subscriptions; but now and then one comes due by itself meanwhile, on either side.
fn same(one: &Seen, other: &Seen, subscriptions: i64) -> bool {
    let calls = |seen: &Seen| seen.calls.values().sum::<u64>();
    let strays = [one, other].iter().any(|seen| calls(seen) % subscriptions.unsigned_abs().max(1) != 0);
    let same = match strays {
        false => (&one.calls, one.sum, one.bytes) == (&other.calls, other.sum, other.bytes),
        true => calls(one).abs_diff(calls(other)) * 1000 <= calls(one),
    };
    if !same {
        eprintln!("the calls differ: {one:?} {other:?}");
    }
    same
}

async fn bare_loop(stage: &Stage) -> Result<Bare> {
    let (estate, at_once) = (stage.plan.estate, stage.plan.at_once);
    let arguments = [estate.subscriptions, estate.each, at_once as i64].map(|n| n.to_string());
    let mut arguments = arguments.to_vec();
    arguments.insert(0, "bare".into());
    arguments.extend([stage.mozy_url.clone(), API_KEY.to_owned()]);
    let mut command = tokio::process::Command::from(part(&arguments)?);
    let child =
        command.stdout(Stdio::piped()).kill_on_drop(true).spawn().context("starting the bare client")?;
    if let Some(pid) = child.id().and_then(|id| rustix::process::Pid::from_raw(id.cast_signed())) {
        pin(pid, &stage.plan.measured)?;
    }
    let output = child.wait_with_output().await?;
    ensure!(output.status.success(), "the bare client ended with {}", output.status);
    serde_json::from_slice(&output.stdout).context("reading what the bare client took")
}

/// Makes everything due at once, and waits until all was looked at.
pub async fn sweep_once(stage: &mut Stage) -> Result<Sweep> {
    let (pid, mozy) = (stage.pid(), stage.mozy_pid());
    let (cpu, mozy_cpu) = (probe::cpu(pid)?, probe::cpu(mozy)?);
    make_due(stage).await?;
    let (begun, postgres_cpu) = (Instant::now(), stage.postgres_cpu()?);
    settled(stage).await?;
    Ok(Sweep {
        seconds: begun.elapsed().as_secs_f64(),
        cpu_seconds: probe::cpu(pid)? - cpu,
        mozy_cpu_seconds: probe::cpu(mozy)? - mozy_cpu,
        postgres_cpu_seconds: stage.postgres_cpu()? - postgres_cpu,
    })
}

/// Makes everything due, and says so.
pub async fn make_due(stage: &Stage) -> Result<()> {
    let due = "/* bench */ UPDATE work SET lane = 2, due_at = now(), enqueued_at = now()";
    stage.client.batch_execute(due).await?;
    Ok(stage.client.batch_execute("/* bench */ NOTIFY mozyd_work").await?)
}

/// The first of each lane, by the index: what waits for the end of a sweep must cost the sweep nothing.
const IS_DUE: &str = "/* bench */ SELECT coalesce(bool_or(l.lane < 2 OR first.due_at <= now()), false) \
    FROM (VALUES (0::smallint), (1::smallint), (2::smallint)) AS l (lane) \
    CROSS JOIN LATERAL (SELECT due_at FROM work WHERE lane = l.lane ORDER BY due_at LIMIT 1) AS first";

/// Waits until nothing is due any more.
pub async fn settled(stage: &Stage) -> Result<()> {
    let due = stage.client.prepare(IS_DUE).await?;
    wait::until("the end of a sweep", LONGEST, async || match stage.client.query_one(&due, &[]).await {
        Ok(row) if row.get::<_, bool>(0) => None,
        other => Some(other.map(drop)),
    })
    .await??;
    Ok(())
}

/// What a sweep asks of PostgreSQL, for each subscription.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Asked {
    /// Statements.
    pub statements: f64,
    /// Rows written, by table.
    pub rows: Vec<(String, f64)>,
    /// Milliseconds within statements.
    pub millis: f64,
    /// Bytes of write-ahead log.
    pub wal_bytes: f64,
    /// The statements that run most often.
    pub often: Vec<(String, f64)>,
}

/// Sweeps once and counts PostgreSQL's work.
pub async fn asked(stage: &mut Stage) -> Result<Asked> {
    let before = probe::statements(&stage.client).await?;
    sweep_once(stage).await?;
    // Backends tell what they did a second later at most.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    let after: Statements = probe::statements(&stage.client).await?.since(&before);
    let number = stage.plan.estate.subscriptions as f64;
    let mut often: Vec<_> = after.calls.iter().map(|(text, n)| (text.clone(), n / number)).collect();
    often.sort_by(|one, other| other.1.total_cmp(&one.1));
    // Making everything due wrote one row of each.
    let rows = after
        .rows
        .iter()
        .map(|(table, n)| (table.clone(), n / number - f64::from(u8::from(table == "work"))));
    Ok(Asked {
        statements: after.number() / number,
        rows: rows.collect(),
        millis: after.millis / number,
        wal_bytes: after.wal / number,
        often,
    })
}
