//! Rules: what every cycle must keep to.

use crate::plan::guard::{Counted, Limits};
use crate::plan::{Owed, Policy, Subject};
use crate::ports::ledger::Entry;
use chrono::TimeDelta;
use std::collections::BTreeSet;
use std::time::Duration;

/// What every cycle must keep to.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// The guard's limits.
    pub limits: Limits,
    /// What was done lately, for a cycle that only looks; one that writes has the ledger count.
    pub counted: Counted,
    /// Does nothing but the plan of this hash, and that once.
    pub only: Option<String>,
    /// How long a write that may have happened is left alone, and a read may be older than a write.
    pub settle: Duration,
    /// How long a call may take from its intent until its answer is given up.
    pub longest_call: Duration,
    /// How long a flapping field is left alone after its last correction. Steps done must be in the case for so long.
    pub flap_pause: Duration,
    /// Takes in what is unmanaged and fits exactly one wish.
    pub adopt: bool,
    /// Look and plan only, and why.
    pub observe_only: Option<String>,
}

impl Rules {
    pub(super) fn settle(&self) -> TimeDelta {
        TimeDelta::from_std(self.settle).unwrap_or(TimeDelta::MAX)
    }

    /// The settle time of a step: of one in flight nobody knows when its answer was given up.
    pub(super) fn settle_of(&self, entry: &Entry) -> TimeDelta {
        let longest = if entry.outcome.is_none() { self.longest_call } else { Duration::ZERO };
        TimeDelta::from_std(self.settle.saturating_add(longest)).unwrap_or(TimeDelta::MAX)
    }

    pub(super) fn flap_pause(&self) -> TimeDelta {
        TimeDelta::from_std(self.flap_pause).unwrap_or(TimeDelta::MAX)
    }

    pub(super) fn policy(&self, unsettled: BTreeSet<Subject>, owed: &[Owed], admin_taken: bool) -> Policy {
        Policy { unsettled, owed: owed.to_vec(), admin_taken }
    }
}
