//! A snapshot: everything that is stored of one subscription at one moment, for answers, `status` and screens.

use super::observed::Account;
use super::subscription::Bought;
use super::{Condition, ConditionType, Desired, MozyGroupId, PartnerId, SubscriptionId, Usage};
use chrono::{DateTime, TimeDelta, Utc};
use std::time::Duration;

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

/// One that was due so long ago and was not looked at has nobody who looks.
const OVERDUE: TimeDelta = TimeDelta::minutes(2);

impl Snapshot {
    /// As it is to be read at a time, where all are looked at once per `interval`: what was said when it was last looked
    /// at does not stay true by itself.
    pub fn at(mut self, now: DateTime<Utc>, interval: Duration) -> Self {
        let Some(looked) = self.last_success.filter(|looked| *looked < fresh_since(now, interval)) else {
            return self;
        };
        let fresh = |one: &&mut Condition| one.kind == ConditionType::UsageFresh && one.status;
        for condition in self.conditions.iter_mut().filter(fresh) {
            condition.status = false;
            condition.message =
                format!("nobody has looked with success since {} UTC", looked.format("%F %T"));
            condition.since = looked;
        }
        self
    }

    /// Whether nobody looks although it is due.
    pub fn is_overdue(&self, now: DateTime<Utc>) -> bool {
        self.gone.is_none() && self.next_due.is_some_and(|due| now - due > OVERDUE)
    }
}

/// Numbers that were read before this are not fresh: two rounds have gone by.
pub fn fresh_since(now: DateTime<Utc>, interval: Duration) -> DateTime<Utc> {
    let span = TimeDelta::from_std(interval.saturating_mul(2)).unwrap_or(TimeDelta::MAX);
    now.checked_sub_signed(span).unwrap_or(DateTime::<Utc>::MIN_UTC)
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
