//! A call: a step with every id known, exactly as it goes to Mozy. The ledger keeps it before it is made.

use super::action::Numbered;
use crate::domain::partner::Status;
use crate::domain::{
    Gb, Keystring, LicenceKind, MachineId, MozyGroupId, MozyUserId, PartnerId, PerKind, SubscriptionNumber,
};
use serde::{Deserialize, Serialize};

/// One call that changes something at Mozy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Call {
    /// `partner.Create` under the root partner of the credentials.
    CreatePartner {
        /// Its name.
        name: String,
        /// Whether it is a reseller's.
        reseller: bool,
        /// User name of the root admin.
        admin_email: String,
        /// Full name of the root admin.
        admin_name: String,
        /// Written as `external_id`.
        number: SubscriptionNumber,
        /// Whether sync is on.
        sync: bool,
        /// GB a synced user gets by default.
        default_sync_quota: Option<Gb>,
    },
    /// `partner.Update`; what is `None` stays.
    UpdatePartner {
        /// Which.
        id: PartnerId,
        /// Its name.
        name: Option<String>,
        /// Sync.
        sync: Option<bool>,
        /// GB.
        default_sync_quota: Option<Gb>,
    },
    /// `partner.Update` of the status.
    SetPartnerStatus {
        /// Which.
        id: PartnerId,
        /// Active or suspended.
        status: Status,
    },
    /// `partner.Delete`.
    DeletePartner {
        /// Which.
        id: PartnerId,
    },
    /// `user_group.Create`.
    CreateGroup {
        /// In which partner.
        partner: PartnerId,
        /// Its name.
        name: String,
        /// Its sync; `None` inherits.
        sync: Option<bool>,
        /// Written as `external_id`.
        number: SubscriptionNumber,
    },
    /// `user_group.Update` of the name.
    RenameGroup {
        /// Which.
        id: MozyGroupId,
        /// Its name.
        name: String,
    },
    /// `user_group.Update` of the status.
    SetGroupStatus {
        /// Which.
        id: MozyGroupId,
        /// Active or suspended.
        status: Status,
    },
    /// `user_group.Update` of sync.
    SetGroupSync {
        /// Which.
        id: MozyGroupId,
        /// On or off.
        on: bool,
    },
    /// `user_group.Update` that makes it its partner's default group.
    SetDefaultGroup {
        /// Which.
        id: MozyGroupId,
    },
    /// `Update` of the `external_id`.
    SetNumber {
        /// Of what.
        of: Numbered,
        /// Written as `external_id`.
        number: SubscriptionNumber,
    },
    /// `user_group.Delete`.
    DeleteGroup {
        /// Which.
        id: MozyGroupId,
    },
    /// `user.Create`, without a password.
    CreateUser {
        /// In which group.
        group: MozyGroupId,
        /// E-mail address.
        login: String,
        /// Full name.
        full_name: String,
        /// Written as `external_id`.
        number: SubscriptionNumber,
    },
    /// `user.Update` of name or address; what is `None` stays.
    UpdateUser {
        /// Which.
        id: MozyUserId,
        /// E-mail address.
        login: Option<String>,
        /// Full name.
        full_name: Option<String>,
    },
    /// `user.Update` of the status.
    SetUserStatus {
        /// Which.
        id: MozyUserId,
        /// Active or suspended.
        status: Status,
    },
    /// `user.Update` of sync.
    SetUserSync {
        /// Which.
        id: MozyUserId,
        /// On or off.
        on: bool,
    },
    /// `user.Update` of the group.
    MoveUser {
        /// Which.
        id: MozyUserId,
        /// To where.
        group: MozyGroupId,
        /// From where, as last seen.
        #[serde(default)]
        from: Option<MozyGroupId>,
        /// GB of his reserved keys, which stay where he was.
        #[serde(default)]
        leaves: PerKind<Gb>,
    },
    /// `user.Delete`.
    DeleteUser {
        /// Which.
        id: MozyUserId,
    },
    /// `resource.UpdateLicenses` that reserves a free key and has Mozy mail it.
    AssignKey {
        /// Which.
        key: Keystring,
        /// To whom.
        login: String,
        /// GB.
        quota: Gb,
        /// Written as `external_id`.
        number: SubscriptionNumber,
    },
    /// `resource.UpdateLicenses` of the GB, without a mail.
    ResizeKey {
        /// Which.
        key: Keystring,
        /// GB.
        quota: Gb,
    },
    /// `resource.UpdateLicenses` of the address, without a mail.
    ReaddressKey {
        /// Which.
        key: Keystring,
        /// To whom.
        login: String,
    },
    /// `resource.UpdateLicenses` of the group, without a mail; the key's GB stay.
    MoveKey {
        /// Which.
        key: Keystring,
        /// To where.
        group: MozyGroupId,
    },
    /// `resource.UpdateLicenses` with an empty address.
    ClearKey {
        /// Which.
        key: Keystring,
    },
    /// `machine.Update` of the quota; of a licence's machine or of sync's.
    ResizeMachine {
        /// Whose.
        user: MozyUserId,
        /// Which.
        machine: MachineId,
        /// GB.
        quota: Gb,
    },
    /// `machine.Delete`, which deletes its backup.
    DeleteMachine {
        /// Whose.
        user: MozyUserId,
        /// Which.
        machine: MachineId,
    },
    /// `resource.Provision`: adds.
    Provision(PoolChange),
    /// `resource.Release`: takes away.
    Release(PoolChange),
    /// `resource.Transfer` between two groups of one partner.
    Transfer {
        /// Whose.
        partner: PartnerId,
        /// From where.
        from: MozyGroupId,
        /// To where.
        to: MozyGroupId,
        /// Of which kind.
        kind: LicenceKind,
        /// Keys to move.
        licences: i64,
        /// GB to move.
        quota: Gb,
        /// Keys and GB the target has when it is done.
        becomes: (i64, Gb),
    },
}

impl Call {
    /// The key that it is about, if it is about one.
    pub fn key(&self) -> Option<&Keystring> {
        match self {
            Self::AssignKey { key, .. }
            | Self::ResizeKey { key, .. }
            | Self::ReaddressKey { key, .. }
            | Self::MoveKey { key, .. }
            | Self::ClearKey { key } => Some(key),
            _ => None,
        }
    }
}

/// A change of a pool: the delta that is sent, and the totals it leads to, by which it is recognised afterwards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolChange {
    /// Whose.
    pub partner: PartnerId,
    /// The group it goes to or comes from.
    pub group: MozyGroupId,
    /// Of which kind.
    pub kind: LicenceKind,
    /// Keys, never negative.
    pub licences: i64,
    /// GB, never negative.
    pub quota: Gb,
    /// Keys and GB the subscription has when it is done, over all its groups.
    pub becomes: (i64, Gb),
}
