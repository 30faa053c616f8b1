//! What a fault or a disturbance of the line means: contract section 3, Faults.

use std::time::Duration;

use crate::ports::VendorError;
use crate::sim::mozy::{
    disturb::{FaultKind, RetryAfter},
    fault::{Cause, Fault},
};

/// Of a read: `Ok` where Mozy itself answered that there is nothing.
pub(super) fn of_read(fault: Fault) -> Result<(), VendorError> {
    match fault.cause {
        Cause::Disturbed(kind) => Err(line(kind, fault.text).unwrap_or_else(VendorError::Unreachable)),
        Cause::BadKey => Err(VendorError::Denied(fault.text)),
        _ => Ok(()),
    }
}

/// Of a write.
pub(super) fn of_write(fault: Fault) -> VendorError {
    match fault.cause {
        Cause::Disturbed(kind) => line(kind, fault.text).unwrap_or_else(VendorError::InDoubt),
        Cause::BadKey => VendorError::Denied(fault.text),
        _ => VendorError::Rejected(fault.text),
    }
}

/// What certainly was not done, whatever it was; else the text, for who knows whether it was a write.
fn line(kind: FaultKind, text: String) -> Result<VendorError, String> {
    match kind {
        FaultKind::ConnectionRefused | FaultKind::TlsFailure => Ok(VendorError::Unreachable(text)),
        FaultKind::Status { code: 401 | 403, .. } => Ok(VendorError::Denied(text)),
        FaultKind::Status { code: 429, retry_after, .. } => {
            let seconds = retry_after.map(|(RetryAfter::Seconds(s) | RetryAfter::Date(s))| s);
            let retry_after = seconds.map(|seconds| Duration::from_secs(u64::from(seconds)));
            Ok(VendorError::Throttled { retry_after })
        }
        _ => Err(text),
    }
}
