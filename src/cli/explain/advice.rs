//! What to do next, and who: for each reason one sentence that somebody can follow at night.

use super::Obstacle;
use crate::domain::snapshot::Snapshot;
use crate::domain::{ConditionType, Reason};
use chrono::{DateTime, Utc};

/// What to do about all that stands in the way; waiting is also something to do.
pub(super) fn next(
    snapshot: &Snapshot,
    blocked: &[Obstacle],
    reseller: Option<i64>,
    now: DateTime<Utc>,
) -> Vec<String> {
    let number = snapshot.desired.subscription.number;
    if snapshot.gone.is_some() {
        return vec!["Nothing.".into()];
    }
    let mut next = Vec::new();
    if snapshot.is_overdue(now) {
        next.push("See whether the daemon runs: `systemctl status mozyd`, `journalctl -u mozyd`.".into());
    }
    for obstacle in blocked {
        let advice = match obstacle.kind {
            ConditionType::Paused if snapshot.paused => format!("`mozyd resume {number}`, if the reason for the pause is gone; `mozyd events {number}` tells since when."),
            ConditionType::Paused => "Nothing while it is meant to be so; [reconcile] and [maintenance] in mozyd.toml say it, and a reload takes a change.".into(),
            ConditionType::InDoubt => format!("Nothing now: it is looked up by itself once mozy.settle has passed. `mozyd doubts` lists what is in doubt; if it stays, `mozyd events {number}` tells why."),
            _ if obstacle.reason == Reason::AsExpected && snapshot.conditions.iter().any(is_pause) => continue,
            _ => of(obstacle.reason, &number.to_string(), reseller),
        };
        if !next.contains(&advice) {
            next.push(advice);
        }
    }
    if next.is_empty() {
        next.push(match snapshot.observed_generation == snapshot.desired.subscription.generation {
            true => "Nothing.".into(),
            false => format!("Wait; `mozyd events {number}` tells how it goes on."),
        });
    }
    next
}

fn is_pause(condition: &crate::domain::Condition) -> bool {
    condition.kind == ConditionType::Paused && condition.status
}

/// The advice for a reason.
fn of(reason: Reason, number: &str, reseller: Option<i64>) -> String {
    match reason {
        Reason::AsExpected => format!("Wait; `mozyd events {number}` tells how it goes on."),
        Reason::AdminEmailInUse => {
            "The customer, in OSA: create a staff member with another e-mail address and assign it to the service.".into()
        }
        Reason::ResellerNotProvisioned => match reseller {
            Some(his) => format!("The reseller's own subscription {his} comes first: `mozyd explain {his}`. This one then goes on by itself."),
            None => "The reseller's own subscription comes first: order it in OSA. This one then goes on by itself.".into(),
        },
        Reason::ResellerCancelled => {
            "The reseller: he has cancelled, so his customers' subscriptions can only be terminated in OSA, each by hand.".into()
        }
        Reason::ResellerSuspended => {
            let his = reseller.map_or_else(String::new, |his| format!(" {his}"));
            format!("The reseller: he has his own subscription{his} resumed in OSA. This one then goes on by itself.")
        }
        Reason::QuotaExceedsPurchase => {
            "The customer, in OSA: buy more GB, or lower the quota of his licences. It then goes on by itself.".into()
        }
        Reason::LicensesExceedPurchase => {
            "The customer, in OSA: buy more licences, or remove some. It then goes on by itself.".into()
        }
        Reason::UserEmailInUse => "The customer, in OSA: give the user another e-mail address.".into(),
        Reason::SyncNotAvailable => "The customer, in OSA: buy sync, or leave it off.".into(),
        Reason::GroupNotEmpty => {
            "The customer: move the group's users elsewhere. Those that OSA does not know are listed by `mozyd unmanaged`.".into()
        }
        Reason::DefaultGroup => "Nothing: the default group lives as long as the account.".into(),
        Reason::VendorUnreachable => {
            "Nothing for this customer: it is tried again by itself until Mozy answers. If `mozyd status` says the same of all, see to the network, to mozy.base_url and to the API key.".into()
        }
        Reason::VendorRejected => {
            format!("An operator: read what Mozy said above, put it right there or in OSA, then `mozyd refresh {number}`.")
        }
        Reason::GuardHeld => {
            format!("An operator: read `mozyd plan {number}`. If it is right, release it with `mozyd approve HASH`, which the plan shows.")
        }
        Reason::NoControlPanel => "Nothing: he has no control panel of his own; his reseller has one.".into(),
        Reason::ParentGone => "The provider: what this belongs to is gone in OSA; remove this, too.".into(),
    }
}
