//! Doubts: what happened to a step is decided by looking, never by guessing (design, rules 6 and 7).

use super::bind::bindings;
use crate::domain::observed::{Account, Observed};
use crate::domain::user::same_login;
use crate::domain::{Desired, Reason};
use crate::plan::trace::{self, Field, Trace};
use crate::plan::{Action, Call, Place, Subject};
use crate::ports::ledger::{Binding, Entry, Outcome};
use crate::ports::vendor::Made;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// What a look says of a doubt.
#[derive(Debug)]
pub(super) enum Finding {
    /// It is settled now.
    Settled(Outcome, Vec<Binding>),
    /// Its trace does not show, and it may still land: wait so long.
    Wait(TimeDelta),
}

/// Whether a step is in flight without a holder, or known to be in doubt.
pub(super) fn is_open(entry: &Entry) -> bool {
    matches!(entry.outcome, None | Some(Outcome::InDoubt(_)))
}

/// Steps done less than the settle time ago: a read may not show them yet.
pub(super) fn young(
    entries: &[Entry],
    (now, settle): (DateTime<Utc>, TimeDelta),
) -> impl Iterator<Item = &Entry> {
    entries.iter().filter(move |entry| entry.outcome == Some(Outcome::Done) && now - entry.at < settle)
}

/// Decides one doubt. A trace that shows has happened; one that does not may land until the settle time is over.
pub(super) fn decide(
    entry: &Entry,
    desired: &Desired,
    observed: &Observed,
    trace: &Trace<'_>,
    (now, settle): (DateTime<Utc>, TimeDelta),
) -> Finding {
    if trace.shows(entry.step.subject, &entry.call) == Some(true) {
        let made = Made { id: observed.account().and_then(|account| created(entry, desired, account)) };
        return Finding::Settled(Outcome::Done, bindings(desired, &entry.step, &entry.call, &made));
    }
    // One of the future is of before a clock was stepped back: it waits as if it began now.
    let left = settle - (now - entry.at).max(TimeDelta::zero());
    if left > TimeDelta::zero() {
        Finding::Wait(left)
    } else {
        Finding::Settled(Outcome::NotDone("looked up after the settle time and not found".into()), Vec::new())
    }
}

/// The id of what a create made, found by what it was made with.
fn created(entry: &Entry, desired: &Desired, account: &Account) -> Option<i64> {
    let number = desired.subscription.number;
    match (&entry.call, &entry.step.action) {
        (Call::CreatePartner { .. }, _) => Some(account.partner.id.0),
        (Call::CreateGroup { .. }, Action::CreateGroup { place: Place::Home, .. }) => {
            account.groups.first().map(|contents| contents.group.id.0)
        }
        (Call::CreateGroup { name, .. }, _) => {
            let bound = |id| desired.groups.iter().any(|group| group.mozy_id == Some(id));
            let mut groups = account.groups.iter().map(|contents| &contents.group);
            groups
                .find(|g| {
                    g.name.trim() == name.trim() && number.owns(g.external_id.as_deref()) && !bound(g.id)
                })
                .map(|group| group.id.0)
        }
        (Call::CreateUser { login, .. }, _) => account
            .users()
            .find(|user| same_login(&user.username, login) && number.owns(user.external_id.as_deref()))
            .map(|user| user.id.0),
        _ => None,
    }
}

/// Subjects written less than the settle time ago whose last write does not show: what was read of them may be old.
pub(super) fn unsettled(
    entries: &[Entry],
    desired: &Desired,
    observed: &Observed,
    times: (DateTime<Utc>, TimeDelta),
) -> BTreeSet<Subject> {
    let entries: Vec<&Entry> = young(entries, times).collect();
    if entries.is_empty() {
        return BTreeSet::new();
    }
    let trace = Trace::new(desired, observed);
    // Of all that moves stock, writes show in their order: what was written before one that shows, shows too.
    let shown = entries.iter().rfind(|entry| trace.shows_in_stock(entry.step.subject, &entry.call));
    let shown = shown.map(|entry| entry.id);
    let hidden = |entry: &&Entry| match trace::moves_stock(&entry.call) {
        true => Some(entry.id) > shown,
        false => trace.shows(entry.step.subject, &entry.call) == Some(false),
    };
    latest(entries).into_iter().filter(hidden).map(|entry| entry.step.subject).collect()
}

/// The newest write to each field of each subject; what went before a create or a delete of the subject means nothing.
fn latest(entries: Vec<&Entry>) -> Vec<&Entry> {
    let mut newest: BTreeMap<(Subject, Field), &Entry> = BTreeMap::new();
    let every = [Field::Name, Field::Status, Field::Sync, Field::Quota, Field::Group, Field::Assignment];
    for entry in entries {
        let (subject, field) = (entry.step.subject, trace::field(&entry.call));
        if field == Field::Existence {
            every.iter().for_each(|other| {
                newest.remove(&(subject, *other));
            });
        }
        newest.insert((subject, field), entry);
    }
    newest.into_values().collect()
}

/// What to say of a doubt while it is one.
pub(super) fn message(entry: &Entry) -> (Reason, String) {
    let why = match &entry.outcome {
        Some(Outcome::InDoubt(why)) => why.as_str(),
        _ => "the daemon stopped while it was in flight",
    };
    (Reason::AsExpected, format!("step {} ({}) may have happened: {why}", entry.id, entry.step.action.kind()))
}
