//! The call log: every call that reached the simulator, without its secrets, up to a bound.

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};

use crate::sim::mozy::{
    disturb::FaultKind,
    fault::Fault,
    json,
    operation::Operation,
    value::{Name, Parts, Value},
};

/// What the caller got.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// An answer.
    Ok,
    /// A fault, with its text.
    Fault(String),
    /// Nothing that answers the call; whether it did its work is said elsewhere in the entry.
    Lost,
    /// No caller any more: the work of a call whose answer never came was done now.
    Landed,
}

impl Outcome {
    pub(super) fn of(result: Option<&Result<Value, Fault>>, line: Option<FaultKind>) -> Outcome {
        match (line, result) {
            (None | Some(FaultKind::SlowDrip { .. }), Some(Ok(_))) => Outcome::Ok,
            (None | Some(FaultKind::SlowDrip { .. }), Some(Err(fault))) => Outcome::Fault(fault.text.clone()),
            _ => Outcome::Lost,
        }
    }
}

/// One call.
#[derive(Clone, Debug, Serialize)]
pub struct CallEntry {
    /// Counts from 1 without gaps.
    pub seq: u64,
    /// By the simulator's clock.
    pub at: DateTime<Utc>,
    /// `service.Method`.
    pub operation: String,
    /// As sent, without the api key; passwords masked.
    #[serde(serialize_with = "as_object")]
    pub parts: Parts,
    /// What the caller got.
    pub outcome: Outcome,
    /// Whether the operation may change something.
    pub writes: bool,
    /// Whether it did its work, as far as it is work that changes something.
    pub committed: bool,
    /// What struck it.
    pub disturbed: Option<FaultKind>,
    /// How the parts differ from what section 1 says a client sends; over HTTP only.
    pub deviation: Option<String>,
}

impl CallEntry {
    pub(super) fn new(at: DateTime<Utc>, operation: &Operation, parts: Parts, outcome: Outcome) -> CallEntry {
        CallEntry {
            seq: 0,
            at,
            operation: operation.name(),
            parts,
            outcome,
            writes: operation.writes,
            committed: false,
            disturbed: None,
            deviation: None,
        }
    }
}

fn as_object<S: Serializer>(parts: &Parts, serializer: S) -> Result<S::Ok, S::Error> {
    json::object(parts).serialize(serializer)
}

/// Parts without the api key, passwords masked, also where a client calls them something else.
pub(super) fn without_secrets(operation: &Operation, parts: Parts) -> Parts {
    let is_secret = |name: &str| operation.parts.iter().any(|part| part.name == name && part.is_secret());
    let mask = |(name, value): (Name, Value)| {
        let value = if is_secret(&name) && !value.is_nil() { "***".into() } else { value };
        (name, value)
    };
    parts.into_iter().filter(|(name, _)| name != "api_key").map(mask).collect()
}
