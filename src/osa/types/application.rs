//! An install: the certificates and globals of one instance (`mozyPro`).

use serde::Deserialize;

use super::patch::or_default;
use super::{Aps, Patch};
use crate::domain::Secret;

/// `POST` or `PUT /mozyPro`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Application {
    /// Its id, and the certificates.
    #[serde(deserialize_with = "or_default")]
    pub aps: Aps,
    /// `false` direct, `true` reseller.
    #[serde(rename = "orderType")]
    pub reseller: Patch<bool>,
    /// Before the path of Mozy's web service; empty means the configured one.
    pub ws_prefix: Patch<String>,
    /// After it; empty means the configured one.
    #[serde(rename = "ws_sufix")]
    pub ws_suffix: Patch<String>,
    /// Mozy's API key.
    pub api_key: Patch<Secret>,
    /// The partner below which partners are made.
    pub root_partner_id: Patch<u64>,
    /// The role of their admins.
    pub root_role_id: Patch<u64>,
}
