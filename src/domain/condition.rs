//! A condition: what holds of a subscription, with a reason of a fixed name, for people and for programs.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! names {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* $variant),* }

        impl $name {
            /// All of them, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The fixed name, as interface.md lists it.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => stringify!($variant)),* }
            }

            /// The one with this name.
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.as_str() == name)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

names!(
    /// What a condition is about (interface.md, Verbs).
    ConditionType {
        /// The account exists at Mozy.
        Provisioned,
        /// What was bought and what Mozy runs are the same.
        InSync,
        /// The usage numbers are of a recent look.
        UsageFresh,
        /// The guard holds part of the plan.
        Held,
        /// A step may have happened and has not been looked up yet.
        InDoubt,
        /// A field keeps coming back.
        Flapping,
        /// An operator paused it.
        Paused,
    }
);

names!(
    /// Why; those a customer or an operator must act on have fixed names (interface.md, Verbs).
    Reason {
        /// Needs nobody.
        AsExpected,
        /// The root admin's e-mail address is in use at Mozy.
        AdminEmailInUse,
        /// The reseller's partner is not there yet.
        ResellerNotProvisioned,
        /// The reseller has cancelled.
        ResellerCancelled,
        /// The reseller is suspended.
        ResellerSuspended,
        /// More GB than bought.
        QuotaExceedsPurchase,
        /// More licences than bought.
        LicensesExceedPurchase,
        /// The user's e-mail address is in use at Mozy.
        UserEmailInUse,
        /// The subscription has no sync.
        SyncNotAvailable,
        /// The group still has users.
        GroupNotEmpty,
        /// The default group cannot be removed.
        DefaultGroup,
        /// Mozy cannot be reached.
        VendorUnreachable,
        /// Mozy refused a step.
        VendorRejected,
        /// The guard holds part of the plan.
        GuardHeld,
        /// There is no control panel of his own.
        NoControlPanel,
        /// What this belongs to is gone or being removed.
        ParentGone,
    }
);

impl ConditionType {
    /// Whether all is well when it holds, rather than when it does not.
    pub fn should_hold(self) -> bool {
        matches!(self, Self::Provisioned | Self::InSync | Self::UsageFresh)
    }
}

impl Reason {
    /// Whether somebody must act; while Mozy is away it is tried again until it is back.
    pub fn needs_somebody(self) -> bool {
        !matches!(self, Self::AsExpected | Self::VendorUnreachable)
    }
}

/// What a pause by an operator says of itself.
pub const PAUSED: &str = "an operator paused it, so nothing is written at Mozy until `mozyd resume`";

/// What holds of a subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// What it is about.
    #[serde(rename = "type")]
    pub kind: ConditionType,
    /// Whether it holds.
    pub status: bool,
    /// Why.
    pub reason: Reason,
    /// For people: what is wrong and what to do. Empty when all is well.
    pub message: String,
    /// Since when status and reason are what they are.
    pub since: DateTime<Utc>,
}

impl Condition {
    /// Whether it is as it should be.
    pub fn is_well(&self) -> bool {
        self.status == self.kind.should_hold()
    }
}

/// Conditions as they are told: by type, and of one type the worst first, for readers who look at one. What somebody must
/// act on comes before what passes by itself.
pub fn worst_first(conditions: &[Condition]) -> Vec<Condition> {
    let mut sorted = conditions.to_vec();
    sorted.sort_by_key(|one| {
        (one.kind, one.is_well(), !one.reason.needs_somebody(), one.reason == Reason::AsExpected, one.reason)
    });
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_one_type_the_worst_is_first() {
        let of = |kind, status, reason, message: &str| Condition {
            kind,
            status,
            reason,
            message: message.into(),
            since: DateTime::UNIX_EPOCH,
        };
        let in_sync = |reason, message| of(ConditionType::InSync, false, reason, message);
        let fresh = of(ConditionType::UsageFresh, true, Reason::AsExpected, "");
        let told = worst_first(&[
            fresh.clone(),
            in_sync(Reason::AsExpected, "1 step waits"),
            in_sync(Reason::VendorUnreachable, "away"),
            in_sync(Reason::QuotaExceedsPurchase, "too much"),
            in_sync(Reason::UserEmailInUse, "taken"),
        ]);
        let reasons = told.iter().map(|one| one.reason).collect::<Vec<_>>();
        let [quota, taken, away] =
            [Reason::QuotaExceedsPurchase, Reason::UserEmailInUse, Reason::VendorUnreachable];
        assert_eq!(reasons, [quota, taken, away, Reason::AsExpected, Reason::AsExpected]);
        assert_eq!(told[4], fresh);
    }
}
