//! The trace of a step: whether what it did shows in an observation.
//!
//! A read may be older than our last write, and a write without an answer may have happened. Both are decided by
//! looking: what shows has happened; what does not show yet is unsettled until the settle time is over.

use super::index::Index;
use super::{Call, Numbered, Subject};
use crate::domain::observed::{Account, Observed};
use crate::domain::user::same_login;
use crate::domain::{
    Desired, Gb, GroupId, Keystring, MachineId, MozyGroupId, MozyUserId, SubscriptionNumber, UserId,
};
use std::collections::{HashMap, HashSet};

/// What of a subject a call writes; a later call to the same makes an earlier one's trace meaningless.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// Whether it exists at all.
    Existence,
    /// Names and addresses.
    Name,
    /// Our number.
    Number,
    /// Active or suspended.
    Status,
    /// Sync on or off.
    Sync,
    /// GB.
    Quota,
    /// A user's group.
    Group,
    /// To whom a key is assigned.
    Assignment,
    /// Totals of a pool.
    Totals,
    /// Stock of a group.
    Stock,
}

/// Which field a call writes.
pub fn field(call: &Call) -> Field {
    match call {
        Call::CreatePartner { .. } | Call::DeletePartner { .. } | Call::CreateGroup { .. } => {
            Field::Existence
        }
        Call::DeleteGroup { .. } | Call::CreateUser { .. } | Call::DeleteUser { .. } => Field::Existence,
        Call::UpdatePartner { sync: Some(_), .. } => Field::Sync,
        Call::UpdatePartner { default_sync_quota: Some(_), .. } => Field::Quota,
        Call::UpdatePartner { .. } | Call::RenameGroup { .. } | Call::UpdateUser { .. } => Field::Name,
        Call::SetDefaultGroup { .. } => Field::Group,
        Call::SetNumber { .. } => Field::Number,
        Call::SetPartnerStatus { .. } | Call::SetGroupStatus { .. } | Call::SetUserStatus { .. } => {
            Field::Status
        }
        Call::SetGroupSync { .. } | Call::SetUserSync { .. } => Field::Sync,
        Call::MoveUser { .. } | Call::MoveKey { .. } => Field::Group,
        Call::AssignKey { .. } | Call::ReaddressKey { .. } | Call::ClearKey { .. } => Field::Assignment,
        Call::DeleteMachine { .. } => Field::Assignment,
        Call::ResizeKey { .. } | Call::ResizeMachine { .. } => Field::Quota,
        Call::Provision(_) | Call::Release(_) => Field::Totals,
        Call::Transfer { .. } => Field::Stock,
    }
}

/// Tells traces in one observation.
pub struct Trace<'a> {
    desired: &'a Desired,
    seen: Seen<'a>,
}

enum Seen<'a> {
    Unknown,
    Absent,
    Account { account: &'a Account, index: Box<Index<'a>>, logins: HashMap<String, Vec<MozyUserId>> },
}

impl<'a> Trace<'a> {
    /// In this observation.
    pub fn new(desired: &'a Desired, observed: &'a Observed) -> Self {
        let seen = match observed {
            Observed::Unknown { .. } => Seen::Unknown,
            Observed::Absent => Seen::Absent,
            Observed::Present(account) => {
                let mut logins: HashMap<String, Vec<MozyUserId>> = HashMap::new();
                for user in account.users() {
                    logins.entry(canonical(&user.username)).or_default().push(user.id);
                }
                Seen::Account { account, index: Box::new(Index::new(account)), logins }
            }
        };
        Self { desired, seen }
    }

    /// Whether the trace of `call` shows; `None` when what was read cannot tell.
    pub fn shows(&self, subject: Subject, call: &Call) -> Option<bool> {
        match &self.seen {
            Seen::Unknown => None,
            Seen::Absent => Some(shows_in_absence(call)),
            Seen::Account { account, index, logins } => match (call, subject) {
                (Call::CreatePartner { .. }, _) => {
                    Some(self.desired.subscription.partner == Some(account.partner.id))
                }
                // A customer's account is his group.
                (Call::CreateGroup { .. }, Subject::Account) => Some(true),
                (Call::CreateGroup { name, .. }, Subject::Group(group)) => {
                    Some(group_created(group, name, self.desired, account))
                }
                (Call::CreateUser { login, .. }, Subject::User(user)) => {
                    let named = logins.get(&canonical(login));
                    Some(user_created(user, named.into_iter().flatten().copied(), self.desired))
                }
                _ => shows(call, account, index),
            },
        }
    }

    /// Whether a call that moves stock shows beyond doubt, so that what was written before it shows too.
    pub fn shows_in_stock(&self, subject: Subject, call: &Call) -> bool {
        match (&self.seen, call) {
            (Seen::Account { index, .. }, Call::MoveUser { id, group, .. }) => {
                index.user(*id).is_some_and(|user| user.group == *group)
            }
            _ => moves_stock(call) && self.shows(subject, call) == Some(true),
        }
    }
}

/// Whether a call is a delta: done twice, it would be there twice.
pub fn moves_stock(call: &Call) -> bool {
    matches!(call, Call::Provision(_) | Call::Release(_) | Call::Transfer { .. })
}

fn canonical(login: &str) -> String {
    login.trim().to_lowercase()
}

fn shows(call: &Call, account: &Account, index: &Index<'_>) -> Option<bool> {
    match call {
        Call::DeletePartner { .. } => Some(false),
        Call::UpdatePartner { name, sync, default_sync_quota, .. } => {
            let partner = &account.partner;
            let named = name.as_ref().is_none_or(|name| name.trim() == partner.name.trim());
            let synced = sync.is_none_or(|on| partner.sync.unwrap_or(false) == on);
            Some(
                named
                    && synced
                    && default_sync_quota.is_none_or(|quota| partner.default_sync_quota == Some(quota)),
            )
        }
        Call::SetPartnerStatus { status, .. } => Some(account.partner.status == Some(*status)),
        // These are told by who they are for.
        Call::CreatePartner { .. } | Call::CreateGroup { .. } | Call::CreateUser { .. } => None,
        Call::RenameGroup { .. } | Call::SetGroupStatus { .. } | Call::SetGroupSync { .. } => {
            group(call, index)
        }
        Call::SetDefaultGroup { id } => Some(account.partner.default_group == Some(*id)),
        Call::SetNumber { of, number } => Some(numbered(*of, *number, account, index)),
        Call::DeleteGroup { id } => Some(index.group(*id).is_none()),
        Call::DeleteUser { id } => Some(index.user(*id).is_none()),
        Call::UpdateUser { id, .. }
        | Call::SetUserStatus { id, .. }
        | Call::SetUserSync { id, .. }
        | Call::MoveUser { id, .. } => user(call, *id, index),
        Call::AssignKey { key, .. }
        | Call::ResizeKey { key, .. }
        | Call::ReaddressKey { key, .. }
        | Call::MoveKey { key, .. }
        | Call::ClearKey { key } => key_shows(call, key, index),
        Call::ResizeMachine { user, machine, quota } => {
            machine_quota(index, *user, *machine).map(|q| q == *quota)
        }
        Call::DeleteMachine { machine, .. } => Some(index.key_of(*machine).is_none()),
        Call::Provision(change) | Call::Release(change) => {
            let stock = account.stock(change.kind);
            Some((stock.licences, stock.quota) == change.becomes)
        }
        Call::Transfer { to, kind, becomes, .. } => index
            .contents(*to)
            .map(|contents| contents.stock.of(*kind))
            .map(|s| (s.licences, s.quota) == *becomes),
    }
}

/// Nothing is there: whatever was deleted is, and whatever was created is not.
fn shows_in_absence(call: &Call) -> bool {
    !matches!(call, Call::CreatePartner { .. } | Call::CreateGroup { .. } | Call::CreateUser { .. })
}

/// By the id it is bound to, or as one that nobody else is bound to.
fn group_created(group: GroupId, name: &str, desired: &Desired, account: &Account) -> bool {
    let number = desired.subscription.number;
    let of_others: HashSet<MozyGroupId> =
        desired.groups.iter().filter(|other| other.id != group).filter_map(|other| other.mozy_id).collect();
    let bound = desired.group(group).and_then(|group| group.mozy_id);
    account.groups.iter().map(|contents| &contents.group).any(|seen| {
        let ours = seen.name.trim() == name.trim() && number.owns(seen.external_id.as_deref());
        bound == Some(seen.id) || (ours && !of_others.contains(&seen.id))
    })
}

/// The same of a user, among those of his address: one that was just deleted may still show beside his successor.
fn user_created(user: UserId, named: impl Iterator<Item = MozyUserId>, desired: &Desired) -> bool {
    let of_others: HashSet<MozyUserId> =
        desired.users.iter().filter(|other| other.id != user).filter_map(|other| other.mozy_id).collect();
    named.into_iter().any(|id| !of_others.contains(&id))
}

/// What is not there cannot show it; that it is not there is another matter.
fn numbered(of: Numbered, number: SubscriptionNumber, account: &Account, index: &Index<'_>) -> bool {
    let carried = match of {
        Numbered::Partner(_) => Some(&account.partner.external_id),
        Numbered::Group(id) => index.group(id).map(|group| &group.external_id),
        Numbered::User(id) => index.user(id).map(|user| &user.external_id),
    };
    carried.is_none_or(|carried| number.owns(carried.as_deref()))
}

fn group(call: &Call, index: &Index<'_>) -> Option<bool> {
    let seen = |id: &MozyGroupId| index.group(*id);
    Some(match call {
        Call::RenameGroup { id, name } => seen(id).is_none_or(|group| group.name.trim() == name.trim()),
        Call::SetGroupStatus { id, status } => seen(id).is_none_or(|group| group.status == Some(*status)),
        Call::SetGroupSync { id, on } => seen(id).is_none_or(|group| group.sync == Some(*on)),
        _ => return None,
    })
}

fn user(call: &Call, id: MozyUserId, index: &Index<'_>) -> Option<bool> {
    // A user who is not there cannot show what was done to him; that he is not there is another matter.
    let Some(user) = index.user(id) else { return Some(true) };
    Some(match call {
        Call::UpdateUser { login, full_name, .. } => {
            login.as_ref().is_none_or(|login| same_login(login, &user.username))
                && full_name.as_ref().is_none_or(|name| name.trim() == user.full_name.trim())
        }
        Call::SetUserStatus { status, .. } => user.status == Some(*status),
        Call::SetUserSync { on, .. } => user.sync.unwrap_or(false) == *on,
        Call::MoveUser { group, .. } => user.group == *group,
        _ => return None,
    })
}

fn key_shows(call: &Call, key: &Keystring, index: &Index<'_>) -> Option<bool> {
    let Some(seen) = index.key(key) else { return Some(matches!(call, Call::ClearKey { .. })) };
    // Activated in the meantime: then the machine says what counts.
    let activated = seen.machine.is_some();
    let addressed = |login: &str| seen.email.as_deref().is_some_and(|email| same_login(email, login));
    Some(match call {
        Call::AssignKey { login, .. } => addressed(login) || activated,
        Call::ReaddressKey { login, .. } => addressed(login) || activated,
        Call::ResizeKey { quota, .. } => seen.quota == Some(*quota) || activated,
        Call::MoveKey { group, .. } => seen.group == *group || activated,
        Call::ClearKey { .. } => seen.email.is_none(),
        _ => return None,
    })
}

fn machine_quota(index: &Index<'_>, user: MozyUserId, machine: MachineId) -> Option<Gb> {
    index.machines(user).iter().find(|seen| seen.id == machine).map(|seen| seen.quota)
}
