//! A licence of a user (`mozyProAccountUserLicense`).

use serde::{Deserialize, Deserializer};

use super::patch::{Wire, or_default};
use super::scalar::{Amount, word};
use super::{Aps, Link, Patch};
use crate::domain::LicenceKind;

impl Wire for LicenceKind {
    fn wire<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        word(deserializer, &[("Desktop", Self::Desktop), ("Server", Self::Server)])
    }
}

/// `POST` or `PUT /mozyProAccountUserLicense`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Licence {
    /// Its id.
    #[serde(deserialize_with = "or_default")]
    pub aps: Aps,
    /// GB.
    pub quota: Patch<Amount>,
    /// For a desktop or a server.
    #[serde(rename = "licenseType")]
    pub kind: Patch<LicenceKind>,
    /// The key at Mozy, as we once said.
    pub key_string: Patch<String>,
    /// The user.
    #[serde(rename = "mozyProAccountUser")]
    pub user: Patch<Link>,
}
