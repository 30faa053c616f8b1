//! A subscription's row.

use super::{Row, same_columns};
use crate::domain::subscription::{Admin, Bought, BoughtPool, Model, ResellerAccount, Subscription};
use crate::domain::{
    AccountId, Amount, Gb, InstanceId, MozyGroupId, PartnerId, PerKind, SubscriptionId, SubscriptionNumber,
};
use crate::store::schema::subscriptions;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A row of `subscriptions`; the migration says what each column means.
#[derive(
    Debug,
    Clone,
    PartialEq,
    Queryable,
    Selectable,
    Insertable,
    AsChangeset,
    Identifiable,
    Serialize,
    Deserialize,
)]
#[diesel(table_name = subscriptions, treat_none_as_null = true)]
#[allow(missing_docs)]
pub struct TenantRow {
    pub id: Uuid,
    pub instance_id: Uuid,
    pub number: i64,
    pub account_id: Uuid,
    pub reseller_account_id: Option<Uuid>,
    pub model: String,
    pub company: String,
    pub admin_email: String,
    pub admin_name: String,
    pub admin_staff_id: Option<Uuid>,
    pub desktop_licences: Option<i64>,
    pub desktop_quota: Option<i64>,
    pub server_licences: Option<i64>,
    pub server_quota: Option<i64>,
    pub sync_available: bool,
    pub sync_default_quota: Option<i64>,
    pub sync: bool,
    pub suspended: bool,
    pub groups_tab: bool,
    pub paused_at: Option<DateTime<Utc>>,
    pub generation: i64,
    pub account_generation: i64,
    pub request_id: Option<String>,
    pub removed_at: Option<DateTime<Utc>>,
    pub gone_at: Option<DateTime<Utc>>,
    pub partner_id: Option<i64>,
    pub home_group_id: Option<i64>,
    pub created_at: DateTime<Utc>,
}

impl TenantRow {
    /// Its id.
    pub fn subscription(&self) -> SubscriptionId {
        SubscriptionId(self.id)
    }

    /// Whether it is a partner of a customer, a reseller, or a reseller's customer.
    pub fn is(&self, model: &str) -> bool {
        self.model == model
    }

    /// What was bought.
    pub fn bought(&self) -> Bought {
        let pool = |licences, quota| BoughtPool { licences: amount(licences), quota: amount(quota) };
        Bought {
            pools: PerKind {
                desktop: pool(self.desktop_licences, self.desktop_quota),
                server: pool(self.server_licences, self.server_quota),
            },
            sync_available: self.sync_available,
            sync_default_quota: self.sync_default_quota.map(Gb),
        }
    }

    /// Writes what was bought. Sync that is no longer available is off.
    pub fn buy(&mut self, bought: &Bought) {
        let Bought { pools: PerKind { desktop, server }, sync_available, sync_default_quota } = *bought;
        (self.desktop_licences, self.desktop_quota) = (limit(desktop.licences), limit(desktop.quota));
        (self.server_licences, self.server_quota) = (limit(server.licences), limit(server.quota));
        self.sync_available = sync_available;
        self.sync_default_quota = sync_default_quota.map(|gb| gb.0.max(0));
        self.sync &= sync_available;
    }

    /// Whether Mozy is concerned by what distinguishes the two.
    pub fn matters(&self, other: &Self) -> bool {
        let mut same = other.clone();
        same.groups_tab = self.groups_tab;
        same != *self
    }

    /// As the domain knows it, among its neighbours.
    pub fn subscription_in(&self, model: Model) -> Subscription {
        let partner = match &model {
            Model::Customer(reseller) => reseller.and_then(|ResellerAccount { partner, .. }| partner),
            Model::Direct | Model::Reseller(_) => self.partner_id.map(PartnerId),
        };
        Subscription {
            id: SubscriptionId(self.id),
            instance: InstanceId(self.instance_id),
            number: SubscriptionNumber(self.number),
            account: AccountId(self.account_id),
            generation: self.generation,
            model,
            company: self.company.clone(),
            admin: Admin { email: self.admin_email.clone(), full_name: self.admin_name.clone() },
            bought: self.bought(),
            sync: self.sync,
            suspended: self.suspended,
            removed: self.is_removed(),
            partner,
            home_group: self.home_group_id.map(MozyGroupId),
        }
    }
}

impl Row for TenantRow {
    same_columns!("tenant", company, account_generation);

    fn keep_known(&mut self, now: &Self) {
        (self.partner_id, self.home_group_id) = (now.partner_id, now.home_group_id);
        (self.generation, self.account_generation) = (now.generation, now.account_generation);
        (self.paused_at, self.request_id) = (now.paused_at, now.request_id.clone());
    }

    fn forget_known(&mut self) {
        (self.partner_id, self.home_group_id) = (None, None);
    }
}

/// A column as an amount: null is unlimited.
pub fn amount(column: Option<i64>) -> Amount {
    column.map_or(Amount::Unlimited, Amount::Limit)
}

/// An amount as a column. A negative limit allows as little as none.
fn limit(amount: Amount) -> Option<i64> {
    amount.limit().map(|limit| limit.max(0))
}
