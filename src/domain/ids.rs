//! Ids that cannot be mistaken for one another: those OSA gave (UUIDs) and those Mozy gave (64-bit integers, keys).

use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(/// An installed APS instance (`APS-Instance-ID`).
    InstanceId(Uuid));
id!(/// A tenant: the APS id of `mozyProAccount`.
    SubscriptionId(Uuid));
id!(/// The APS id of an account of OSA: the provider, a reseller or a customer.
    AccountId(Uuid));
id!(/// The APS id of a staff member, who may become root admin at Mozy.
    StaffId(Uuid));
id!(/// The APS id of `mozyProAccountUser`.
    UserId(Uuid));
id!(/// The APS id of `mozyProAccountUserLicense`.
    LicenceId(Uuid));
id!(/// The APS id of `mozyProAccountGroup`.
    GroupId(Uuid));
id!(/// OSA's decimal subscription number, the `external_id` of all we own at Mozy.
    SubscriptionNumber(i64));
id!(/// A partner at Mozy.
    PartnerId(i64));
id!(/// A user group at Mozy.
    MozyGroupId(i64));
id!(/// A user at Mozy.
    MozyUserId(i64));
id!(/// A machine at Mozy.
    MachineId(i64));
id!(/// A step in the ledger.
    StepId(i64));

impl SubscriptionNumber {
    /// Whether `external_id`, as Mozy tells it, names this subscription.
    pub fn owns(self, external_id: Option<&str>) -> bool {
        external_id.is_some_and(|text| text.trim() == self.0.to_string())
    }
}

/// The twenty upper-case letters and digits that name a licence at Mozy.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Keystring(pub String);

impl fmt::Display for Keystring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
