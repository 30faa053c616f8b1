//! Faults of the line that strike one call, or the reads right after it.

use crate::sim::mozy::{FaultKind, FaultRule, RetryAfter};

const fn status(code: u16, html: bool, committed: bool) -> FaultKind {
    FaultKind::Status { code, retry_after: None, html, committed }
}

/// Each by its name.
pub const FAULTS: &[(&str, FaultKind)] = &[
    ("answer_lost", FaultKind::AnswerLost),
    ("late", FaultKind::LateCommit { ms: 40_000 }),
    ("cut", FaultKind::CutBefore),
    ("refused", FaultKind::ConnectionRefused),
    ("429", status(429, false, false)),
    ("429_after", FaultKind::throttled(Some(RetryAfter::Seconds(7)))),
    ("403", FaultKind::ip_refused()),
    ("500", status(500, false, false)),
    ("502", status(502, false, true)),
    ("502_html", status(502, true, true)),
    ("503", status(503, false, false)),
    ("503_done", status(503, false, true)),
    ("200_html", FaultKind::html(200)),
    ("xml", FaultKind::TruncatedXml),
    ("type", FaultKind::WrongContentType),
    ("stale", FaultKind::StaleRead { ms: 30_000 }),
];

/// So many reads after a write see what was before it.
const STALE: u32 = 5;

/// What strikes when a call is made: that call, or, where it is reads that suffer, the next few.
pub fn rule(name: &str) -> FaultRule {
    let (_, kind) = *FAULTS.iter().find(|(fault, _)| *fault == name).unwrap();
    match kind {
        FaultKind::StaleRead { .. } => FaultRule { remaining: Some(STALE), ..FaultRule::once("reads", kind) },
        _ => FaultRule::once("writes", kind),
    }
}
