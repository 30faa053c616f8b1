//! Faults of the line that strike one call, and the operation that a kind of step is made by.

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

/// `service.Method` of a kind of step.
pub fn operation(kind: &str, customer: bool) -> &'static str {
    match kind {
        "create_partner" => "partner.Create",
        "suspend_account" | "resume_account" if customer => "user_group.Update",
        "update_partner" | "suspend_account" | "resume_account" => "partner.Update",
        "delete_partner" => "partner.Delete",
        "create_group" => "user_group.Create",
        "rename_group" | "set_group_sync" => "user_group.Update",
        "delete_group" => "user_group.Delete",
        "create_user" => "user.Create",
        "update_user" | "suspend_user" | "resume_user" | "set_user_sync" | "move_user" => "user.Update",
        "delete_user" => "user.Delete",
        "assign_key" | "resize_key" | "readdress_key" | "clear_key" => "resource.UpdateLicenses",
        "resize_machine" | "resize_sync" => "machine.Update",
        "delete_machine" => "machine.Delete",
        "provision" => "resource.Provision",
        "release" => "resource.Release",
        _ => "resource.Transfer",
    }
}
