//! A subscription: what one customer bought, under which model, and whether it is suspended or to be removed.

use super::{
    AccountId, Amount, Gb, InstanceId, MozyGroupId, PartnerId, PerKind, SubscriptionId, SubscriptionNumber,
};
use serde::{Deserialize, Serialize};

/// A desired subscription (`mozyProAccount`), with the ids Mozy gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// The tenant's APS id.
    pub id: SubscriptionId,
    /// The instance it was ordered through; names the credentials.
    pub instance: InstanceId,
    /// OSA's number, `external_id` at Mozy.
    pub number: SubscriptionNumber,
    /// The OSA account that bought it.
    pub account: AccountId,
    /// Raised by every change of the wish, of it or of anything in it.
    pub generation: i64,
    /// Where at Mozy it lives.
    pub model: Model,
    /// The customer's name: partner name, or the name of a reseller's customer's group.
    pub company: String,
    /// Who becomes root admin. A reseller's customer has none of his own at Mozy.
    pub admin: Admin,
    /// What was bought.
    pub bought: Bought,
    /// Whether the customer has sync switched on for the subscription. Never true when it is not available.
    pub sync: bool,
    /// Whether it is to be suspended.
    pub suspended: bool,
    /// The tombstone: only this removes anything.
    pub removed: bool,
    /// Mozy's partner, once known. For a reseller's customer: the reseller's partner.
    pub partner: Option<PartnerId>,
    /// The group its own stock is provisioned to: the partner's default group, or the customer's group.
    pub home_group: Option<MozyGroupId>,
}

/// The root admin at Mozy: the first staff member with `isAccountAdmin`, or the one chosen later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Admin {
    /// User name at Mozy; unique over all of Mozy.
    pub email: String,
    /// As OSA knows the person.
    pub full_name: String,
}

/// The business models, and what each needs to know of its surroundings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Model {
    /// A partner of its own under the root partner.
    Direct,
    /// A reseller's own subscription: a partner, inside which his customers have groups.
    Reseller(Customers),
    /// A reseller's customer: a user group inside the reseller's partner.
    Customer(Option<ResellerAccount>),
}

impl Model {
    /// As tables, logs and `status` write it.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Reseller(_) => "reseller",
            Self::Customer(_) => "customer",
        }
    }
}

/// What a reseller's subscription must know of his customers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Customers {
    /// Customers' subscriptions not yet gone from Mozy; while there is one, the partner is not deleted.
    pub remaining: i64,
    /// Whether one of them has sync on: their groups' parent must then be on too.
    pub want_sync: bool,
}

/// What a customer must know of his reseller. None at all means that the reseller has no subscription here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResellerAccount {
    /// The reseller's own subscription.
    pub id: SubscriptionId,
    /// His partner at Mozy, once there.
    pub partner: Option<PartnerId>,
    /// Whether it is suspended.
    pub suspended: bool,
    /// GB that Mozy gives a customer's user whose sync is switched on.
    pub sync_default_quota: Option<Gb>,
    /// Whether it has been cancelled for good; the partner stays until the last customer is gone.
    pub removed: bool,
}

/// What was bought: the six counters of the tenant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bought {
    /// Licences and GB of each kind.
    pub pools: PerKind<BoughtPool>,
    /// Whether sync may be switched on at all.
    pub sync_available: bool,
    /// GB a synced user gets unless told otherwise; `None` leaves it to Mozy.
    pub sync_default_quota: Option<Gb>,
}

/// Licences and GB of one kind: independent numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoughtPool {
    /// `desktopLicenseNum`, `serverLicenseNum`.
    pub licences: Amount,
    /// `desktopQuota`, `serverQuota`, in GB.
    pub quota: Amount,
}
