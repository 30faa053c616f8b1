//! A step: one corrective action on one subject, for a stated reason. Ids that do not exist yet are named by place.

use super::Action;
use crate::domain::{GroupId, LicenceId, LicenceKind, MozyGroupId, UserId};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a step is about. When a step fails, the later steps about the same subject, and about what depends on it,
/// are skipped; everything else of the customer goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Subject {
    /// The partner, or the group of a reseller's customer.
    Account,
    /// The pool of one kind.
    Pool(LicenceKind),
    /// A group of the customer's own.
    Group(GroupId),
    /// A user.
    User(UserId),
    /// A licence.
    Licence(LicenceId),
    /// A group's sync setting, where the group is not a desired one (the default group).
    MozyGroup(MozyGroupId),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account => f.write_str("account"),
            Self::Pool(kind) => write!(f, "pool {kind}"),
            Self::Group(id) => write!(f, "group {id}"),
            Self::User(id) => write!(f, "user {id}"),
            Self::Licence(id) => write!(f, "licence {id}"),
            Self::MozyGroup(id) => write!(f, "group {id} of Mozy"),
        }
    }
}

/// A group, by what it is to us, since its id at Mozy may not exist yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Place {
    /// The partner's default group, or the group of a reseller's customer.
    Home,
    /// One of the customer's own groups.
    Own(GroupId),
}

/// Why a step is needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Why {
    /// Wanted, and not there.
    Missing,
    /// There, and not as wanted.
    Differs {
        /// Which field.
        field: String,
        /// What Mozy has.
        have: String,
        /// What is wanted.
        want: String,
    },
    /// A tombstone says so.
    Removed,
    /// Another step cannot happen without it; the text says which and why.
    Needed(String),
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("wanted and not there"),
            Self::Differs { field, have, want } => write!(f, "{field} is {have}, wanted {want}"),
            Self::Removed => f.write_str("removed"),
            Self::Needed(what) => f.write_str(what),
        }
    }
}

/// One corrective action on one subject, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// About what.
    pub subject: Subject,
    /// What is done.
    pub action: Action,
    /// Why.
    pub why: Why,
}
