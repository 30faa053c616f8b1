//! A user group: desired (the customer's own groups) and observed (all of them).

use super::partner::Status;
use super::{GroupId, MozyGroupId, PartnerId};
use serde::{Deserialize, Serialize};

/// A desired group (`mozyProAccountGroup`). The default group is not one: it comes with the partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// APS id.
    pub id: GroupId,
    /// The subscription's generation when this wish last changed.
    pub generation: i64,
    /// Its name; names need not be unique.
    pub name: String,
    /// The tombstone.
    pub removed: bool,
    /// Mozy's id, once known.
    pub mozy_id: Option<MozyGroupId>,
}

/// What `user_group.Get` said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedGroup {
    /// Its id.
    pub id: MozyGroupId,
    /// The partner it belongs to.
    pub partner: Option<PartnerId>,
    /// Its name.
    pub name: String,
    /// Suspended itself or not; `None` is a word that is new to us.
    pub status: Option<Status>,
    /// The subscription number we gave it, if it is ours.
    pub external_id: Option<String>,
    /// Three-valued: nil inherits the partner's.
    pub sync: Option<bool>,
}
