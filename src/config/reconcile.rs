//! `[reconcile]`: how often we look and what we do about a difference.

use std::time::Duration;

use super::reader::{Choice, Section};

/// Whether differences are corrected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// They are.
    Enforce,
    /// They are planned and reported; nothing is written at Mozy.
    Observe,
}

impl Choice for Mode {
    const ALL: &'static [(&'static str, Self)] = &[("enforce", Mode::Enforce), ("observe", Mode::Observe)];
}

/// What becomes of something at Mozy that we were never told to own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unmanaged {
    /// It is reported and counted.
    Report,
    /// It is adopted.
    Adopt,
}

impl Choice for Unmanaged {
    const ALL: &'static [(&'static str, Self)] =
        &[("report", Unmanaged::Report), ("adopt", Unmanaged::Adopt)];
}

/// `[reconcile]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reconcile {
    /// Whether differences are corrected.
    pub mode: Mode,
    /// Every subscription is looked at once in this time.
    pub interval: Duration,
    /// Cycles at the same time in this daemon.
    pub workers: u32,
    /// What becomes of the unmanaged.
    pub unmanaged: Unmanaged,
}

impl Reconcile {
    pub(super) fn read(section: &mut Section<'_>) -> Self {
        let minute = Duration::from_secs(60);
        Reconcile {
            mode: section.choice("mode", Mode::Enforce),
            interval: section.duration("interval", 15 * minute, minute / 60..=10_080 * minute),
            workers: section.integer("workers", 16, 1..=1024),
            unmanaged: section.choice("unmanaged", Unmanaged::Report),
        }
    }
}
