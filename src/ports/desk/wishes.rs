//! Wishes as OSA's calls say them, in domain words: what is to be, and what is to change.

use crate::domain::subscription::{Admin, Bought};
use crate::domain::{
    AccountId, Amount, Gb, GroupId, InstanceId, LicenceId, LicenceKind, MozyGroupId, PerKind, Secret,
    StaffId, SubscriptionId, SubscriptionNumber, UserId,
};
use uuid::Uuid;

/// What an install delivered (contract, sections 2 and 4).
#[derive(Debug, Clone)]
pub struct Install {
    /// Its id.
    pub id: InstanceId,
    /// The application's own id, where it is another; what is not said stays.
    pub application: Option<Uuid>,
    /// Whether an install brought it, now or before.
    pub installed: bool,
    /// `orderType`: whether reseller; as all globals, `None` is not said and `Some(None)` means as configured.
    pub reseller: Option<Option<bool>>,
    /// `ws_prefix`.
    pub ws_prefix: Option<Option<String>>,
    /// `ws_sufix`.
    pub ws_suffix: Option<Option<String>>,
    /// `api_key`; what is not said stays.
    pub api_key: Option<Secret>,
    /// `root_partner_id`.
    pub root_partner: Option<Option<i64>>,
    /// `root_role_id`.
    pub root_role: Option<Option<i64>>,
    /// `aps.x509.self`: our certificate and key for this instance, PEM.
    pub identity: Option<Secret>,
    /// `aps.x509.controller`: the controller's certificate, PEM.
    pub controller_certificate: Option<String>,
}

impl Install {
    /// An install says what holds: of what it does not say the configured value does.
    pub fn whole(self) -> Self {
        Self {
            installed: true,
            reseller: self.reseller.or(Some(None)),
            ws_prefix: self.ws_prefix.or(Some(None)),
            ws_suffix: self.ws_suffix.or(Some(None)),
            root_partner: self.root_partner.or(Some(None)),
            root_role: self.root_role.or(Some(None)),
            ..self
        }
    }
}

/// What the endpoint and the client need of an instance.
#[derive(Debug, Clone)]
pub struct InstanceKeys {
    /// Its id.
    pub id: InstanceId,
    /// The application's own id, where it is another.
    pub application: Option<Uuid>,
    /// Whether an install brought it; otherwise it is the configured default instance.
    pub installed: bool,
    /// Whether it sells through resellers; `None` means as configured.
    pub reseller: Option<bool>,
    /// Our certificate and key, PEM.
    pub identity: Option<Secret>,
    /// The controller's certificate, PEM.
    pub controller_certificate: Option<String>,
    /// Where the controller was last heard from.
    pub controller: Option<String>,
}

/// Under which model a tenant is ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModelWish {
    /// A partner of its own.
    Direct,
    /// A reseller's own.
    Reseller,
    /// A reseller's customer: the reseller's account.
    Customer(AccountId),
}

/// An ordered tenant, with what was looked up at OSA.
#[derive(Debug, Clone)]
pub struct TenantWish {
    /// APS id.
    pub id: SubscriptionId,
    /// OSA's number.
    pub number: SubscriptionNumber,
    /// Who bought.
    pub account: AccountId,
    /// Under which model.
    pub model: ModelWish,
    /// Company name.
    pub company: String,
    /// Root admin.
    pub admin: Admin,
    /// The staff member he is.
    pub staff: Option<StaffId>,
    /// The counters.
    pub bought: Bought,
    /// Whether the groups tab is shown.
    pub groups_tab: bool,
}

/// What a configure of a tenant changes; `None` stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TenantPatch {
    /// Licences of each kind.
    pub licences: PerKind<Option<Amount>>,
    /// GB of each kind.
    pub quota: PerKind<Option<Amount>>,
    /// Whether sync may be switched on.
    pub sync_available: Option<bool>,
    /// Default sync GB; `Some(None)` leaves it to Mozy.
    pub sync_default_quota: Option<Option<Gb>>,
    /// Whether the groups tab is shown.
    pub groups_tab: Option<bool>,
}

/// A group as OSA names it: empty, an APS id, or Mozy's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupChoice {
    /// The default group.
    Default,
    /// A group resource.
    Own(GroupId),
    /// Mozy's id of either.
    Mozy(MozyGroupId),
}

/// A user to be.
#[derive(Debug, Clone)]
pub struct UserWish {
    /// APS id.
    pub id: UserId,
    /// Of which tenant.
    pub subscription: SubscriptionId,
    /// The service user of OSA he is.
    pub service_user: Uuid,
    /// E-mail address.
    pub login: String,
    /// Full name.
    pub display_name: String,
    /// In which group.
    pub group: GroupChoice,
    /// With sync.
    pub sync: bool,
    /// With so many sync GB of his own.
    pub sync_quota: Option<Gb>,
}

/// What a configure of a user changes; `None` stays.
#[derive(Debug, Clone, Default)]
pub struct UserPatch {
    /// E-mail address.
    pub login: Option<String>,
    /// Full name.
    pub display_name: Option<String>,
    /// Group.
    pub group: Option<GroupChoice>,
    /// Sync.
    pub sync: Option<bool>,
    /// Sync GB; `Some(None)` is the default.
    pub sync_quota: Option<Option<Gb>>,
}

/// A licence to be.
#[derive(Debug, Clone, Copy)]
pub struct LicenceWish {
    /// APS id.
    pub id: LicenceId,
    /// Whose.
    pub user: UserId,
    /// Kind.
    pub kind: LicenceKind,
    /// GB.
    pub quota: Gb,
}

/// A group to be.
#[derive(Debug, Clone)]
pub struct GroupWish {
    /// APS id.
    pub id: GroupId,
    /// Of which tenant.
    pub subscription: SubscriptionId,
    /// Its name.
    pub name: String,
}
