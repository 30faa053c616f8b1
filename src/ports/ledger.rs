//! The ledger: a step is written and committed before it is called, and settled after (design, rule 6).

use crate::domain::{
    GroupId, Keystring, LicenceId, MozyGroupId, MozyUserId, PartnerId, StepId, SubscriptionId, UserId,
};
use crate::plan::guard::{Ask, Excess};
use crate::plan::{Call, Class, Limits, Step};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// The right to write about one subscription, for a while: the epoch was issued by the database (design, rule 8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// About which subscription.
    pub subscription: SubscriptionId,
    /// Raised whenever the lease changes hands; a write that names an older one is refused.
    pub epoch: i64,
}

/// Why the ledger could not be written.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// Somebody else holds the subscription now; stop at once and write nothing more.
    #[error("the lease of subscription {0} was lost to another worker")]
    LeaseLost(SubscriptionId),
    /// The database did not answer; whether it committed may be unknown.
    #[error("the ledger cannot be written")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What a step led to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// It happened.
    Done,
    /// It did not, and Mozy said why.
    Rejected(String),
    /// It certainly did not happen: never delivered, throttled, or looked up and not found.
    NotDone(String),
    /// It may have happened; to be looked up after the settle time.
    InDoubt(String),
}

impl Outcome {
    /// As the ledger and the metrics name it.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Rejected(_) => "rejected",
            Self::NotDone(_) => "not_done",
            Self::InDoubt(_) => "in_doubt",
        }
    }
}

/// An id that Mozy gave, to be kept with what it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Binding {
    /// The subscription's partner; `None` forgets a partner that is gone.
    Partner(Option<PartnerId>),
    /// The e-mail address of the partner's root admin, as Mozy has it.
    Admin(String),
    /// The group its stock goes to.
    HomeGroup(Option<MozyGroupId>),
    /// One of its groups.
    Group(GroupId, Option<MozyGroupId>),
    /// One of its users.
    User(UserId, Option<MozyUserId>),
    /// The key of a licence.
    Licence(LicenceId, Option<Keystring>),
    /// The address that the key of a licence carries.
    Address(LicenceId, String),
}

/// A step that is in the ledger and still matters: in flight, in doubt, or done so recently that a read may not show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its number.
    pub id: StepId,
    /// The step.
    pub step: Step,
    /// The call that was made for it.
    pub call: Call,
    /// `None` while in flight: if nobody holds it any more, it is in doubt.
    pub outcome: Option<Outcome>,
    /// When its outcome was known, or its answer was given up; while it is in flight, when it was intended.
    pub at: DateTime<Utc>,
}

/// How far back steps that were done matter to a cycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// All of them, for so long: a read may not show them yet.
    pub settle: Duration,
    /// For so long the last few of a kind about a subject: what was set again and again is a flap.
    pub flaps: Duration,
}

/// Where steps are kept. Every write names its lease and is refused when that is no longer the newest.
pub trait Ledger: Send + Sync {
    /// Asks the guard for a plan, before its first step: which classes are past a limit and not released by an
    /// operator. All others are reserved for this lease in the same transaction, so that what several daemons do at
    /// once is counted together. What is reserved and never begun is free again when the lease ends.
    fn admit(
        &self,
        lease: Lease,
        ask: &Ask,
        limits: &Limits,
    ) -> impl Future<Output = Result<BTreeMap<Class, Excess>, LedgerError>> + Send;

    /// Writes a step and commits it; only then may it be called.
    fn intend(
        &self,
        lease: Lease,
        step: &Step,
        call: &Call,
    ) -> impl Future<Output = Result<StepId, LedgerError>> + Send;

    /// Writes what a step led to, together with the ids that Mozy gave, in one transaction.
    fn settle(
        &self,
        lease: Lease,
        id: StepId,
        outcome: &Outcome,
        bindings: &[Binding],
    ) -> impl Future<Output = Result<(), LedgerError>> + Send;
}
