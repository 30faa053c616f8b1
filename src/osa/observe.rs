//! Each call from and to OSA is told to an observer in words of closed sets, which serve as labels of metrics.

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;

use super::apsc::ApscError;
use super::route::Verb;

/// Is told of each call that ended: `in` or `out`, one of [`OPERATIONS`], and its result: `ok`, `accepted`,
/// `rejected`, `forbidden`, `failed`, `unreachable` or `timeout`.
pub type Observer = Arc<dyn Fn(&'static str, &'static str, &'static str) + Send + Sync>;

/// What comes in and is none of our operations.
pub(super) const UNKNOWN: &str = "unknown";
/// Of what we ask OSA.
pub(super) const ACCOUNT: &str = "account";
pub(super) const USERS: &str = "users";
pub(super) const SUBSCRIPTION: &str = "subscription";
pub(super) const SERVICE_USER: &str = "serviceUser";
pub(super) const STAFF: &str = "staff";
pub(super) const PUSH: &str = "push";

const OTHERS: [&str; 7] = [UNKNOWN, ACCOUNT, USERS, SUBSCRIPTION, SERVICE_USER, STAFF, PUSH];
const COUNT: usize = Verb::NAMES.len() + OTHERS.len();

/// All operations, from OSA and to it.
pub const OPERATIONS: &[&str] = &operations();

const fn operations() -> [&'static str; COUNT] {
    let mut all = [""; COUNT];
    let mut at = 0;
    while at < COUNT {
        all[at] = if at < OTHERS.len() { OTHERS[at] } else { Verb::NAMES[at - OTHERS.len()] };
        at += 1;
    }
    all
}

/// The result of a call that we answered.
pub(super) fn answered(status: StatusCode) -> &'static str {
    match status.as_u16() {
        202 => "accepted",
        200..=299 => "ok",
        401 | 403 => "forbidden",
        400..=499 => "rejected",
        _ => "failed",
    }
}

/// Waits for a question to OSA, at most `patience`, and tells the observer how it ended.
pub(super) async fn question<T>(
    observer: &Observer,
    operation: &'static str,
    patience: Duration,
    question: impl Future<Output = Result<T, ApscError>>,
) -> Result<T, ApscError> {
    let Ok(asked) = tokio::time::timeout(patience, question).await else {
        observer("out", operation, "timeout");
        return Err(ApscError::Unreachable(format!("it took more than {} seconds", patience.as_secs())));
    };
    observer("out", operation, asked.as_ref().map_or_else(failed, |_| "ok"));
    asked
}

fn failed(error: &ApscError) -> &'static str {
    match error {
        ApscError::Unreachable(_) => "unreachable",
        ApscError::NotFound => "rejected",
        ApscError::Refused { status, .. } => StatusCode::from_u16(*status).map_or("failed", answered),
        ApscError::Unusable(_) | ApscError::Unreadable(_) => "failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::labels::OSA_RESULTS;

    #[test]
    fn operations_are_told_apart() {
        let mut names = OPERATIONS.to_vec();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), OPERATIONS.len());
        assert!(names.contains(&"push") && names.contains(&"onUsrChange") && !names.contains(&""));
    }

    #[test]
    fn every_result_is_one_that_metrics_know() {
        for status in 100..1000 {
            assert!(OSA_RESULTS.contains(&answered(StatusCode::from_u16(status).unwrap())), "{status}");
        }
        for error in [
            ApscError::NotFound,
            ApscError::Unreachable(String::new()),
            ApscError::Unusable(String::new()),
            ApscError::Refused { status: 7, message: String::new() },
            ApscError::Refused { status: 403, message: String::new() },
        ] {
            assert!(OSA_RESULTS.contains(&failed(&error)), "{error}");
        }
    }
}
