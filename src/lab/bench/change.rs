//! From a person's change to the first corrective call: the wish is written as OSA's configure writes it, and Mozy says
//! when the call arrived. The write itself is in the figure, since its commit is somewhere within.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::Serialize;
use tokio::time::{Instant, sleep};

use super::answerer::micros;
use super::estate::{Kind, aps_id};
use super::stage::Stage;
use super::stats::quantile;
use crate::domain::{Amount, PerKind, SubscriptionId};
use crate::ports::desk::{Ask, Desk as _, TenantPatch};

/// What a call may take to arrive.
const LONGEST: Duration = Duration::from_secs(60);

/// From the change to the call.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Latency {
    /// How many were measured.
    pub changes: usize,
    /// Milliseconds of the middle one.
    pub p50_ms: f64,
    /// Milliseconds that 99 of 100 do not exceed.
    pub p99_ms: f64,
    /// Milliseconds of the slowest.
    pub max_ms: f64,
}

/// Buys one GB more for `changes` subscriptions, one after another with `pause` between; `first` is which is first.
pub async fn measure(stage: &Stage, first: i64, changes: i64, pause: Duration) -> Result<Latency> {
    stage.take_seen().await?;
    let mut begun = HashMap::new();
    for nth in 0..changes {
        // Spread over the estate.
        let n = (first + nth * 7919) % stage.plan.estate.subscriptions;
        begun.insert(n, micros());
        buy(stage, n, first + 1).await?;
        sleep(pause).await;
    }
    let until = Instant::now() + LONGEST;
    loop {
        let writes: HashMap<i64, u64> = stage.seen().await?.writes.into_iter().rev().collect();
        if begun.keys().all(|n| writes.contains_key(n)) {
            return Ok(latency(&begun, &writes));
        }
        if Instant::now() > until {
            bail!("only {} of {} changes led to a call within {LONGEST:?}", writes.len(), begun.len());
        }
        sleep(Duration::from_millis(50)).await;
    }
}

/// The first call for each change; what was written later is another's.
fn latency(begun: &HashMap<i64, u64>, writes: &HashMap<i64, u64>) -> Latency {
    let took = |(n, at): (&i64, &u64)| Some(writes.get(n)?.saturating_sub(*at) as f64 / 1e3);
    let millis: Vec<f64> = begun.iter().filter_map(took).collect();
    let of = |share| quantile(&millis, share);
    Latency { changes: millis.len(), p50_ms: of(0.5), p99_ms: of(0.99), max_ms: of(1.0) }
}

/// So many GB more than at the start.
pub async fn buy(stage: &Stage, n: i64, more: i64) -> Result<()> {
    let ask = Ask { instance: stage.instance, again: false, request: Some("bench".into()) };
    let desktop = Some(Amount::Limit(stage.plan.estate.quota() + more));
    let patch = TenantPatch { quota: PerKind { desktop, server: None }, ..TenantPatch::default() };
    let id = SubscriptionId(aps_id(Kind::Tenant, n));
    stage.desk.configure_tenant(&ask, id, patch).await.map(drop).context("configuring a tenant")
}
