//! Users: who is created, changed, moved, suspended, resumed and deleted.

use super::draft::{Draft, Drafted, differ, differs};
use super::{Action, Numbered, Step, Subject, Why};
use crate::domain::UserId;
use crate::domain::partner::Status;
use crate::domain::user::{ObservedUser, User, same_login};
use std::collections::{HashMap, HashSet};

/// Plans the users. When the subscription itself is removed, the loaded wishes say removed of everybody in it.
pub fn plan(draft: &mut Draft<'_>) {
    for at in 0..draft.matching.users.len() {
        let (want, have) = (draft.matching.users[at].want, draft.matching.users[at].have);
        match have {
            Some(have) if want.removed => remove(draft, want, have),
            Some(have) => change(draft, want, have),
            None if !want.removed => create(draft, want),
            None => {}
        }
    }
    givers_first(draft);
}

/// A rename among the steps drafted so far, in lower case.
struct Rename {
    at: usize,
    from: String,
    to: String,
}

/// An address that one gives up may be another's now: who gives goes before who takes. Where each in a round wants the
/// next one's, Mozy refuses.
fn givers_first(draft: &mut Draft<'_>) {
    let mut waiting = renames(draft);
    let places: Vec<usize> = waiting.iter().map(|rename| rename.at).collect();
    let mut held: HashSet<String> = waiting.iter().map(|rename| rename.from.clone()).collect();
    let mut order = Vec::with_capacity(places.len());
    while !waiting.is_empty() {
        let (free, rest): (Vec<_>, Vec<_>) =
            waiting.into_iter().partition(|rename| !held.contains(&rename.to));
        let stuck = free.is_empty();
        for rename in &free {
            held.remove(&rename.from);
        }
        order.extend(free.into_iter().map(|rename| rename.at));
        waiting = rest;
        if stuck {
            order.extend(waiting.drain(..).map(|rename| rename.at));
        }
    }
    let steps: Vec<Step> = order.into_iter().map(|at| draft.steps[at].step.clone()).collect();
    places.into_iter().zip(steps).for_each(|(at, step)| draft.steps[at].step = step);
}

fn renames(draft: &Draft<'_>) -> Vec<Rename> {
    let taken = |(at, drafted): (usize, &Drafted)| match (&drafted.step.action, drafted.step.subject) {
        (Action::UpdateUser { login: Some(login), .. }, Subject::User(id)) => {
            Some((at, id, login.to_lowercase()))
        }
        _ => None,
    };
    let taken: Vec<_> = draft.steps.iter().enumerate().filter_map(taken).collect();
    if taken.len() < 2 {
        return Vec::new();
    }
    let users = draft.matching.users.iter().filter_map(|user| Some((user.want.id, user.have?)));
    let names: HashMap<UserId, String> =
        users.map(|(id, have)| (id, have.username.trim().to_lowercase())).collect();
    let rename = |(at, id, to)| Some(Rename { at, from: names.get(&id)?.clone(), to });
    taken.into_iter().filter_map(rename).collect()
}

fn create(draft: &mut Draft<'_>, want: &User) {
    let create = Action::CreateUser {
        login: want.login.clone(),
        full_name: want.display_name.clone(),
        place: draft.place_of(want),
    };
    draft.step(Subject::User(want.id), create, Why::Missing);
    status(draft, want, Some(Status::Active));
}

fn change(draft: &mut Draft<'_>, want: &User, have: &ObservedUser) {
    let subject = Subject::User(want.id);
    let login = (!same_login(&want.login, &have.username)).then(|| want.login.clone());
    let full_name = (want.display_name.trim() != have.full_name.trim()).then(|| want.display_name.clone());
    let why = differ([
        login.as_ref().map(|login| ("user name", have.username.clone(), login.clone())),
        full_name.as_ref().map(|name| ("full name", have.full_name.clone(), name.clone())),
    ]);
    if let Some(why) = why {
        draft.step(subject, Action::UpdateUser { login, full_name }, why);
    }
    draft.number(subject, Numbered::User(have.id), &have.external_id);
    let place = draft.place_of(want);
    if draft.matching.mozy_group(place) != Some(have.group) {
        let now =
            draft.matching.index.contents(have.group).map_or("another one", |seen| seen.group.name.as_str());
        let why = differs("group", now, group_name(draft, want));
        draft.step(subject, Action::MoveUser { place }, why);
    }
    status(draft, want, have.status);
}

fn status(draft: &mut Draft<'_>, want: &User, have: Option<Status>) {
    let wanted = Status::wanted(want.suspended);
    if !wanted.agrees(have) {
        let why = differs("status", Status::told(have), wanted.as_str());
        draft.step(Subject::User(want.id), Action::SetUserStatus(wanted), why);
    }
}

/// A suspended user cannot be deleted: he is resumed first.
fn remove(draft: &mut Draft<'_>, want: &User, have: &ObservedUser) {
    let subject = Subject::User(want.id);
    if have.status == Some(Status::Suspended) {
        let why = Why::Needed("a suspended user cannot be deleted".into());
        draft.step(subject, Action::SetUserStatus(Status::Active), why);
    }
    draft.step(subject, Action::DeleteUser, Why::Removed);
}

fn group_name(draft: &Draft<'_>, want: &User) -> String {
    match want.group.and_then(|id| draft.matching.wish(id)) {
        Some(group) => group.name.clone(),
        None => "the default group".into(),
    }
}
