//! The label values that the interface fixes; what is in no list is counted as `other`.

/// What stands for a value that no list has.
pub const OTHER: &str = "other";
/// Where a piece of work came from, the most urgent first.
pub const LANES: &[&str] = &["person", "retry", "sweep"];
/// How a cycle ended.
pub const CYCLE_RESULTS: &[&str] =
    &["agreed", "changed", "waiting", "held", "failed", "lease_lost", "stopped", "panicked"];
/// How a step ended.
pub const STEP_OUTCOMES: &[&str] = &["done", "rejected", "not_done", "in_doubt", "skipped"];
/// What a subscription is.
pub const STATES: &[&str] = &["ready", "provisioning", "suspended", "removing", "blocked", "paused"];
/// The classes of change that the guard limits.
pub const GUARD_CLASSES: &[&str] = &["delete", "suspend", "downgrade", "update"];
/// What can be at Mozy without our having been told to own it.
pub const UNMANAGED_KINDS: &[&str] = &["user", "group", "licence"];
/// Whether OSA called us or we OSA.
pub const DIRECTIONS: &[&str] = &["in", "out"];
/// How a call from or to OSA ended: done; 202, come again; 4xx; 401 or 403; 5xx; no connection; too late.
pub const OSA_RESULTS: &[&str] =
    &["ok", "accepted", "rejected", "forbidden", "failed", "unreachable", "timeout"];
/// How a push of usage ended.
pub const PUSH_RESULTS: &[&str] = &["done", "failed"];
