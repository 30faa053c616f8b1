//! Classes of change that the guard limits, and which step is in which.

use crate::domain::partner::Status;
use crate::plan::Action;
use serde::{Deserialize, Serialize};

/// A class of change that is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Class {
    /// Users, machines, groups and partners are deleted.
    Delete,
    /// Users and accounts are suspended.
    Suspend,
    /// Pools and quotas shrink.
    Downgrade,
    /// Anything else that exists is changed.
    Update,
}

impl Class {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Delete, Self::Suspend, Self::Downgrade, Self::Update];

    /// As the configuration and the metrics name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Delete => "delete",
            Self::Suspend => "suspend",
            Self::Downgrade => "downgrade",
            Self::Update => "update",
        }
    }

    /// The class of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.as_str() == name)
    }

    /// The class of an action; what creates, resumes or gives more is in none.
    pub fn of(action: &Action) -> Option<Self> {
        match action {
            Action::DeletePartner
            | Action::DeleteGroup { .. }
            | Action::DeleteUser
            | Action::DeleteMachine { .. } => Some(Self::Delete),
            Action::SetAccountStatus(Status::Suspended) | Action::SetUserStatus(Status::Suspended) => {
                Some(Self::Suspend)
            }
            Action::Release { .. } | Action::ClearKey { left: false, .. } => Some(Self::Downgrade),
            Action::UpdatePartner { .. }
            | Action::RenameGroup { .. }
            | Action::SetGroupSync { .. }
            | Action::SetDefaultGroup { .. }
            | Action::SetNumber(_)
            | Action::UpdateUser { .. }
            | Action::SetUserSync(_)
            | Action::ResizeSync { .. }
            | Action::MoveUser { .. }
            | Action::ResizeKey { .. }
            | Action::ReaddressKey { .. }
            | Action::MoveKey { .. }
            | Action::ResizeMachine { .. } => Some(Self::Update),
            Action::CreatePartner { .. }
            | Action::SetAccountStatus(Status::Active)
            | Action::CreateGroup { .. }
            | Action::CreateUser { .. }
            | Action::SetUserStatus(Status::Active)
            | Action::ResumeGroup { .. }
            | Action::AssignKey { .. }
            | Action::ClearKey { left: true, .. }
            | Action::Provision { .. }
            | Action::Transfer { .. } => None,
        }
    }
}
