//! The trace of a step: whether what it did shows in an observation.
//!
//! A read may be older than our last write, and a write without an answer may have happened. Both are decided by
//! looking: what shows has happened; what does not show yet is unsettled until the settle time is over.

use super::{Call, Subject};
use crate::domain::observed::{Account, Observed};
use crate::domain::user::same_login;
use crate::domain::{Desired, Gb, Keystring, MachineId, MozyGroupId, MozyUserId};

/// What of a subject a call writes; a later call to the same makes an earlier one's trace meaningless.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// Whether it exists at all.
    Existence,
    /// Names and addresses.
    Name,
    /// Active or suspended.
    Status,
    /// Sync on or off.
    Sync,
    /// GB.
    Quota,
    /// Sync's GB.
    SyncQuota,
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
        Call::UpdatePartner { .. } | Call::RenameGroup { .. } | Call::UpdateUser { .. } => Field::Name,
        Call::SetPartnerStatus { .. } | Call::SetGroupStatus { .. } | Call::SetUserStatus { .. } => {
            Field::Status
        }
        Call::SetGroupSync { .. } | Call::SetUserSync { .. } => Field::Sync,
        Call::MoveUser { .. } => Field::Group,
        Call::AssignKey { .. } | Call::ReaddressKey { .. } | Call::ClearKey { .. } => Field::Assignment,
        Call::DeleteMachine { .. } => Field::Assignment,
        Call::ResizeKey { .. } | Call::ResizeMachine { .. } => Field::Quota,
        Call::Provision(_) | Call::Release(_) => Field::Totals,
        Call::Transfer { .. } => Field::Stock,
    }
}

/// Whether the trace of `call` shows; `None` when what was read cannot tell.
pub fn shows(subject: Subject, call: &Call, desired: &Desired, observed: &Observed) -> Option<bool> {
    let account = match observed {
        Observed::Unknown { .. } => return None,
        Observed::Absent => return Some(shows_in_absence(call)),
        Observed::Present(account) => account,
    };
    match call {
        Call::CreatePartner { .. } => Some(true),
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
        Call::SetPartnerStatus { status, .. } => Some(account.partner.status == *status),
        Call::CreateGroup { name, .. } => Some(group_created(subject, name, desired, account)),
        Call::RenameGroup { .. } | Call::SetGroupStatus { .. } | Call::SetGroupSync { .. } => {
            group(call, account)
        }
        Call::DeleteGroup { id } => Some(account.group(*id).is_none()),
        Call::CreateUser { login, .. } => Some(account.users().any(|user| same_login(&user.username, login))),
        Call::DeleteUser { id } => Some(account.user(*id).is_none()),
        Call::UpdateUser { id, .. }
        | Call::SetUserStatus { id, .. }
        | Call::SetUserSync { id, .. }
        | Call::MoveUser { id, .. } => user(call, *id, account),
        Call::AssignKey { key, .. }
        | Call::ResizeKey { key, .. }
        | Call::ReaddressKey { key, .. }
        | Call::ClearKey { key } => key_shows(call, key, account),
        Call::ResizeMachine { user, machine, quota } => {
            machine_quota(account, *user, *machine).map(|q| q == *quota)
        }
        Call::DeleteMachine { machine, .. } => Some(machine_gone(account, *machine)),
        Call::Provision(change) | Call::Release(change) => {
            let stock = account.stock(change.kind);
            Some((stock.licences, stock.quota) == change.becomes)
        }
        Call::Transfer { to, kind, becomes, .. } => account
            .group(*to)
            .map(|contents| contents.stock.of(*kind))
            .map(|s| (s.licences, s.quota) == *becomes),
    }
}

/// Nothing is there: whatever was deleted is, and whatever was created is not.
fn shows_in_absence(call: &Call) -> bool {
    !matches!(call, Call::CreatePartner { .. } | Call::CreateGroup { .. } | Call::CreateUser { .. })
}

fn group_created(subject: Subject, name: &str, desired: &Desired, account: &Account) -> bool {
    let number = desired.subscription.number;
    let of_others = |id: MozyGroupId| {
        desired.groups.iter().any(|group| group.mozy_id == Some(id) && subject != Subject::Group(group.id))
    };
    account.groups.iter().map(|contents| &contents.group).any(|group| {
        group.name.trim() == name.trim() && number.owns(group.external_id.as_deref()) && !of_others(group.id)
    })
}

fn group(call: &Call, account: &Account) -> Option<bool> {
    let seen = |id: &MozyGroupId| account.group(*id).map(|contents| &contents.group);
    Some(match call {
        Call::RenameGroup { id, name } => seen(id).is_none_or(|group| group.name.trim() == name.trim()),
        Call::SetGroupStatus { id, status } => seen(id).is_none_or(|group| group.status == *status),
        Call::SetGroupSync { id, on } => seen(id).is_none_or(|group| group.sync == Some(*on)),
        _ => return None,
    })
}

fn user(call: &Call, id: MozyUserId, account: &Account) -> Option<bool> {
    // A user who is not there cannot show what was done to him; that he is not there is another matter.
    let Some(user) = account.user(id) else { return Some(true) };
    Some(match call {
        Call::UpdateUser { login, full_name, .. } => {
            login.as_ref().is_none_or(|login| same_login(login, &user.username))
                && full_name.as_ref().is_none_or(|name| name.trim() == user.full_name.trim())
        }
        Call::SetUserStatus { status, .. } => user.status == *status,
        Call::SetUserSync { on, .. } => user.sync.unwrap_or(false) == *on,
        Call::MoveUser { group, .. } => user.group == *group,
        _ => return None,
    })
}

fn key_shows(call: &Call, key: &Keystring, account: &Account) -> Option<bool> {
    let Some(seen) = account.licence(key) else { return Some(matches!(call, Call::ClearKey { .. })) };
    // Activated in the meantime: then the machine says what counts.
    let activated = seen.machine.is_some();
    let addressed = |login: &str| seen.email.as_deref().is_some_and(|email| same_login(email, login));
    Some(match call {
        Call::AssignKey { login, .. } => addressed(login) || activated,
        Call::ReaddressKey { login, .. } => addressed(login) || activated,
        Call::ResizeKey { quota, .. } => seen.quota == Some(*quota) || activated,
        Call::ClearKey { .. } => seen.email.is_none(),
        _ => return None,
    })
}

fn machine_quota(account: &Account, user: MozyUserId, machine: MachineId) -> Option<Gb> {
    account.machines(user).iter().find(|seen| seen.id == machine).map(|seen| seen.quota)
}

fn machine_gone(account: &Account, machine: MachineId) -> bool {
    !account.licences().any(|licence| licence.machine == Some(machine))
}
