//! One file per service: what each of its verbs reads, what it writes at the desk, and nothing else.

pub(super) mod application;
pub(super) mod group;
pub(super) mod licence;
pub(super) mod tenant;
pub(super) mod user;
