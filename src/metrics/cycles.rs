//! What a cycle found and did: its result, its steps, the drift, and what waits for somebody.

use std::time::Duration;

use prometheus::{Histogram, IntCounter, IntGauge, Result};

use super::Vocabulary;
use super::family::{Family, Registrar};
use super::labels::{CYCLE_RESULTS, GUARD_CLASSES, STEP_OUTCOMES, UNMANAGED_KINDS};

const SECONDS: &[f64] = &[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0];

/// Cycles and what comes out of them.
pub struct Cycles {
    results: Family<IntCounter, 1>,
    duration: Histogram,
    steps: Family<IntCounter, 2>,
    drift: Family<IntCounter, 1>,
    doubts: IntGauge,
    unmanaged: Family<IntGauge, 1>,
    guard_held: Family<IntGauge, 1>,
}

impl Cycles {
    pub(super) fn new(make: &Registrar<'_>, words: &Vocabulary) -> Result<Self> {
        let steps = [("kind", words.step_kinds), ("outcome", STEP_OUTCOMES)];
        let drift = [("kind", words.drift_kinds)];
        let unmanaged = [("kind", UNMANAGED_KINDS)];
        let class = [("class", GUARD_CLASSES)];
        Ok(Cycles {
            results: make.family("cycles_total", "Cycles by result.", &[], [("result", CYCLE_RESULTS)])?,
            duration: make.one("cycle_duration_seconds", "How long a cycle took.", SECONDS)?,
            steps: make.family("steps_total", "Steps by kind and outcome.", &[], steps)?,
            drift: make.family("drift_total", "Differences found that OSA had not asked for.", &[], drift)?,
            doubts: make.one("doubts", "Steps that may have happened and are not looked up yet.", &[])?,
            unmanaged: make.family(
                "unmanaged",
                "Things at Mozy that we were never told of.",
                &[],
                unmanaged,
            )?,
            guard_held: make.family(
                "guard_held",
                "Plans that wait for an operator's approval.",
                &[],
                class,
            )?,
        })
    }

    /// A cycle ended; [`CYCLE_RESULTS`].
    pub fn finished(&self, result: &str, took: Duration) {
        self.results.count([result]);
        self.duration.observe(took.as_secs_f64());
    }

    /// A step of a kind ended; [`STEP_OUTCOMES`].
    pub fn step(&self, kind: &str, outcome: &str) {
        self.steps.count([kind, outcome]);
    }

    /// A difference was found that OSA had not asked for.
    pub fn drift(&self, kind: &str) {
        self.drift.count([kind]);
    }

    /// Takes the number of steps in doubt.
    pub fn set_doubts(&self, number: i64) {
        self.doubts.set(number);
    }

    /// Takes the number of unmanaged things of each kind; [`UNMANAGED_KINDS`]. A kind left out has none.
    pub fn set_unmanaged<'a>(&self, numbers: impl IntoIterator<Item = (&'a str, i64)>) {
        self.unmanaged.replace(numbers.into_iter().map(|(kind, number)| ([kind], number)));
    }

    /// Takes the number of held plans of each class; [`GUARD_CLASSES`]. A class left out has none.
    pub fn set_held<'a>(&self, numbers: impl IntoIterator<Item = (&'a str, i64)>) {
        self.guard_held.replace(numbers.into_iter().map(|(class, number)| ([class], number)));
    }
}
