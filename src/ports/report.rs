//! What a cycle begins with, and the one typed report it ends with: it feeds the store, the log, the metrics and the tests.

use super::ledger::{Binding, Entry, Outcome};
use super::look::Look;
use super::pause::Pause;
use crate::domain::observed::Account;
use crate::domain::{ConditionType, Desired, Reason, Thing, Usage};
use crate::plan::{Held, Owed, Subject};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use std::time::Duration;
use uuid::Uuid;

/// Everything stored that one cycle of one subscription needs.
#[derive(Debug, Clone)]
pub struct Case {
    /// What is wanted.
    pub desired: Desired,
    /// What the last complete look saw; tells which machines need not be read again.
    pub last: Option<Account>,
    /// When all machines were last read.
    pub machines_read_at: Option<DateTime<Utc>>,
    /// Steps in flight or in doubt, and those done within the settle time, oldest first.
    pub entries: Vec<Entry>,
    /// GB that moved users left behind, and that are still to follow them.
    pub owed: Vec<Owed>,
    /// Per thing, the generation the last verdict found in agreement: a difference now is drift.
    pub agreed: BTreeMap<Uuid, i64>,
    /// What is left alone for a while.
    pub pauses: Vec<Pause>,
    /// Whether an operator paused it: it is looked at, and nothing is written at Mozy.
    pub paused: bool,
    /// OSA's transaction behind the last change.
    pub request: Option<String>,
}

/// How a cycle ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CycleResult {
    /// Observed equals desired; nothing was called.
    Agreed,
    /// Something was called, and now they agree or will after another look.
    Changed,
    /// Something must be waited for: a settle time, room, a reseller, a person.
    Waiting,
    /// The guard holds part of it.
    Held,
    /// It could not be looked at, or a step failed.
    Failed,
    /// Another worker holds it now; nothing of this report may be stored.
    LeaseLost,
}

impl CycleResult {
    /// As the metrics name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Agreed => "agreed",
            Self::Changed => "changed",
            Self::Waiting => "waiting",
            Self::Held => "held",
            Self::Failed => "failed",
            Self::LeaseLost => "lease_lost",
        }
    }
}

/// What was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// It could not be looked at completely; what was stored stays.
    Nothing,
    /// There is no account.
    Absent,
    /// There is one.
    Account(Box<Account>),
}

/// What a cycle says of one thing that OSA may be waiting for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Which thing.
    pub thing: Thing,
    /// The generation of its wish.
    pub generation: i64,
    /// `None`: observed equals desired. Else what stands in the way; `AsExpected` while it is simply being done.
    pub blocked: Option<(Reason, String)>,
}

/// A condition as a cycle found it; the store knows since when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it is about.
    pub kind: ConditionType,
    /// Whether it holds.
    pub status: bool,
    /// Why.
    pub reason: Reason,
    /// For people.
    pub message: String,
}

/// One step as it went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepReport {
    /// About what.
    pub subject: Subject,
    /// Its kind, as [`crate::plan::Action::kind`] names it.
    pub kind: &'static str,
    /// What it led to; `None` when it was skipped because something it needs failed.
    pub outcome: Option<Outcome>,
    /// The step in words.
    pub text: String,
}

/// Something at Mozy that we were never told to own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmanaged {
    /// `group`, `user` or `licence`.
    pub kind: &'static str,
    /// Mozy's id, or the key.
    pub mozy_id: String,
    /// For people.
    pub name: String,
}

/// Steps of one class that wait for an operator, as they are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldPlan {
    /// The steps, their hash, and which limit they are past.
    pub held: Held,
    /// The steps in words.
    pub texts: Vec<String>,
}

/// What one cycle did.
#[derive(Debug, Clone)]
pub struct CycleReport {
    /// How it ended.
    pub result: CycleResult,
    /// The generation it worked on; stored as observed when all agrees.
    pub generation: i64,
    /// What it saw last.
    pub seen: Seen,
    /// Whether it read the machines of all users.
    pub machines_read: bool,
    /// The numbers of what it saw.
    pub usage: Option<Usage>,
    /// Conditions found; those it says nothing about stay as they are.
    pub findings: Vec<Finding>,
    /// Verdicts on every desired thing; empty when it could not look.
    pub verdicts: Vec<Verdict>,
    /// Things with a tombstone that are gone from Mozy.
    pub gone: Vec<Thing>,
    /// Ids learned by looking, not by a step.
    pub bindings: Vec<Binding>,
    /// Things we do not own; `None` when it could not look.
    pub unmanaged: Option<Vec<Unmanaged>>,
    /// What the guard holds; `None` when it could not look.
    pub held: Option<Vec<HeldPlan>>,
    /// Per kind of step, differences that nobody wished for.
    pub drift: Vec<&'static str>,
    /// What is left alone for a while, if that changed.
    pub pauses: Option<Vec<Pause>>,
    /// Steps made, in order.
    pub steps: Vec<StepReport>,
    /// What happened, for people: (kind, message).
    pub events: Vec<(&'static str, String)>,
    /// The look, if it may be made again instead of a whole cycle: it agreed, and nothing else was on.
    pub look: Option<Look>,
    /// When it wants to be called again; `None` is the ordinary interval.
    pub again: Option<Duration>,
    /// Mozy asked for fewer calls, and [`Self::again`] is how long it asked to wait.
    pub throttled: bool,
}

impl CycleReport {
    /// Nothing was seen, done or found yet.
    pub fn new(result: CycleResult, generation: i64) -> Self {
        Self {
            result,
            generation,
            seen: Seen::Nothing,
            machines_read: false,
            usage: None,
            findings: Vec::new(),
            verdicts: Vec::new(),
            gone: Vec::new(),
            bindings: Vec::new(),
            unmanaged: None,
            held: None,
            drift: Vec::new(),
            pauses: None,
            events: Vec::new(),
            steps: Vec::new(),
            look: None,
            again: None,
            throttled: false,
        }
    }
}
