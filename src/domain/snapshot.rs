//! A snapshot: everything that is stored of one subscription at one moment, for answers, `status` and screens.

use super::observed::Account;
use super::subscription::Bought;
use super::{Condition, Desired, MozyGroupId, PartnerId, SubscriptionId, Usage};
use chrono::{DateTime, Utc};

/// Everything stored of one subscription.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// What is wanted.
    pub desired: Desired,
    /// Whether the groups tab is shown.
    pub groups_tab: bool,
    /// What the last complete look saw; `None` before the first, and while there is no account.
    pub account: Option<Account>,
    /// The numbers last known.
    pub usage: Option<Usage>,
    /// What holds of it.
    pub conditions: Vec<Condition>,
    /// Since when it is gone from Mozy, as wished.
    pub gone: Option<DateTime<Utc>>,
    /// Whether an operator paused it.
    pub paused: bool,
    /// The generation that the last complete cycle saw in agreement.
    pub observed_generation: i64,
    /// When a cycle last looked with success.
    pub last_success: Option<DateTime<Utc>>,
    /// When a cycle last began.
    pub last_attempt: Option<DateTime<Utc>>,
    /// When the next is due.
    pub next_due: Option<DateTime<Utc>>,
}

/// What a retrieve of a tenant answers: one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantNumbers {
    /// The tenant.
    pub id: SubscriptionId,
    /// Its partner, once there.
    pub partner: Option<PartnerId>,
    /// Its default group, or the reseller's customer's group.
    pub home_group: Option<MozyGroupId>,
    /// `direct`, `reseller` or `customer`.
    pub model: String,
    /// Company.
    pub company: String,
    /// Root admin's e-mail.
    pub admin_email: String,
    /// Root admin's name.
    pub admin_name: String,
    /// Whether it works: neither suspended nor behind a reseller who is.
    pub works: bool,
    /// Whether the groups tab is shown.
    pub groups_tab: bool,
    /// What was bought.
    pub bought: Bought,
    /// Last known usage; `None` before the first look.
    pub usage: Option<Usage>,
}
