//! A tenant: one per subscription, with what was bought (`mozyProAccount`).

use serde::{Deserialize, Deserializer};

use super::patch::{Wire, or_default};
use super::scalar::word;
use super::{Aps, Counter, Link, Patch};
use crate::domain::subscription::{Bought, BoughtPool};
use crate::domain::{Amount, Gb, PerKind};
use crate::ports::desk::TenantPatch;

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
    #[serde(deserialize_with = "or_default")]
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

impl Tenant {
    /// What a configure changes; what is not mentioned stays.
    pub fn patch(&self) -> TenantPatch {
        self.said(Counter::configured)
    }

    /// What an order buys; what the plan does not contain is not bought.
    pub fn bought(&self) -> Bought {
        let TenantPatch { licences, quota, sync_available, sync_default_quota, groups_tab: _ } =
            self.said(Counter::ordered);
        let pool = |licences: Option<Amount>, quota: Option<Amount>| BoughtPool {
            licences: licences.unwrap_or_default(),
            quota: quota.unwrap_or_default(),
        };
        Bought {
            pools: PerKind {
                desktop: pool(licences.desktop, quota.desktop),
                server: pool(licences.server, quota.server),
            },
            sync_available: sync_available.unwrap_or(false),
            sync_default_quota: sync_default_quota.flatten(),
        }
    }

    fn said(&self, of: impl Fn(Counter) -> Option<Amount>) -> TenantPatch {
        let (desktop, server) = (of(self.desktop_license_num), of(self.server_license_num));
        TenantPatch {
            licences: PerKind { desktop, server },
            quota: PerKind { desktop: of(self.desktop_quota), server: of(self.server_quota) },
            sync_available: of(self.sync_available).map(|amount| amount.holds(1)),
            sync_default_quota: of(self.sync_default_quota).map(|amount| amount.limit().map(Gb)),
            groups_tab: self.group_view.value().copied(),
        }
    }
}
