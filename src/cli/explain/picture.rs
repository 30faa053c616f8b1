//! What OSA ordered, and what Mozy has: both in a few sentences.

use super::doing::span;
use crate::cli::style::count;
use crate::domain::observed::Account;
use crate::domain::partner::Status;
use crate::domain::snapshot::Snapshot;
use crate::domain::subscription::{BoughtPool, Model, Subscription};
use crate::domain::{Desired, LicenceKind};
use chrono::{DateTime, Utc};

/// What OSA ordered.
pub(super) fn wanted(snapshot: &Snapshot) -> Vec<String> {
    let Desired { subscription, groups, users } = &snapshot.desired;
    let what = match subscription.model {
        Model::Direct => "a partner of its own",
        Model::Reseller(_) => "a reseller's partner",
        Model::Customer(_) => "a group in the reseller's partner",
    };
    let number = subscription.number;
    if subscription.removed {
        return vec![format!("Subscription {number} ({what}) is terminated: all of it is to go.")];
    }
    let suspended = if subscription.suspended { ", suspended" } else { "" };
    let admin = match subscription.model {
        Model::Customer(_) => String::new(),
        _ => format!(" with the admin {}", subscription.admin.email),
    };
    let mut wanted =
        vec![format!("Subscription {number} is {what}{admin}{suspended}."), bought(subscription)];
    let live = users.iter().filter(|user| !user.removed);
    let licences = live.clone().flat_map(|user| &user.licences).filter(|licence| !licence.removed).count();
    let (users, groups) = (live.count(), groups.iter().filter(|group| !group.removed).count());
    wanted.push(format!(
        "{} with {}, {} beside the default one.",
        count(users, "user"),
        count(licences, "licence"),
        count(groups, "group")
    ));
    wanted
}

fn bought(subscription: &Subscription) -> String {
    let pool = |kind: LicenceKind| {
        let BoughtPool { licences, quota } = subscription.bought.pools.of(kind);
        format!("{licences} {kind} licences with {quota} GB")
    };
    let sync = match (subscription.bought.sync_available, subscription.sync) {
        (false, _) => "no sync",
        (true, true) => "sync, which is on",
        (true, false) => "sync, which is off",
    };
    format!("Bought are {}, {}, {sync}.", pool(LicenceKind::Desktop), pool(LicenceKind::Server))
}

/// What Mozy has, as last seen.
pub(super) fn seen(snapshot: &Snapshot, now: DateTime<Utc>) -> Vec<String> {
    let Some(looked) = snapshot.last_success.filter(|_| snapshot.gone.is_none()) else {
        let gone = snapshot.gone.map(|_| "Nothing any more.");
        return vec![gone.unwrap_or("Not known: it could not be looked at yet.").into()];
    };
    let ago = span((now - looked).num_seconds().max(0));
    let seen = format!("Last seen at {} UTC, {ago} ago:", looked.format("%F %T"));
    let Some(account) = &snapshot.account else { return vec![seen, "There is no account.".into()] };
    vec![seen, there(account), stock(snapshot, account)]
}

fn there(account: &Account) -> String {
    let partner = &account.partner;
    format!(
        "Partner {} ({}) with {} and {}.",
        partner.id,
        Status::told(partner.status),
        count(account.groups.len(), "group"),
        count(account.users().count(), "user")
    )
}

fn stock(snapshot: &Snapshot, account: &Account) -> String {
    let usage = snapshot.usage.unwrap_or_default();
    let pool = |kind: LicenceKind| {
        let (stock, used) = (account.stock(kind), usage.pools.of(kind));
        format!(
            "{} of {} {kind} licences assigned and {} of {}",
            used.assigned, stock.licences, used.quota_gb, stock.quota
        )
    };
    format!("{}; {}.", pool(LicenceKind::Desktop), pool(LicenceKind::Server))
}
