//! Faults of the line that strike one call.

use crate::sim::mozy::{FaultKind, RetryAfter};

const fn status(code: u16, committed: bool) -> FaultKind {
    FaultKind::Status { code, retry_after: None, html: false, committed }
}

/// Each by its name.
pub const FAULTS: &[(&str, FaultKind)] = &[
    ("answer_lost", FaultKind::AnswerLost),
    ("late", FaultKind::LateCommit { ms: 40_000 }),
    ("cut", FaultKind::CutBefore),
    ("refused", FaultKind::ConnectionRefused),
    ("429", status(429, false)),
    ("429_after", FaultKind::throttled(Some(RetryAfter::Seconds(7)))),
    ("403", FaultKind::ip_refused()),
    ("500", status(500, false)),
    ("502", status(502, true)),
    ("503", status(503, false)),
    ("503_done", status(503, true)),
    ("xml", FaultKind::TruncatedXml),
    ("type", FaultKind::WrongContentType),
];
