//! What the exit code of a verb says; 2 never means a mistyped argument.

use std::process::ExitCode;

use crate::domain::ConditionType;
use crate::domain::status::Status;

/// How a verb ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// In agreement, or done.
    Done = 0,
    /// An error.
    Error = 1,
    /// There is a difference.
    Difference = 2,
    /// Held by the guard.
    Held = 3,
}

impl Exit {
    /// What the status of a subscription means. One that is gone as wished is in agreement.
    pub fn of(status: &Status) -> Self {
        let holds =
            |kind| status.conditions.iter().any(|condition| condition.kind == kind && condition.status);
        if status.gone.is_some() {
            Exit::Done
        } else if holds(ConditionType::Held) {
            Exit::Held
        } else if holds(ConditionType::InSync) {
            Exit::Done
        } else {
            Exit::Difference
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}
