//! Whether the sweep comes round.

use std::time::{Duration, SystemTime};

use prometheus::{Gauge, Histogram, IntCounter, Result};

use super::family::Registrar;

const SECONDS: &[f64] = &[1.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0];

/// Rounds over all subscriptions.
pub struct Sweep {
    duration: Histogram,
    last_success: Gauge,
    interval: Gauge,
    skipped: IntCounter,
}

impl Sweep {
    pub(super) fn new(make: &Registrar<'_>) -> Result<Self> {
        let last =
            "When a round over all subscriptions last ended: each was tried, and Mozy answered; 0 is never.";
        Ok(Sweep {
            duration: make.one("sweep_duration_seconds", "How long a round over all took.", SECONDS)?,
            last_success: make.one("sweep_last_success_timestamp_seconds", last, &[])?,
            interval: make.one(
                "sweep_interval_seconds",
                "How often a round is to end: reconcile.interval.",
                &[],
            )?,
            skipped: make.one(
                "sweep_skipped_ticks_total",
                "Ticks that came while a round still ran.",
                &[],
            )?,
        })
    }

    /// A round ended well, at this time.
    pub fn finished(&self, took: Duration, at: SystemTime) {
        self.duration.observe(took.as_secs_f64());
        self.last_success.set(at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs_f64());
    }

    /// Takes how often a round is to end.
    pub fn set_interval(&self, interval: Duration) {
        self.interval.set(interval.as_secs_f64());
    }

    /// A tick came while a round still ran.
    pub fn skipped(&self) {
        self.skipped.inc();
    }
}
