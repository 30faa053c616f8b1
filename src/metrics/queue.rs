//! How long work waits, and how much of it runs.

use std::time::Duration;

use prometheus::{Histogram, IntCounter, IntGauge, Result};

use super::family::{Family, Registrar};
use super::labels::LANES;

const WAIT: &[f64] = &[0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0];
const CHANGE: &[f64] = &[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0];

/// The queue and its workers.
pub struct Queue {
    depth: Family<IntGauge, 1>,
    wait: Family<Histogram, 1>,
    inflight: IntGauge,
    change_to_call: Histogram,
    lease_lost: IntCounter,
}

impl Queue {
    pub(super) fn new(make: &Registrar<'_>) -> Result<Self> {
        let change = "From the commit of a change to the first call that corrects it.";
        let lane = [("lane", LANES)];
        Ok(Queue {
            depth: make.family("queue_depth", "Subscriptions that are due.", &[], lane)?,
            wait: make.family(
                "queue_wait_seconds",
                "How long what was due waited for a worker.",
                WAIT,
                lane,
            )?,
            inflight: make.one("inflight", "Cycles that run.", &[])?,
            change_to_call: make.one("change_to_call_seconds", change, CHANGE)?,
            lease_lost: make.one("lease_lost_total", "Leases that another daemon took over.", &[])?,
        })
    }

    /// Takes the number of subscriptions that are due; [`LANES`]. A lane left out has none.
    pub fn set_depth<'a>(&self, numbers: impl IntoIterator<Item = (&'a str, i64)>) {
        self.depth.replace(numbers.into_iter().map(|(lane, number)| ([lane], number)));
    }

    /// A worker took up what had been due for this long; [`LANES`].
    pub fn waited(&self, lane: &str, span: Duration) {
        self.wait.observe([lane], span.as_secs_f64());
    }

    /// Counts a running cycle until the guard is dropped, also by a panic.
    pub fn running(&self) -> Running {
        self.inflight.inc();
        Running(self.inflight.clone())
    }

    /// The first call of a change was made, so long after its commit.
    pub fn change_called(&self, span: Duration) {
        self.change_to_call.observe(span.as_secs_f64());
    }

    /// Another daemon took a lease over.
    pub fn lease_lost(&self) {
        self.lease_lost.inc();
    }
}

/// A cycle that runs.
#[must_use = "the cycle counts as running until this is dropped"]
pub struct Running(IntGauge);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.dec();
    }
}
