//! A user group of a tenant (`mozyProAccountGroup`).

use serde::Deserialize;

use super::patch::or_default;
use super::scalar::Amount;
use super::{Aps, Link, Patch};

/// `POST` or `PUT /mozyProAccountGroup`. Its keys and quotas are ours to say and are not read.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Group {
    /// Its id.
    #[serde(deserialize_with = "or_default")]
    pub aps: Aps,
    /// The group at Mozy, as we once said.
    pub group_id: Patch<u64>,
    /// Its name.
    pub name: Patch<String>,
    /// Whether its users may sync.
    pub enable_sync: Patch<bool>,
    /// Sync GB.
    pub sync_quota: Patch<Amount>,
    /// The tenant.
    #[serde(rename = "mozyProAccount")]
    pub tenant: Patch<Link>,
}
