//! A partner at Mozy, as observed.

use super::{Gb, MozyGroupId, PartnerId};
use serde::{Deserialize, Serialize};

/// Active or suspended: of a partner, a group, a user.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// Works.
    #[default]
    Active,
    /// Suspended itself; a suspended parent does not show here.
    Suspended,
}

impl Status {
    /// The status that `suspended` asks for.
    pub fn wanted(suspended: bool) -> Self {
        if suspended { Self::Suspended } else { Self::Active }
    }

    /// Whether what Mozy says is what is wanted: a word that is new to us says nothing (contract, section 1), and whoever
    /// is to be suspended is told so.
    pub fn agrees(self, seen: Option<Self>) -> bool {
        seen.unwrap_or(Self::Active) == self
    }

    /// What is told of a status.
    pub fn told(seen: Option<Self>) -> &'static str {
        seen.map_or("not known", Self::as_str)
    }

    /// As the wire writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
        }
    }
}

/// What `partner.Get` said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partner {
    /// Its id.
    pub id: PartnerId,
    /// Its name.
    pub name: String,
    /// Suspended itself or not; `None` when its word is new to us.
    pub status: Option<Status>,
    /// The subscription number we gave it, if it is ours.
    pub external_id: Option<String>,
    /// Whose child it is.
    pub parent: Option<PartnerId>,
    /// The group that can never be deleted. An observation without it is not complete.
    pub default_group: Option<MozyGroupId>,
    /// The root admin's user name.
    pub admin: Option<String>,
    /// Three-valued: nil inherits.
    pub sync: Option<bool>,
    /// GB a synced user gets by default.
    pub default_sync_quota: Option<Gb>,
}
