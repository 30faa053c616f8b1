//! A user: desired and observed.

use super::licence::Licence;
use super::partner::Status;
use super::{Gb, GroupId, MozyGroupId, MozyUserId, UserId};
use serde::{Deserialize, Serialize};

/// A desired user (`mozyProAccountUser`) with his licences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// APS id.
    pub id: UserId,
    /// The subscription's generation when this wish last changed.
    pub generation: i64,
    /// E-mail address: user name at Mozy. Compared without case.
    pub login: String,
    /// Full name at Mozy.
    pub display_name: String,
    /// One of the customer's own groups; `None` is the default group.
    pub group: Option<GroupId>,
    /// Whether he is to be suspended.
    pub suspended: bool,
    /// Whether he is to have sync.
    pub sync: bool,
    /// His own sync GB; `None` is the subscription's default.
    pub sync_quota: Option<Gb>,
    /// The tombstone.
    pub removed: bool,
    /// Mozy's id, once known.
    pub mozy_id: Option<MozyUserId>,
    /// His licences, those to be removed among them.
    pub licences: Vec<Licence>,
}

/// What `user.Get` said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedUser {
    /// His id.
    pub id: MozyUserId,
    /// The group he is in.
    pub group: MozyGroupId,
    /// E-mail address; the server may have lower-cased it.
    pub username: String,
    /// Full name.
    pub full_name: String,
    /// Suspended himself or not; `None` is a word that is new to us.
    pub status: Option<Status>,
    /// The subscription number we gave him, if he is ours.
    pub external_id: Option<String>,
    /// Three-valued: nil inherits.
    pub sync: Option<bool>,
}

/// Whether two user names are the same to Mozy.
pub fn same_login(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}
