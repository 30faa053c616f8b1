//! What we say of a user.

use serde_json::{Map, Value, json};

use super::{known, licence, moment, without};
use crate::domain::licence::Machine;
use crate::domain::observed::Account;
use crate::domain::partner::Status;
use crate::domain::snapshot::Snapshot;
use crate::domain::user::User;
use crate::domain::{Gb, LicenceKind, UserId};

/// What OSA alone wishes for.
const WISHED: &[&str] = &["login", "displayName", "user_group_id"];

/// What it wishes for too, but which changes here with its subscription: sync that goes off takes his along, and without a
/// quota of his own he has the default.
const SYNC: &[&str] = &["enableSync", "syncQuota"];

/// Whether OSA can wish for a property of a user.
pub(in crate::osa) fn is_wished(name: &str) -> bool {
    WISHED.contains(&name) || SYNC.contains(&name)
}

/// What of all his properties is news to OSA, by what it was told: of his sync what has changed here since.
pub(super) fn news(all: Value, subscription_syncs: bool, told: &Map<String, Value>) -> Value {
    let mut news = without(all, WISHED);
    if let Some(properties) = news.as_object_mut().filter(|_| subscription_syncs) {
        let changed = |name: &str, value: &Value| told.get(name).is_some_and(|told| told != value);
        properties.retain(|name, value| !SYNC.contains(&name.as_str()) || changed(name, value));
    }
    news
}

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
