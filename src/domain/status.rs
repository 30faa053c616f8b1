//! Status: one subscription as `mozyd status` and the operator's API tell it (interface.md, Verbs).

mod shape;

pub use shape::{
    AccountStatus, GroupStatus, LicenceStatus, LicencesStatus, PoolStatus, QuotaStatus, Resources, Status,
    SyncStatus, UserStatus,
};

use super::condition::{ConditionType, worst_first};
use super::desired::Desired;
use super::group::Group;
use super::licence::Licence;
use super::observed::Account;
use super::snapshot::Snapshot;
use super::subscription::Model;
use super::user::User;
use super::{Amount, Condition, LicenceKind, PerKind};
use serde::Serialize;

/// In what state a subscription is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It is as bought.
    Ready,
    /// It is being made, or changed.
    Provisioning,
    /// It is suspended, as wished.
    Suspended,
    /// It is being removed.
    Removing,
    /// Something needs a person.
    Blocked,
    /// An operator paused it.
    Paused,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Ready, Self::Provisioning, Self::Suspended, Self::Removing, Self::Blocked, Self::Paused];

    /// As interface.md writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Provisioning => "provisioning",
            Self::Suspended => "suspended",
            Self::Removing => "removing",
            Self::Blocked => "blocked",
            Self::Paused => "paused",
        }
    }

    /// The state that these facts make.
    pub fn of(paused: bool, removed: bool, suspended: bool, conditions: &[Condition]) -> Self {
        let find = |kind| conditions.iter().find(|condition| condition.kind == kind);
        let in_sync = find(ConditionType::InSync);
        let needs_somebody =
            |c: &Condition| c.kind == ConditionType::InSync && !c.status && c.reason.needs_somebody();
        match (paused, removed) {
            (true, _) => Self::Paused,
            (_, true) => Self::Removing,
            _ if conditions.iter().any(needs_somebody) => Self::Blocked,
            _ if !in_sync.is_some_and(|condition| condition.status) => Self::Provisioning,
            _ if suspended => Self::Suspended,
            _ => Self::Ready,
        }
    }
}

const BYTES_PER_GB: f64 = (1u64 << 30) as f64;

impl From<&Snapshot> for Status {
    fn from(snapshot: &Snapshot) -> Self {
        let Desired { subscription, groups, users } = &snapshot.desired;
        let account = snapshot.account.as_ref();
        let users = users.iter().filter(|user| !(user.removed && user.mozy_id.is_none()));
        let gone = snapshot.gone.is_some();
        let default = default_group(snapshot).filter(|_| !gone);
        Self {
            aps_id: subscription.id.0,
            subscription_id: subscription.number.0,
            model: subscription.model.as_str(),
            account: AccountStatus {
                company: subscription.company.clone(),
                admin_email: subscription.admin.email.clone(),
                partner_id: partner(&subscription.model, subscription.partner),
                user_group_id: subscription.home_group.map(|id| id.0),
            },
            state: State::of(
                snapshot.paused,
                subscription.removed,
                subscription.suspended,
                &snapshot.conditions,
            ),
            gone: snapshot.gone,
            conditions: if gone { Vec::new() } else { worst_first(&snapshot.conditions) },
            generation: subscription.generation,
            // Nothing more is done about what is gone: it is as wished.
            observed_generation: if gone { subscription.generation } else { snapshot.observed_generation },
            last_success: snapshot.last_success,
            last_attempt: snapshot.last_attempt,
            next_due: snapshot.next_due,
            resources: resources(snapshot),
            users: users.map(|user| user_status(user, account)).collect(),
            groups: default.into_iter().chain(groups.iter().map(group_status)).collect(),
            groups_tab_visible: snapshot.groups_tab,
        }
    }
}

fn partner(model: &Model, own: Option<super::PartnerId>) -> Option<i64> {
    let id = match model {
        Model::Customer(reseller) => reseller.and_then(|reseller| reseller.partner),
        Model::Direct | Model::Reseller(_) => own,
    };
    id.map(|id| id.0)
}

fn resources(snapshot: &Snapshot) -> Resources {
    let bought = &snapshot.desired.subscription.bought;
    let usage = snapshot.usage.unwrap_or_default();
    let pools = PerKind { desktop: LicenceKind::Desktop, server: LicenceKind::Server };
    let pool = |kind: LicenceKind| {
        let (bought, used) = (bought.pools.of(kind), usage.pools.of(kind));
        let limit = |amount: Amount| amount.limit();
        PoolStatus {
            licenses: LicencesStatus {
                bought: limit(bought.licences),
                assigned: used.assigned,
                activated: used.activated,
            },
            quota_gb: QuotaStatus {
                bought: limit(bought.quota),
                assigned: used.quota_gb,
                used: (used.used_bytes as f64 / BYTES_PER_GB * 100.0).round() / 100.0,
            },
        }
    };
    Resources {
        desktop: pool(pools.desktop),
        server: pool(pools.server),
        sync: SyncStatus {
            available: bought.sync_available,
            enabled: snapshot.desired.subscription.sync,
            default_quota_gb: bought.sync_default_quota.map(|quota| quota.0),
        },
    }
}

fn default_group(snapshot: &Snapshot) -> Option<GroupStatus> {
    let id = snapshot.desired.subscription.home_group?;
    let seen = snapshot.account.as_ref().and_then(|account| account.group(id));
    let name = seen.map_or_else(|| "Default".to_owned(), |contents| contents.group.name.clone());
    Some(GroupStatus { aps_id: None, name, mozy_group_id: Some(id.0), default: true })
}

fn group_status(group: &Group) -> GroupStatus {
    GroupStatus {
        aps_id: Some(group.id.0),
        name: group.name.clone(),
        mozy_group_id: group.mozy_id.map(|id| id.0),
        default: false,
    }
}

fn user_status(user: &User, account: Option<&Account>) -> UserStatus {
    UserStatus {
        aps_id: user.id.0,
        login: user.login.clone(),
        display_name: user.display_name.clone(),
        mozy_user_id: user.mozy_id.map(|id| id.0),
        group: user.group.map(|id| id.0),
        status: match (user.removed, user.mozy_id, user.suspended) {
            (true, _, _) => "removing",
            (_, None, _) => "provisioning",
            (_, _, true) => "suspended",
            (_, _, false) => "active",
        },
        sync: user.sync,
        licenses: user
            .licences
            .iter()
            .filter(|licence| !licence.removed)
            .map(|l| licence_status(l, account))
            .collect(),
    }
}

fn licence_status(licence: &Licence, account: Option<&Account>) -> LicenceStatus {
    let seen = licence.key.as_ref().and_then(|key| account?.licence(key));
    let machine = seen.and_then(|seen| account?.machine_of(seen));
    LicenceStatus {
        aps_id: licence.id.0,
        kind: licence.kind,
        quota_gb: licence.quota.0,
        keystring: licence.key.as_ref().map(ToString::to_string),
        activated: seen.is_some_and(|seen| seen.machine.is_some()),
        used_bytes: machine.map_or(0, |machine| machine.used_bytes),
    }
}
