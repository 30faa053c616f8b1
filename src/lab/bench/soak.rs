//! Memory over many changes: every subscription is changed again and again, and what is resident is noted on the way.

use std::collections::HashSet;
use std::time::Duration;

use anyhow::Result;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde::Serialize;
use tokio::time::Instant;

use super::stage::Stage;
use super::{change, probe, sweep};
use crate::lab::wait;

/// Changes written at the same time.
const AT_ONCE: usize = 16;
/// After so many waves it is told how far it is.
const TELL: i64 = 10;
/// What the calls of one wave may take.
const LONGEST: Duration = Duration::from_secs(300);
/// What the other measurements bought is less: GB.
const BOUGHT: i64 = 10;

/// What was resident while so many changes were made.
#[derive(Clone, Debug, Serialize)]
pub struct Soak {
    /// Changes, each with its call to Mozy.
    pub changes: i64,
    /// How long they took, s.
    pub seconds: f64,
    /// Resident memory after each wave, in which every subscription was changed once, MB.
    pub memory_mb: Vec<f64>,
}

/// Changes every subscription until there were at least so many changes; none is no soak.
pub async fn run(stage: &mut Stage, changes: i64) -> Result<Option<Soak>> {
    if changes == 0 {
        return Ok(None);
    }
    let (begun, number) = (Instant::now(), stage.plan.estate.subscriptions);
    let mut memory_mb = Vec::new();
    stage.take_seen().await?;
    for wave in 0..(changes + number - 1) / number {
        let seller: &Stage = stage;
        let bought = stream::iter(0..number).map(|n| change::buy(seller, n, BOUGHT + wave));
        bought.buffer_unordered(AT_ONCE).try_collect::<()>().await?;
        called(stage).await?;
        memory_mb.push(probe::memory(stage.pid())?.0);
        if wave % TELL == 0 {
            let (seconds, memory) = (begun.elapsed().as_secs_f64(), memory_mb.last());
            eprintln!("{} changes in {seconds:.0} s: {:.1} MB", number * (wave + 1), memory.unwrap_or(&0.0));
        }
    }
    sweep::settled(stage).await?;
    let changes = number * memory_mb.len() as i64;
    Ok(Some(Soak { changes, seconds: begun.elapsed().as_secs_f64(), memory_mb }))
}

/// Waits until every subscription's change has led to its call.
async fn called(stage: &Stage) -> Result<()> {
    let number = stage.plan.estate.subscriptions;
    let mut called: HashSet<i64> = HashSet::new();
    let all = async || match stage.take_seen().await {
        Ok(seen) => {
            called.extend(seen.writes.into_iter().map(|(n, _)| n));
            (called.len() as i64 == number).then_some(Ok(()))
        }
        Err(error) => Some(Err(error)),
    };
    wait::until("the call of every change", LONGEST, all).await?
}
