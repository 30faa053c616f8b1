//! What OSA asks of us, what we ask of OSA, and the usage that is owed to it.

use std::time::Duration;

use prometheus::{Gauge, IntCounter, IntGauge, Result};

use super::Vocabulary;
use super::family::{Family, Registrar};
use super::labels::{DIRECTIONS, OSA_RESULTS, PUSH_RESULTS};

/// Calls from and to OSA, and usage.
pub struct Osa {
    requests: Family<IntCounter, 3>,
    usage_age: Gauge,
    pushes: Family<IntCounter, 1>,
    owed: IntGauge,
}

impl Osa {
    pub(super) fn new(make: &Registrar<'_>, words: &Vocabulary) -> Result<Self> {
        let labels =
            [("direction", DIRECTIONS), ("operation", words.osa_operations), ("result", OSA_RESULTS)];
        let pushes = [("result", PUSH_RESULTS)];
        Ok(Osa {
            requests: make.family("osa_requests_total", "Calls from and to OSA by result.", &[], labels)?,
            usage_age: make.one(
                "usage_age_seconds_max",
                "The age of the oldest usage that is answered.",
                &[],
            )?,
            pushes: make.family("usage_pushes_total", "Pushes of usage to OSA by result.", &[], pushes)?,
            owed: make.one("usage_pushes_owed", "Subscriptions whose usage is not pushed yet.", &[])?,
        })
    }

    /// A call ended; [`DIRECTIONS`], [`OSA_RESULTS`].
    pub fn request(&self, direction: &str, operation: &str, result: &str) {
        self.requests.count([direction, operation, result]);
    }

    /// Takes the age of the oldest usage.
    pub fn set_usage_age(&self, age: Duration) {
        self.usage_age.set(age.as_secs_f64());
    }

    /// A push of usage ended; [`PUSH_RESULTS`].
    pub fn pushed(&self, result: &str) {
        self.pushes.count([result]);
    }

    /// Takes the number of pushes that are owed.
    pub fn set_owed(&self, number: i64) {
        self.owed.set(number);
    }
}
