//! The shape of a status, as interface.md writes it: its field names are relied on by programs outside.

use super::State;
use crate::domain::{Condition, LicenceKind};
use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

/// One subscription, for people and programs.
#[derive(Debug, Clone, Serialize)]
pub struct Status {
    /// The tenant's APS id.
    pub aps_id: Uuid,
    /// OSA's number.
    pub subscription_id: i64,
    /// `direct`, `reseller` or `customer`.
    pub model: &'static str,
    /// The account at Mozy.
    pub account: AccountStatus,
    /// In what state it is.
    pub state: State,
    /// Since when it is gone from Mozy, as wished; its state stays `removing`, and nothing more is done about it.
    pub gone: Option<DateTime<Utc>>,
    /// What holds of it.
    pub conditions: Vec<Condition>,
    /// Of the wish.
    pub generation: i64,
    /// The newest that was seen in agreement.
    pub observed_generation: i64,
    /// When it was last looked at with success.
    pub last_success: Option<DateTime<Utc>>,
    /// When a look last began.
    pub last_attempt: Option<DateTime<Utc>>,
    /// When the next is due.
    pub next_due: Option<DateTime<Utc>>,
    /// What was bought and what of it is used.
    pub resources: Resources,
    /// Its users.
    pub users: Vec<UserStatus>,
    /// Its groups, the default one first.
    pub groups: Vec<GroupStatus>,
    /// Whether OSA's panel shows the groups tab.
    pub groups_tab_visible: bool,
}

/// The account at Mozy.
#[derive(Debug, Clone, Serialize)]
pub struct AccountStatus {
    /// The customer.
    pub company: String,
    /// Root admin.
    pub admin_email: String,
    /// Mozy's partner.
    pub partner_id: Option<i64>,
    /// Its default group, or the group of a reseller's customer.
    pub user_group_id: Option<i64>,
}

/// What was bought and what of it is used.
#[derive(Debug, Clone, Serialize)]
pub struct Resources {
    /// Desktop.
    pub desktop: PoolStatus,
    /// Server.
    pub server: PoolStatus,
    /// Sync.
    pub sync: SyncStatus,
}

/// One kind.
#[derive(Debug, Clone, Serialize)]
pub struct PoolStatus {
    /// Licences.
    pub licenses: LicencesStatus,
    /// GB.
    pub quota_gb: QuotaStatus,
}

/// Licences of one kind.
#[derive(Debug, Clone, Serialize)]
pub struct LicencesStatus {
    /// `null` is unlimited.
    pub bought: Option<i64>,
    /// Reserved and used.
    pub assigned: i64,
    /// Used.
    pub activated: i64,
}

/// GB of one kind.
#[derive(Debug, Clone, Serialize)]
pub struct QuotaStatus {
    /// `null` is unlimited.
    pub bought: Option<i64>,
    /// Promised to licences and sync.
    pub assigned: i64,
    /// Backed up, in GB.
    pub used: f64,
}

/// Sync.
#[derive(Debug, Clone, Serialize)]
pub struct SyncStatus {
    /// Whether it was bought.
    pub available: bool,
    /// Whether it is switched on.
    pub enabled: bool,
    /// GB of a user unless told otherwise.
    pub default_quota_gb: Option<i64>,
}

/// A user.
#[derive(Debug, Clone, Serialize)]
pub struct UserStatus {
    /// APS id.
    pub aps_id: Uuid,
    /// E-mail address.
    pub login: String,
    /// Full name.
    pub display_name: String,
    /// Mozy's id.
    pub mozy_user_id: Option<i64>,
    /// The APS id of his group; `null` is the default group.
    pub group: Option<Uuid>,
    /// `active`, `suspended`, `provisioning` or `removing`.
    pub status: &'static str,
    /// Whether he has sync.
    pub sync: bool,
    /// His licences.
    pub licenses: Vec<LicenceStatus>,
}

/// A licence.
#[derive(Debug, Clone, Serialize)]
pub struct LicenceStatus {
    /// APS id.
    pub aps_id: Uuid,
    /// `Desktop` or `Server`.
    pub kind: LicenceKind,
    /// GB.
    pub quota_gb: i64,
    /// Mozy's key.
    pub keystring: Option<String>,
    /// Whether a client activated it.
    pub activated: bool,
    /// Bytes backed up.
    pub used_bytes: i64,
}

/// A group.
#[derive(Debug, Clone, Serialize)]
pub struct GroupStatus {
    /// APS id; the default group has none.
    pub aps_id: Option<Uuid>,
    /// Its name.
    pub name: String,
    /// Mozy's id.
    pub mozy_group_id: Option<i64>,
    /// Whether it is the default group.
    pub default: bool,
}
