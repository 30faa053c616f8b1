//! A thing that OSA can name: a tenant, a group, a user or a licence.

use super::{GroupId, LicenceId, SubscriptionId, UserId};
use uuid::Uuid;

/// One thing OSA can ask about and wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Thing {
    /// A tenant.
    Tenant(SubscriptionId),
    /// A group.
    Group(GroupId),
    /// A user.
    User(UserId),
    /// A licence.
    Licence(LicenceId),
}

impl Thing {
    /// Its APS id.
    pub fn id(self) -> Uuid {
        match self {
            Self::Tenant(id) => id.0,
            Self::Group(id) => id.0,
            Self::User(id) => id.0,
            Self::Licence(id) => id.0,
        }
    }

    /// `tenant`, `group`, `user` or `licence`.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Tenant(_) => "tenant",
            Self::Group(_) => "group",
            Self::User(_) => "user",
            Self::Licence(_) => "licence",
        }
    }
}
