//! How a wish is refused: with the fixed reason, and a sentence that says what is wrong and what to do.

use crate::domain::{Reason, Thing};
use crate::ports::desk::DeskError;

/// A refusal.
pub(super) fn refused(reason: Reason, message: impl Into<String>) -> DeskError {
    DeskError::Refused { reason, message: message.into() }
}

/// There is no such thing, or it is being removed.
pub(super) fn not_found(thing: Thing) -> DeskError {
    DeskError::NotFound(format!("{} {}", thing.kind(), thing.id()))
}

/// What a thing is to belong to is not there.
pub(super) fn parent_gone(what: &str) -> DeskError {
    refused(Reason::ParentGone, format!("{what} is not there or is being removed"))
}
