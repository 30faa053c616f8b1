//! An action: what a step does. Amounts are absolute targets; ids that do not exist yet are named by place.

use super::Place;
use crate::domain::partner::Status;
use crate::domain::{Gb, Keystring, LicenceKind, MachineId, MozyGroupId, MozyUserId, PartnerId};
use serde::{Deserialize, Serialize};

/// What is to be done. Amounts are absolute targets: the delta is computed from a fresh read when it is applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    /// Create the partner under the root partner.
    CreatePartner {
        /// GB a synced user gets by default.
        default_sync_quota: Option<Gb>,
        /// Whether sync is on from the start.
        sync: bool,
    },
    /// Change the partner's name, sync or default sync quota; what is `None` stays.
    UpdatePartner {
        /// Its name.
        name: Option<String>,
        /// Sync on or off.
        sync: Option<bool>,
        /// GB a synced user gets by default.
        default_sync_quota: Option<Gb>,
    },
    /// Suspend or resume the partner, or the group of a reseller's customer.
    SetAccountStatus(Status),
    /// Delete the partner and all in it.
    DeletePartner,
    /// Create a group.
    CreateGroup {
        /// Which.
        place: Place,
        /// Its name.
        name: String,
        /// Its sync; `None` inherits.
        sync: Option<bool>,
    },
    /// Rename a group.
    RenameGroup {
        /// Which.
        place: Place,
        /// Its new name.
        name: String,
    },
    /// Switch sync of a group on or off explicitly.
    SetGroupSync {
        /// Which, by Mozy's id: the group exists.
        group: MozyGroupId,
        /// On or off.
        on: bool,
    },
    /// Make a group the partner's default group.
    SetDefaultGroup {
        /// Which, by Mozy's id: it was that before.
        group: MozyGroupId,
    },
    /// Resume a group that is nobody's to suspend.
    ResumeGroup {
        /// Which, by Mozy's id: the group exists.
        group: MozyGroupId,
    },
    /// Write our number again.
    SetNumber(Numbered),
    /// Delete a group. It has neither users nor stock left.
    DeleteGroup {
        /// Which.
        place: Place,
    },
    /// Create a user. No password: Mozy lets him choose one.
    CreateUser {
        /// His e-mail address.
        login: String,
        /// His full name.
        full_name: String,
        /// The group he starts in.
        place: Place,
    },
    /// Change a user's name or address; what is `None` stays.
    UpdateUser {
        /// E-mail address.
        login: Option<String>,
        /// Full name.
        full_name: Option<String>,
    },
    /// Suspend or resume a user.
    SetUserStatus(Status),
    /// Switch a user's sync.
    SetUserSync(bool),
    /// Set the GB of a user's sync.
    ResizeSync {
        /// The pseudo-machine.
        machine: MachineId,
        /// GB.
        quota: Gb,
    },
    /// Move a user to a group.
    MoveUser {
        /// Which.
        place: Place,
    },
    /// Delete a user, his machines and their backups.
    DeleteUser,
    /// Give the user a free key of his group; Mozy mails it to him.
    AssignKey {
        /// Of which kind.
        kind: LicenceKind,
        /// With so many GB.
        quota: Gb,
        /// To whom.
        login: String,
        /// The user's group.
        place: Place,
    },
    /// Change the GB of a key that is not activated.
    ResizeKey {
        /// Which.
        key: Keystring,
        /// GB.
        quota: Gb,
    },
    /// Tell a key that is not activated its user's new address.
    ReaddressKey {
        /// Which.
        key: Keystring,
        /// The new address.
        login: String,
    },
    /// Bring a key that is not activated to its user's group.
    MoveKey {
        /// Which.
        key: Keystring,
        /// The user's group.
        place: Place,
    },
    /// Change the GB of an activated licence.
    ResizeMachine {
        /// Its machine.
        machine: MachineId,
        /// GB.
        quota: Gb,
    },
    /// Take a key back; it returns to the stock.
    ClearKey {
        /// Which.
        key: Keystring,
        /// Whether it is what a deleted user left behind: his removal was counted already.
        #[serde(default)]
        left: bool,
    },
    /// Delete a licence's machine and its backup.
    DeleteMachine {
        /// Which.
        machine: MachineId,
    },
    /// Raise the pool of a kind to these totals; what is `None` stays.
    Provision {
        /// Keys.
        licences: Option<i64>,
        /// GB.
        quota: Option<Gb>,
    },
    /// Lower the pool of a kind to these totals; what is `None` stays.
    Release {
        /// Keys.
        licences: Option<i64>,
        /// GB.
        quota: Option<Gb>,
    },
    /// Bring free stock to a group until it has these totals.
    Transfer {
        /// From where.
        from: Place,
        /// To where.
        to: Place,
        /// Keys the target is to have.
        licences: i64,
        /// GB the target is to have.
        quota: Gb,
        /// Keys and GB it is to get: it had so many less when this was planned.
        more: (i64, Gb),
    },
}

/// What carries our number at Mozy and is known by its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Numbered {
    /// A partner.
    Partner(PartnerId),
    /// A group that we made.
    Group(MozyGroupId),
    /// A user.
    User(MozyUserId),
}

impl Action {
    /// All kinds, as metrics and the ledger name them.
    pub const KINDS: &'static [&'static str] = &[
        "create_partner",
        "update_partner",
        "suspend_account",
        "resume_account",
        "delete_partner",
        "create_group",
        "rename_group",
        "set_group_sync",
        "set_default_group",
        "resume_group",
        "set_number",
        "delete_group",
        "create_user",
        "update_user",
        "suspend_user",
        "resume_user",
        "set_user_sync",
        "resize_sync",
        "move_user",
        "delete_user",
        "assign_key",
        "resize_key",
        "readdress_key",
        "move_key",
        "resize_machine",
        "clear_key",
        "delete_machine",
        "provision",
        "release",
        "transfer",
    ];

    /// Which kind this is.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::CreatePartner { .. } => "create_partner",
            Self::UpdatePartner { .. } => "update_partner",
            Self::SetAccountStatus(Status::Suspended) => "suspend_account",
            Self::SetAccountStatus(Status::Active) => "resume_account",
            Self::DeletePartner => "delete_partner",
            Self::CreateGroup { .. } => "create_group",
            Self::RenameGroup { .. } => "rename_group",
            Self::SetGroupSync { .. } => "set_group_sync",
            Self::SetDefaultGroup { .. } => "set_default_group",
            Self::ResumeGroup { .. } => "resume_group",
            Self::SetNumber(_) => "set_number",
            Self::DeleteGroup { .. } => "delete_group",
            Self::CreateUser { .. } => "create_user",
            Self::UpdateUser { .. } => "update_user",
            Self::SetUserStatus(Status::Suspended) => "suspend_user",
            Self::SetUserStatus(Status::Active) => "resume_user",
            Self::SetUserSync(_) => "set_user_sync",
            Self::ResizeSync { .. } => "resize_sync",
            Self::MoveUser { .. } => "move_user",
            Self::DeleteUser => "delete_user",
            Self::AssignKey { .. } => "assign_key",
            Self::ResizeKey { .. } => "resize_key",
            Self::ReaddressKey { .. } => "readdress_key",
            Self::MoveKey { .. } => "move_key",
            Self::ResizeMachine { .. } => "resize_machine",
            Self::ClearKey { .. } => "clear_key",
            Self::DeleteMachine { .. } => "delete_machine",
            Self::Provision { .. } => "provision",
            Self::Release { .. } => "release",
            Self::Transfer { .. } => "transfer",
        }
    }
}
