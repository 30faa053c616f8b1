//! The vendor: what can be read at Mozy, and what can be done there.

use super::look::{Echo, Question};
use crate::domain::group::ObservedGroup;
use crate::domain::licence::{Machine, ObservedLicence};
use crate::domain::partner::Partner;
use crate::domain::pool::Stock;
use crate::domain::user::ObservedUser;
use crate::domain::{Keystring, LicenceKind, MozyGroupId, MozyUserId, PartnerId, PerKind, Presence};
use crate::plan::Call;
use std::time::Duration;

/// Why a call to Mozy did not end as wished (design, rules 2, 6 and 9).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VendorError {
    /// Mozy understood and refused; nothing was changed. Never said of a read: there a fault is an absence, or
    /// `Unreachable` when the root partner cannot be read either.
    #[error("mozy refused: {0}")]
    Rejected(String),
    /// Nothing is known and nothing was changed: not delivered, or a read without a healthy answer.
    #[error("mozy cannot be reached: {0}")]
    Unreachable(String),
    /// Mozy asked us to slow down; nothing was changed. The credential is paused, not the object.
    #[error("mozy asks to slow down")]
    Throttled {
        /// For how long, if it said so.
        retry_after: Option<Duration>,
    },
    /// The key is refused or our address is; nothing was changed.
    #[error("mozy denies access: {0}")]
    Denied(String),
    /// A write was sent and no reliable answer came: it may have happened, or may yet happen.
    #[error("it may have happened: {0}")]
    InDoubt(String),
}

/// What a successful write told us.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Made {
    /// The id of what was created: a partner, group or user.
    pub id: Option<i64>,
}

/// Mozy, with one set of credentials. Every read is complete and healthy, or an error: never a short list.
pub trait Vendor: Send + Sync {
    /// One partner. A partner of status `deleted` is absent.
    fn partner(&self, id: PartnerId) -> impl Future<Output = Result<Presence<Partner>, VendorError>> + Send;

    /// Partners whose root admin has this user name (compared without case; what the search returns is not trusted).
    fn find_partners(&self, admin: &str) -> impl Future<Output = Result<Vec<Partner>, VendorError>> + Send;

    /// All groups of a partner.
    fn groups(&self, id: PartnerId) -> impl Future<Output = Result<Vec<ObservedGroup>, VendorError>> + Send;

    /// One group.
    fn group(
        &self,
        id: MozyGroupId,
    ) -> impl Future<Output = Result<Presence<ObservedGroup>, VendorError>> + Send;

    /// All users of a group.
    fn users(
        &self,
        group: MozyGroupId,
    ) -> impl Future<Output = Result<Vec<ObservedUser>, VendorError>> + Send;

    /// One user.
    fn user(
        &self,
        id: MozyUserId,
    ) -> impl Future<Output = Result<Presence<ObservedUser>, VendorError>> + Send;

    /// Users of this name, wherever our key can see them.
    fn find_users(&self, login: &str) -> impl Future<Output = Result<Vec<ObservedUser>, VendorError>> + Send;

    /// All keys of a group; of types other than Desktop and Server none.
    fn licences(
        &self,
        group: MozyGroupId,
    ) -> impl Future<Output = Result<Vec<ObservedLicence>, VendorError>> + Send;

    /// One key.
    fn licence(
        &self,
        key: &Keystring,
    ) -> impl Future<Output = Result<Presence<ObservedLicence>, VendorError>> + Send;

    /// Free keys of a kind in a group.
    fn free_keys(
        &self,
        group: MozyGroupId,
        kind: LicenceKind,
    ) -> impl Future<Output = Result<Vec<Keystring>, VendorError>> + Send;

    /// Stock of a group; kinds that Mozy leaves out are zero.
    fn stock(
        &self,
        partner: PartnerId,
        group: MozyGroupId,
    ) -> impl Future<Output = Result<PerKind<Stock>, VendorError>> + Send;

    /// Machines of a user, sync's pseudo-machine among them.
    fn machines(&self, user: MozyUserId) -> impl Future<Output = Result<Vec<Machine>, VendorError>> + Send;

    /// Whether an admin of this name is visible to our key. Advice: others may hold it outside our tree.
    fn admin_exists(&self, email: &str) -> impl Future<Output = Result<bool, VendorError>> + Send;

    /// A one-time link to the control panel for an admin of this partner. Never logged, never kept.
    fn admin_link(
        &self,
        partner: PartnerId,
        email: &str,
    ) -> impl Future<Output = Result<Presence<String>, VendorError>> + Send;

    /// A one-time link for a user. Never logged, never kept.
    fn user_link(&self, id: MozyUserId)
    -> impl Future<Output = Result<Presence<String>, VendorError>> + Send;

    /// Asks without understanding the answer: it is only heard, see [`echo`](Self::echo).
    ///
    /// A vendor that hears nothing need not ask.
    fn hear(&self, _question: Question) -> impl Future<Output = Result<(), VendorError>> + Send {
        std::future::ready(Ok(()))
    }

    /// What was heard in all calls so far; `None` when one of them failed, or nothing is heard.
    fn echo(&self) -> Option<Echo> {
        None
    }

    /// Makes one corrective call. `Rejected`, `Unreachable`, `Throttled` and `Denied` mean that nothing was changed.
    fn perform(&self, call: &Call) -> impl Future<Output = Result<Made, VendorError>> + Send;
}
