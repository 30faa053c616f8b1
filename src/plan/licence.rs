//! Licences: which keys are assigned, resized and taken back, and whose machines are deleted.

use super::draft::{Draft, differs};
use super::{Action, Subject, Why};
use crate::domain::Reason;
use crate::domain::licence::{Licence, ObservedLicence};
use crate::domain::user::{ObservedUser, User, same_login};

/// Plans the licences of all users.
pub fn plan(draft: &mut Draft<'_>) {
    for at in 0..draft.matching.users.len() {
        let (want, have) = (draft.matching.users[at].want, draft.matching.users[at].have);
        let astray = have.is_some_and(|have| draft.is_astray(have));
        for nth in 0..draft.matching.users[at].licences.len() {
            let (licence, seen) = draft.matching.users[at].licences[nth];
            match seen {
                _ if astray => draft.wait(Subject::Licence(licence.id)),
                // Its type is none of ours any more: nobody can say what it is, and no other takes its place.
                Some(seen) if seen.kind.is_none() => draft.wait(Subject::Licence(licence.id)),
                Some(seen) if licence.removed || want.removed => {
                    remove(draft, want, have.is_some(), licence, seen);
                }
                Some(seen) => change(draft, want, have, licence, seen),
                None if !licence.removed && !want.removed => assign(draft, want, licence),
                None => {}
            }
        }
    }
}

/// A key goes to its user's address, in his group: while he waits to be made, renamed or moved, it waits too.
fn assign(draft: &mut Draft<'_>, user: &User, licence: &Licence) {
    if waits(draft, user) {
        return draft.wait(Subject::Licence(licence.id));
    }
    let assign = Action::AssignKey {
        kind: licence.kind,
        quota: licence.quota,
        login: user.login.clone(),
        place: draft.place_of(user),
    };
    draft.step(Subject::Licence(licence.id), assign, Why::Missing);
}

fn waits(draft: &Draft<'_>, user: &User) -> bool {
    draft.withholds(Subject::User(user.id), |action| {
        matches!(
            action,
            Action::CreateUser { .. } | Action::UpdateUser { login: Some(_), .. } | Action::MoveUser { .. }
        )
    })
}

/// A key of another kind is not what was bought. Before activation it is taken back, and the next look assigns one that
/// is; afterwards there is a backup on it, and Mozy changes no key in use. Before activation the GB are the key's,
/// afterwards the machine's.
fn change(
    draft: &mut Draft<'_>,
    user: &User,
    have: Option<&ObservedUser>,
    licence: &Licence,
    seen: &ObservedLicence,
) {
    let subject = Subject::Licence(licence.id);
    let quota = licence.quota;
    if let Some(kind) = seen.kind.filter(|kind| *kind != licence.kind) {
        if seen.machine.is_none() {
            let clear = Action::ClearKey { key: seen.key.clone(), left: false };
            return draft.step(subject, clear, differs("kind", kind, licence.kind));
        }
        let message = format!(
            "{} is bought, but the key in use is one of {kind}, and Mozy changes no key in use; a {} key can only take \
             its place in Mozy's control panel",
            licence.kind, licence.kind
        );
        draft.refuse(subject, Reason::VendorRejected, message);
    }
    if seen.machine.is_some() {
        match draft.matching.index.machine_of(seen) {
            // A machine that was not read is unknown: that plans nothing, and is no agreement either.
            None => draft.wait(subject),
            Some(machine) if machine.quota != quota => {
                let resize = Action::ResizeMachine { machine: machine.id, quota };
                let why = differs("quota", machine.quota, quota);
                draft.resize(quota < machine.quota, subject, resize, why);
            }
            Some(_) => {}
        }
        return;
    }
    // A key is assigned in its user's group, and goes along when he moves.
    let place = draft.place_of(user);
    let strayed = have.is_some_and(|have| have.group != seen.group);
    if strayed && draft.matching.mozy_group(place).is_some_and(|group| group != seen.group) {
        let name = |id| draft.matching.index.group(id).map_or("another one", |group| group.name.as_str());
        let why = differs("group", name(seen.group), have.map_or("his", |have| name(have.group)));
        draft.step(subject, Action::MoveKey { key: seen.key.clone(), place }, why);
        return draft.wait(subject);
    }
    if seen.quota != Some(quota) {
        let have = seen.quota.map_or_else(|| "unset".to_owned(), |have| have.to_string());
        let resize = Action::ResizeKey { key: seen.key.clone(), quota };
        draft.resize(Some(quota) < seen.quota, subject, resize, differs("quota", have, quota));
    }
    if let Some(email) = &seen.email
        && !same_login(email, &user.login)
        && !waits(draft, user)
    {
        let readdress = Action::ReaddressKey { key: seen.key.clone(), login: user.login.clone() };
        draft.step(subject, readdress, differs("address", email, &user.login));
    }
}

/// A licence in use goes with its machine; afterwards the key may still carry the address, which a second look shows.
/// A deleted user takes his machines with him, and frees his reserved keys: only what he leaves behind is cleared.
fn remove(draft: &mut Draft<'_>, user: &User, present: bool, licence: &Licence, seen: &ObservedLicence) {
    let subject = Subject::Licence(licence.id);
    if user.removed && present {
        return;
    }
    match seen.machine {
        Some(machine) => draft.step(subject, Action::DeleteMachine { machine }, Why::Removed),
        None => {
            draft.step(subject, Action::ClearKey { key: seen.key.clone(), left: user.removed }, Why::Removed)
        }
    }
}
