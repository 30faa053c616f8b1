//! A tenant: one per subscription, with what was bought (`mozyProAccount`).

use serde::{Deserialize, Deserializer};

use super::patch::Wire;
use super::scalar::word;
use super::{Aps, Counter, Link, Patch};

/// Whose subscription it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TenantKind {
    /// `C`: the provider's customer.
    Customer,
    /// `R`: a reseller.
    Reseller,
    /// `CR`: a reseller's customer.
    ResellersCustomer,
}

impl Wire for TenantKind {
    fn wire<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        word(deserializer, &[("C", Self::Customer), ("R", Self::Reseller), ("CR", Self::ResellersCustomer)])
    }
}

/// `POST` or `PUT /mozyProAccount`. What OSA merely gives back to us (licences, sync marks) is not read.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Tenant {
    /// Its id.
    pub aps: Aps,
    /// The partner at Mozy, as we once said.
    pub partner_id: Patch<u64>,
    /// The admin's login.
    pub user_name: Patch<String>,
    /// The admin's name.
    pub user_full_name: Patch<String>,
    /// The company's name.
    pub company_name: Patch<String>,
    /// The default group at Mozy, as we once said.
    #[serde(rename = "user_group_id")]
    pub user_group_id: Patch<u64>,
    /// Whether the groups tab is shown.
    #[serde(rename = "groupview")]
    pub group_view: Patch<bool>,
    /// Whose it is.
    pub account_type: Patch<TenantKind>,
    /// Desktop licences.
    pub desktop_license_num: Counter,
    /// Desktop GB.
    pub desktop_quota: Counter,
    /// Server licences.
    pub server_license_num: Counter,
    /// Server GB.
    pub server_quota: Counter,
    /// Whether sync was bought: 0 or 1.
    pub sync_available: Counter,
    /// Sync GB of a user who has none of his own.
    pub sync_default_quota: Counter,
    /// The subscription (core).
    pub subscription: Patch<Link>,
    /// The account that owns it (core).
    pub account: Patch<Link>,
    /// The instance.
    #[serde(rename = "mozyPro")]
    pub application: Patch<Link>,
}
