//! How Mozy answers, and how much it holds us up.

use std::time::Duration;

use prometheus::{Counter, Histogram, IntCounter, IntGauge, Result};

use super::Vocabulary;
use super::family::{Family, Registrar};

const SECONDS: &[f64] = &[0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// Calls to Mozy.
pub struct Mozy {
    requests: Family<IntCounter, 2>,
    duration: Family<Histogram, 1>,
    throttled: Counter,
    paused: IntGauge,
}

impl Mozy {
    pub(super) fn new(make: &Registrar<'_>, words: &Vocabulary) -> Result<Self> {
        let operation = ("operation", words.mozy_operations);
        let both = [operation, ("result", words.mozy_results)];
        let took = "How long a call to Mozy took.";
        Ok(Mozy {
            requests: make.family("mozy_requests_total", "Calls to Mozy by result.", &[], both)?,
            duration: make.family("mozy_request_duration_seconds", took, SECONDS, [operation])?,
            throttled: make.one(
                "mozy_throttled_seconds_total",
                "Time that calls waited for the budget.",
                &[],
            )?,
            paused: make.one(
                "mozy_paused",
                "Credentials held back: Mozy asked us to wait, or does not answer.",
                &[],
            )?,
        })
    }

    /// A call ended; the results are those of [`Vocabulary`].
    pub fn request(&self, operation: &str, result: &str, took: Duration) {
        self.requests.count([operation, result]);
        self.duration.observe([operation], took.as_secs_f64());
    }

    /// A call waited so long for the budget.
    pub fn throttled(&self, span: Duration) {
        self.throttled.inc_by(span.as_secs_f64());
    }

    /// Takes the number of credentials that are held back.
    pub fn set_paused(&self, number: i64) {
        self.paused.set(number);
    }
}
