//! What we say of a user.

use serde_json::{Value, json};

use super::{known, licence, moment};
use crate::domain::licence::Machine;
use crate::domain::observed::Account;
use crate::domain::partner::Status;
use crate::domain::snapshot::Snapshot;
use crate::domain::user::User;
use crate::domain::{Gb, LicenceKind, UserId};

/// What OSA alone wishes for while nobody has sync.
pub(super) const WISHED: &[&str] = &["login", "displayName", "user_group_id"];

/// The same where sync may be wished for.
pub(in crate::osa) const WISHED_SYNC_TOO: &[&str] =
    &["login", "displayName", "user_group_id", "enableSync", "syncQuota"];

/// The properties of a user; `None` if he is not in the snapshot or being removed.
pub fn properties(snapshot: &Snapshot, id: UserId) -> Option<Value> {
    let user = snapshot.desired.users.iter().find(|user| user.id == id && !user.removed)?;
    let account = snapshot.account.as_ref();
    let sync = sync_machine(account, user);
    let (desktop_licences, desktop_quota) = sum(account, user, LicenceKind::Desktop);
    let (server_licences, server_quota) = sum(account, user, LicenceKind::Server);
    Some(known(json!({
        "mozyUserId": user.mozy_id,
        "login": user.login,
        "displayName": user.display_name,
        "user_group_id": group(snapshot, user),
        "userstatus": status(account, user).as_str(),
        "desktopLicSum": desktop_licences,
        "desktopQuotaSum": desktop_quota,
        "serverLicSum": server_licences,
        "serverQuotaSum": server_quota,
        "enableSync": user.sync,
        "syncQuota": snapshot.desired.sync_quota(user).or(user.sync_quota),
        "syncQuotaUsedMozy": sync.map(|machine| machine.used_bytes),
        "syncLastBackUp": sync.and_then(|machine| machine.last_backup).map(moment),
    })))
}

/// Mozy's id of his group, its APS id as long as it has none; empty for the default group.
fn group(snapshot: &Snapshot, user: &User) -> String {
    let Some(id) = user.group else { return String::new() };
    let mozy_id = snapshot.desired.group(id).and_then(|group| group.mozy_id);
    mozy_id.map_or_else(|| id.to_string(), |id| id.to_string())
}

fn status(account: Option<&Account>, user: &User) -> Status {
    let observed = account.zip(user.mozy_id).and_then(|(account, id)| account.user(id)?.status);
    observed.unwrap_or(Status::wanted(user.suspended))
}

fn sum(account: Option<&Account>, user: &User, kind: LicenceKind) -> (usize, Gb) {
    let of_kind = || user.licences.iter().filter(|licence| licence.kind == kind && !licence.removed);
    (of_kind().count(), of_kind().map(|licence| licence::quota(account, licence)).sum())
}

fn sync_machine<'a>(account: Option<&'a Account>, user: &User) -> Option<&'a Machine> {
    let (account, id) = account.zip(user.mozy_id)?;
    account.machines(id).iter().find(|machine| machine.is_sync())
}
