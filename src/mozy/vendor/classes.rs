//! What a failed call means: of a read that nothing is known, of a write whether anything may have changed.

use crate::mozy::Operation;
use crate::mozy::error::{CallError, Failure};
use crate::ports::VendorError;

/// Of a read, which is never refused: a fault that cannot mean "not found" leaves us knowing nothing.
pub(super) fn of_read(CallError { operation, failure }: CallError) -> VendorError {
    let unknown = |problem: String| VendorError::Unreachable(format!("{operation}: {problem}"));
    match failure {
        Failure::Throttled { retry_after, .. } => VendorError::Throttled { retry_after },
        Failure::Denied { status } => denied(operation, status),
        Failure::Unreachable { problem } | Failure::MaybeHappened { problem } => unknown(problem),
        Failure::Rejected { .. } | Failure::Unreadable { .. } | Failure::Unsendable { .. } => {
            unknown(failure.to_string())
        }
    }
}

/// Of a write: it was refused, never began, or is in doubt.
pub(super) fn of_write(CallError { operation, failure }: CallError) -> VendorError {
    let in_doubt = |problem: String| VendorError::InDoubt(format!("{operation}: {problem}"));
    match failure {
        Failure::Rejected { fault } if fault.is_empty() => {
            VendorError::Rejected(format!("{operation}: a fault without a text"))
        }
        Failure::Rejected { fault } => VendorError::Rejected(fault),
        // Nothing but another wish can make it sendable, so it is as good as refused.
        Failure::Unsendable { .. } => VendorError::Rejected(format!("{operation}: {failure}")),
        Failure::Unreachable { problem } => VendorError::Unreachable(format!("{operation}: {problem}")),
        // A gateway's 503 may hide a success. The budget of the credential was told all the same.
        Failure::Throttled { maybe_happened: true, .. } => in_doubt(failure.to_string()),
        Failure::Throttled { retry_after, .. } => VendorError::Throttled { retry_after },
        Failure::Denied { status } => denied(operation, status),
        Failure::MaybeHappened { problem } | Failure::Unreadable { problem } => in_doubt(problem),
    }
}

fn denied(operation: Operation, status: u16) -> VendorError {
    let advice = "check the api key and the addresses allowed to use it";
    VendorError::Denied(format!("{operation}: http {status}, {advice}"))
}
