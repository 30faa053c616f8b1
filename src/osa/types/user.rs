//! A user of a tenant (`mozyProAccountUser`).

use serde::{Deserialize, Deserializer};
use uuid::Uuid;

use super::patch::{Wire, or_default};
use super::scalar::Amount;
use super::{Aps, Link, Patch};

/// A group, by either of its names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GroupRef {
    /// Mozy's id.
    Mozy(u64),
    /// The APS id of a group resource.
    Aps(Uuid),
}

impl Wire for GroupRef {
    fn wire<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        let Some(text) = String::wire(deserializer)?.filter(|text| !text.is_empty()) else { return Ok(None) };
        let group =
            text.parse().map(Self::Mozy).ok().or_else(|| crate::osa::route::aps_id(&text).map(Self::Aps));
        let expected = &"a group id of Mozy, the APS id of a group, or nothing for the default group";
        let refused = || serde::de::Error::invalid_value(serde::de::Unexpected::Str(&text), expected);
        group.ok_or_else(refused).map(Some)
    }
}

/// `POST` or `PUT /mozyProAccountUser`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct User {
    /// Its id.
    #[serde(deserialize_with = "or_default")]
    pub aps: Aps,
    /// The user at Mozy, as we once said.
    pub mozy_user_id: Patch<u64>,
    /// The login, if OSA sends it; else it is the service user's.
    pub login: Patch<String>,
    /// The name, likewise.
    pub display_name: Patch<String>,
    /// His group; [`Patch::Clear`] is the default group.
    #[serde(rename = "user_group_id")]
    pub group: Patch<GroupRef>,
    /// Whether he has sync.
    pub enable_sync: Patch<bool>,
    /// His sync GB; [`Patch::Clear`] is the tenant's default.
    pub sync_quota: Patch<Amount>,
    /// The service user (core).
    pub user: Patch<Link>,
    /// The tenant.
    #[serde(rename = "mozyProAccount")]
    pub tenant: Patch<Link>,
}
