//! Users: who is created, changed, moved, suspended, resumed and deleted.

use super::draft::{Draft, differ, differs};
use super::{Action, Numbered, Subject, Why};
use crate::domain::partner::Status;
use crate::domain::user::{ObservedUser, User, same_login};

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

/// A status that is not known waits by itself.
fn status(draft: &mut Draft<'_>, want: &User, have: Option<Status>) {
    let wanted = Status::wanted(want.suspended);
    let Some(have) = have else { return draft.wait(Subject::User(want.id)) };
    if have != wanted {
        let why = differs("status", have.as_str(), wanted.as_str());
        draft.step(Subject::User(want.id), Action::SetUserStatus(wanted), why);
    }
}

/// A suspended user cannot be deleted: he is resumed first.
fn remove(draft: &mut Draft<'_>, want: &User, have: &ObservedUser) {
    let subject = Subject::User(want.id);
    if have.status.is_none() {
        return draft.wait(subject);
    }
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
