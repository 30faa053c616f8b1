//! What is owed to OSA's screens: which things look different from before, and the marks that say so.

use super::fixed::fixed;
use crate::domain::licence::{Machine, ObservedLicence};
use crate::domain::observed::{Account, GroupContents};
use crate::domain::user::ObservedUser;
use crate::domain::{Keystring, MachineId, MozyGroupId, MozyUserId, SubscriptionId};
use crate::ports::ledger::Binding;
use diesel::QueryResult;
use diesel::sql_types::{Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::HashMap;
use uuid::Uuid;

/// The APS services whose resources have screens (contract osa-aps2, section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    Tenant,
    Group,
    User,
    Licence,
}

impl Service {
    pub const ALL: [Self; 4] = [Self::Tenant, Self::Group, Self::User, Self::Licence];

    /// Its name in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tenant => "mozyProAccount",
            Self::Group => "mozyProAccountGroup",
            Self::User => "mozyProAccountUser",
            Self::Licence => "mozyProAccountUserLicense",
        }
    }

    /// Whose screen shows what was learned.
    pub fn of_binding(binding: &Binding, tenant: Uuid) -> Option<(Self, Uuid)> {
        match binding {
            Binding::Partner(_) | Binding::Admin(_) | Binding::HomeGroup(_) => Some((Self::Tenant, tenant)),
            Binding::Group(id, _) => Some((Self::Group, id.0)),
            Binding::User(id, _) => Some((Self::User, id.0)),
            Binding::Licence(id, _) => Some((Self::Licence, id.0)),
            Binding::Address(..) => None,
        }
    }
}

/// Owes OSA the state of a thing, from now on. One that failed before is tried when it was to be tried.
pub(super) async fn owe(
    conn: &AsyncPgConnection,
    subscription: SubscriptionId,
    service: Service,
    id: Uuid,
) -> QueryResult<()> {
    const SQL: &str = "WITH owed AS ( \
            INSERT INTO pushes (object_id, subscription_id, service) VALUES ($1, $2, $3) \
            ON CONFLICT (object_id) DO UPDATE SET owed_at = clock_timestamp()) \
        SELECT pg_notify('mozyd_push', '')";
    let query = fixed(
        |sql| sql.bind::<SqlUuid, _>(id).bind::<SqlUuid, _>(subscription.0).bind::<Text, _>(service.as_str()),
        SQL,
    );
    query.execute(&mut &*conn).await.map(drop)
}

/// The things of a subscription that Mozy knows, by APS id and by what Mozy calls them.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub groups: Vec<(Uuid, MozyGroupId)>,
    pub users: Vec<(Uuid, MozyUserId)>,
    /// With the APS id of the user.
    pub licences: Vec<(Uuid, Keystring, Uuid)>,
}

/// Things whose observed state differs between two looks, as far as a screen shows it.
pub(super) fn changed(
    tenant: Uuid,
    known: &Known,
    old: Option<&Account>,
    new: &Account,
) -> Vec<(Service, Uuid)> {
    let (old, new) = (Index::new(old), Index::new(Some(new)));
    let mut changed = Vec::new();
    if old.statuses() != new.statuses() {
        changed.push((Service::Tenant, tenant));
    }
    let groups = known.groups.iter().filter(|(_, id)| old.group(*id) != new.group(*id));
    changed.extend(groups.map(|(id, _)| (Service::Group, *id)));
    // What a user's screen sums up includes his licences.
    let licences: Vec<_> =
        known.licences.iter().filter(|(_, key, _)| old.licence(key) != new.licence(key)).collect();
    changed.extend(licences.iter().map(|(id, ..)| (Service::Licence, *id)));
    let has_changed = |aps: &Uuid, id: MozyUserId| {
        old.user(id) != new.user(id) || licences.iter().any(|(_, _, owner)| owner == aps)
    };
    let users = known.users.iter().filter(|(aps, id)| has_changed(aps, *id));
    changed.extend(users.map(|(aps, _)| (Service::User, *aps)));
    changed
}

/// An account by id, since accounts can be large.
#[derive(Default)]
struct Index<'a> {
    account: Option<&'a Account>,
    groups: HashMap<MozyGroupId, &'a GroupContents>,
    users: HashMap<MozyUserId, &'a ObservedUser>,
    machines_of: HashMap<MozyUserId, &'a [Machine]>,
    licences: HashMap<&'a Keystring, &'a ObservedLicence>,
    machines: HashMap<MachineId, &'a Machine>,
}

impl<'a> Index<'a> {
    fn new(account: Option<&'a Account>) -> Self {
        let Some(known) = account else { return Self::default() };
        let machines_of = known.groups.iter().flat_map(|group| &group.machines);
        Self {
            account,
            groups: known.groups.iter().map(|group| (group.group.id, group)).collect(),
            users: known.users().map(|user| (user.id, user)).collect(),
            machines: machines_of.clone().flat_map(|(_, all)| all).map(|one| (one.id, one)).collect(),
            machines_of: machines_of.map(|(user, all)| (*user, all.as_slice())).collect(),
            licences: known.licences().map(|licence| (&licence.key, licence)).collect(),
        }
    }

    fn statuses(&self) -> impl PartialEq + use<'a> {
        let groups =
            |account: &'a Account| account.groups.iter().map(|one| one.group.status).collect::<Vec<_>>();
        self.account.map(|account| (account.partner.status, account.partner.sync, groups(account)))
    }

    fn group(&self, id: MozyGroupId) -> impl PartialEq + use<'a> {
        self.groups.get(&id).map(|group| (&group.group, &group.stock))
    }

    fn user(&self, id: MozyUserId) -> impl PartialEq + use<'a> {
        (self.users.get(&id).copied(), self.machines_of.get(&id).copied().unwrap_or_default())
    }

    fn licence(&self, key: &Keystring) -> impl PartialEq + use<'a> {
        let licence = self.licences.get(key).copied();
        let machine = licence.and_then(|licence| self.machines.get(&licence.machine?)).copied();
        (licence, machine)
    }
}
