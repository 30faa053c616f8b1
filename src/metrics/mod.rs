//! What Prometheus sees: every family and label set exists from the start, none carries an id.
//!
//! A label value that no list has is counted as `other`, so a peer that sends us nonsense cannot make series.

mod cycles;
mod database;
mod family;
pub mod labels;
mod mozy;
mod osa;
mod queue;
mod subscriptions;
mod sweep;

#[cfg(test)]
mod tests;

use prometheus::process_collector::ProcessCollector;
use prometheus::{IntGauge, Opts, Registry, Result, TextEncoder};

pub use cycles::Cycles;
pub use database::Database;
use family::Registrar;
pub use mozy::Mozy;
pub use osa::Osa;
pub use queue::{Queue, Running};
pub use subscriptions::Subscriptions;
pub use sweep::Sweep;

/// The words that other floors own, as label values.
#[derive(Clone, Copy, Debug)]
pub struct Vocabulary {
    /// Types of conditions.
    pub condition_types: &'static [&'static str],
    /// Reasons of conditions.
    pub condition_reasons: &'static [&'static str],
    /// Kinds of steps.
    pub step_kinds: &'static [&'static str],
    /// Kinds of drift.
    pub drift_kinds: &'static [&'static str],
    /// Operations at Mozy, as `partner.Get`.
    pub mozy_operations: &'static [&'static str],
    /// How a call to Mozy ended.
    pub mozy_results: &'static [&'static str],
    /// Operations from and to OSA.
    pub osa_operations: &'static [&'static str],
    /// Named queries.
    pub database_operations: &'static [&'static str],
}

/// Every metric of the daemon, by the part of it that speaks.
pub struct Metrics {
    registry: Registry,
    /// Subscriptions and their conditions.
    pub subscriptions: Subscriptions,
    /// Cycles and their steps.
    pub cycles: Cycles,
    /// Rounds over all.
    pub sweep: Sweep,
    /// What is due.
    pub queue: Queue,
    /// Calls to Mozy.
    pub mozy: Mozy,
    /// Calls from and to OSA.
    pub osa: Osa,
    /// Queries.
    pub database: Database,
}

impl Metrics {
    /// Makes all families and all their children in a registry of its own. Fails only if a name is ill-formed.
    pub fn new(words: &Vocabulary) -> Result<Self> {
        let registry = Registry::new();
        registry.register(Box::new(build_info()?))?;
        registry.register(Box::new(ProcessCollector::for_self()))?;
        let make = Registrar { registry: &registry };
        Ok(Metrics {
            subscriptions: Subscriptions::new(&make, words)?,
            cycles: Cycles::new(&make, words)?,
            sweep: Sweep::new(&make)?,
            queue: Queue::new(&make)?,
            mozy: Mozy::new(&make, words)?,
            osa: Osa::new(&make, words)?,
            database: Database::new(&make, words)?,
            registry,
        })
    }

    /// The text that Prometheus scrapes. It reads `/proc` and takes locks: call it in `spawn_blocking`.
    pub fn encode(&self) -> Result<String> {
        TextEncoder::new().encode_to_string(&self.registry.gather())
    }
}

fn build_info() -> Result<IntGauge> {
    let opts = Opts::new("build_info", "The program that runs.").namespace("mozyd");
    let info = IntGauge::with_opts(opts.const_label("version", env!("CARGO_PKG_VERSION")))?;
    info.set(1);
    Ok(info)
}
