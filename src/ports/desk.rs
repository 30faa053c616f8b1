//! The desk: where OSA's wishes are written, each in one transaction, and how far they have come is told.
//!
//! Nothing here waits for Mozy. A wish that what is stored already contradicts is refused and nothing is kept;
//! what only Mozy can tell is answered [`Progress::Waiting`], and asked again (contract osa-aps2, section 3).

mod wishes;

pub use wishes::{
    GroupChoice, GroupWish, Install, InstanceKeys, LicenceWish, ModelWish, TenantPatch, TenantWish,
    UserPatch, UserWish,
};

use crate::domain::snapshot::{Snapshot, TenantNumbers};
use crate::domain::subscription::Admin;
use crate::domain::{Gb, GroupId, InstanceId, LicenceId, Reason, StaffId, SubscriptionId, Thing, UserId};
use serde_json::{Map, Value};
use uuid::Uuid;

/// Why a wish was not taken.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// It cannot be fulfilled; nothing was kept.
    #[error("{reason}: {message}")]
    Refused {
        /// The fixed reason.
        reason: Reason,
        /// For people: what is wrong and what to do.
        message: String,
    },
    /// There is no such thing.
    #[error("{0} is not known here")]
    NotFound(String),
    /// The database did not answer; nothing may be said about the wish, so OSA asks again.
    #[error("the database cannot be used")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// How far a wish has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// Observed equals desired, or nobody waits for more.
    Done,
    /// Not yet; ask again.
    Waiting {
        /// `AsExpected` while it is simply being done, else what stands in the way.
        reason: Reason,
        /// For people, shown on OSA's task.
        message: String,
    },
}

/// Who asks, and whether it is the first time.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Through which instance; things of other instances are not known to it.
    pub instance: InstanceId,
    /// `APS-Request-Phase: async`: OSA asks again about an operation that was answered 202.
    pub again: bool,
    /// OSA's transaction, kept as the request id through plan, step and call.
    pub request: Option<String>,
}

type Answer<T> = Result<T, DeskError>;

/// Where OSA's wishes are written. Every method is idempotent by the APS id: the same wish again raises nothing. A poll
/// that comes after its operation ended hears that end again, and decides nothing.
pub trait Desk: Send + Sync {
    /// Writes an install, or what it now says. Secrets are sealed.
    fn install(&self, install: Install) -> impl Future<Output = Answer<()>> + Send;

    /// Removes an instance; refused while it has subscriptions.
    fn uninstall(&self, id: InstanceId) -> impl Future<Output = Answer<()>> + Send;

    /// The keys of an instance, if an install brought it or it was served as the default before.
    fn instance(&self, id: InstanceId) -> impl Future<Output = Answer<Option<InstanceKeys>>> + Send;

    /// The certificate of the controller of an instance that is known, if it has one. No secret is opened for it: whoever
    /// installs anew what cannot be opened any more is still known by it.
    fn controller_certificate(
        &self,
        id: InstanceId,
    ) -> impl Future<Output = Answer<Option<Option<String>>>> + Send;

    /// Remembers where the controller of an instance is. Writes only when that changed; makes the default
    /// instance's row when it is heard of first.
    fn heard_from(&self, id: InstanceId, controller: &str) -> impl Future<Output = Answer<()>> + Send;

    /// Whether a thing is known and not removed, and of which subscription it is.
    fn owner(
        &self,
        instance: InstanceId,
        thing: Thing,
    ) -> impl Future<Output = Answer<Option<SubscriptionId>>> + Send;

    /// Orders a tenant. Done at once when the admin's e-mail is in use: the guide provisions it in OSA.
    fn order(&self, ask: &Ask, wish: TenantWish) -> impl Future<Output = Answer<Progress>> + Send;

    /// Changes what was bought. Never refused for want of room: limits are a commercial fact.
    fn configure_tenant(
        &self,
        ask: &Ask,
        id: SubscriptionId,
        patch: TenantPatch,
    ) -> impl Future<Output = Answer<Progress>> + Send;

    /// Suspends or resumes a tenant.
    fn suspend_tenant(
        &self,
        ask: &Ask,
        id: SubscriptionId,
        suspended: bool,
    ) -> impl Future<Output = Answer<Progress>> + Send;

    /// Removes a tenant; done at once when it is not known. A reseller's ends when his partner is suspended.
    fn remove_tenant(&self, ask: &Ask, id: SubscriptionId) -> impl Future<Output = Answer<Progress>> + Send;

    /// Switches sync of the subscription; `None` toggles. Off takes the users' wishes along.
    fn switch_sync(
        &self,
        ask: &Ask,
        id: SubscriptionId,
        on: Option<bool>,
    ) -> impl Future<Output = Answer<Progress>> + Send;

    /// Chooses another staff member as root admin while there is no partner yet.
    fn choose_admin(
        &self,
        ask: &Ask,
        id: SubscriptionId,
        staff: StaffId,
        admin: Admin,
    ) -> impl Future<Output = Answer<Progress>> + Send;

    /// Makes a user.
    fn add_user(&self, ask: &Ask, wish: UserWish) -> impl Future<Output = Answer<Progress>> + Send;

    /// Changes a user.
    fn configure_user(
        &self,
        ask: &Ask,
        id: UserId,
        patch: UserPatch,
    ) -> impl Future<Output = Answer<Progress>> + Send;

    /// The service user behind a user is another person now, or has another name: a hint, for which nobody waits. Waiting
    /// while OSA waits for another change of the user, which this would overtake: it is to be told again.
    fn user_changed(
        &self,
        ask: &Ask,
        id: UserId,
        patch: UserPatch,
    ) -> impl Future<Output = Answer<Progress>> + Send;

    /// Suspends or resumes a user.
    fn suspend_user(
        &self,
        ask: &Ask,
        id: UserId,
        suspended: bool,
    ) -> impl Future<Output = Answer<Progress>> + Send;

    /// Removes a user and his licences; done at once when he is not known.
    fn remove_user(&self, ask: &Ask, id: UserId) -> impl Future<Output = Answer<Progress>> + Send;

    /// Gives a user a licence.
    fn add_licence(&self, ask: &Ask, wish: LicenceWish) -> impl Future<Output = Answer<Progress>> + Send;

    /// Changes a licence's GB.
    fn configure_licence(
        &self,
        ask: &Ask,
        id: LicenceId,
        quota: Option<Gb>,
    ) -> impl Future<Output = Answer<Progress>> + Send;

    /// Removes a licence; done at once when it is not known.
    fn remove_licence(&self, ask: &Ask, id: LicenceId) -> impl Future<Output = Answer<Progress>> + Send;

    /// Makes a group.
    fn add_group(&self, ask: &Ask, wish: GroupWish) -> impl Future<Output = Answer<Progress>> + Send;

    /// Renames a group.
    fn rename_group(
        &self,
        ask: &Ask,
        id: GroupId,
        name: Option<String>,
    ) -> impl Future<Output = Answer<Progress>> + Send;

    /// Removes a group; refused while a user is wished for in it; done at once when it is not known.
    fn remove_group(&self, ask: &Ask, id: GroupId) -> impl Future<Output = Answer<Progress>> + Send;

    /// The tenant's numbers: one row, answered at once (design, rule 15).
    fn tenant(
        &self,
        instance: InstanceId,
        id: SubscriptionId,
    ) -> impl Future<Output = Answer<Option<TenantNumbers>>> + Send;

    /// Everything stored of one subscription.
    fn snapshot(&self, id: SubscriptionId) -> impl Future<Output = Answer<Option<Snapshot>>> + Send;

    /// What OSA holds of what it can wish for of a user, under its own names, as far as we know.
    fn told(&self, id: UserId) -> impl Future<Output = Answer<Map<String, Value>>> + Send;

    /// Notes that OSA holds more or other things of a user.
    fn tell(&self, id: UserId, more: &Map<String, Value>) -> impl Future<Output = Answer<()>> + Send;

    /// OSA's service user behind a user, and where the event that he changed leads.
    fn service_user(&self, id: UserId) -> impl Future<Output = Answer<Option<Uuid>>> + Send;
}
