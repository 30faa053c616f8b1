//! How PostgreSQL answers.

use std::time::Duration;

use prometheus::{Histogram, IntCounter, IntGauge, Result};

use super::Vocabulary;
use super::family::{Family, Registrar};

const SECONDS: &[f64] = &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];

/// Queries, and the connection that listens.
pub struct Database {
    duration: Family<Histogram, 1>,
    errors: Family<IntCounter, 1>,
    listening: IntGauge,
}

impl Database {
    pub(super) fn new(make: &Registrar<'_>, words: &Vocabulary) -> Result<Self> {
        let operation = [("operation", words.database_operations)];
        let took = "How long a query took.";
        let listening = "Whether changes are heard of at once (1) or found by polling (0).";
        Ok(Database {
            duration: make.family("database_query_duration_seconds", took, SECONDS, operation)?,
            errors: make.family("database_errors_total", "Queries that failed.", &[], operation)?,
            listening: make.one("listen_connected", listening, &[])?,
        })
    }

    /// A query ended.
    pub fn query(&self, operation: &str, took: Duration, ok: bool) {
        self.duration.observe([operation], took.as_secs_f64());
        if !ok {
            self.errors.count([operation]);
        }
    }

    /// Takes whether the connection that listens is there.
    pub fn set_listening(&self, connected: bool) {
        self.listening.set(connected.into());
    }
}
