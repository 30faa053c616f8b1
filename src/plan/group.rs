//! The customer's own groups. The default group comes with the partner and is never removed.

use super::draft::{Draft, differs};
use super::{Action, Numbered, Place, Subject, Why};
use crate::domain::group::{Group, ObservedGroup};
use crate::domain::partner::Status;
use crate::domain::subscription::Model;
use crate::domain::{GroupId, MozyGroupId, Reason};
use std::collections::HashMap;

/// Plans the groups.
pub fn plan(draft: &mut Draft<'_>) {
    if draft.desired.subscription.removed {
        return;
    }
    let leaving = leaving(draft);
    default_group(draft);
    for at in 0..draft.matching.groups.len() {
        let (want, have) = draft.matching.groups[at];
        match have {
            Some(have) if want.removed => remove(draft, want, have, &leaving),
            Some(have) => change(draft, want, have),
            None if !want.removed => {
                let create =
                    Action::CreateGroup { place: Place::Own(want.id), name: want.name.clone(), sync: None };
                draft.step(Subject::Group(want.id), create, Why::Missing);
            }
            None => {}
        }
    }
}

/// A direct partner's and a reseller's default group is nobody's to suspend; a reseller's customer's is his account.
fn default_group(draft: &mut Draft<'_>) {
    let customer = matches!(draft.desired.subscription.model, Model::Customer(_));
    let home = draft.matching.mozy_group(Place::Home).and_then(|id| draft.matching.index.group(id));
    if let Some(home) = home.filter(|_| !customer) {
        resume(draft, Subject::MozyGroup(home.id), home);
    }
}

fn resume(draft: &mut Draft<'_>, subject: Subject, have: &ObservedGroup) {
    if have.status == Some(Status::Suspended) {
        let (now, wanted) = (Status::Suspended.as_str(), Status::Active.as_str());
        draft.step(subject, Action::ResumeGroup { group: have.id }, differs("status", now, wanted));
    }
}

fn change(draft: &mut Draft<'_>, want: &Group, have: &ObservedGroup) {
    if want.name.trim() != have.name.trim() {
        let rename = Action::RenameGroup { place: Place::Own(want.id), name: want.name.clone() };
        draft.step(Subject::Group(want.id), rename, differs("name", &have.name, &want.name));
    }
    draft.number(Subject::Group(want.id), Numbered::Group(have.id), &have.external_id);
    resume(draft, Subject::Group(want.id), have);
}

/// The default group is never deleted. One with users in it cannot be, and one with keys of others must not be. While the
/// last users leave it in this very plan, the next look decides; its stock is brought home first (see [`super::pool`]).
fn remove(draft: &mut Draft<'_>, want: &Group, have: &ObservedGroup, leaving: &Leaving) {
    let inside = draft.matching.index.users_in(have.id);
    let Left { number: leaving, held } = leaving.get(&(want.id, have.id)).copied().unwrap_or_default();
    let subject = Subject::Group(want.id);
    let keys = draft.matching.unmanaged_licences.iter().filter(|key| key.group == have.id).count();
    if draft.matching.is_home(want.id) {
        let message =
            format!("the group {} is the default group at Mozy now, which is never removed", want.name);
        draft.refuse(subject, Reason::DefaultGroup, message);
    } else if inside > leaving {
        let staying = inside - leaving;
        let message = format!("the group {} still has {staying} users; move or remove them first", want.name);
        draft.refuse(subject, Reason::GroupNotEmpty, message);
    } else if inside == 0 && keys > 0 {
        let message = format!(
            "the group {} still has {keys} keys that we were never told of; take them back or move them in Mozy's \
             control panel first",
            want.name
        );
        draft.refuse(subject, Reason::GroupNotEmpty, message);
    } else if held > 0 {
        let message = format!("the group {} waits for {held} users whose removal is held", want.name);
        draft.refuse(subject, Reason::GuardHeld, message);
    } else if inside == 0 {
        draft.step(subject, Action::DeleteGroup { place: Place::Own(want.id) }, Why::Removed);
    } else {
        draft.wait(subject);
    }
}

/// Users who are in a removed group and wished for elsewhere, or nowhere, and those of them of whom the guard holds
/// something.
#[derive(Clone, Copy, Default)]
struct Left {
    number: usize,
    held: usize,
}

type Leaving = HashMap<(GroupId, MozyGroupId), Left>;

fn leaving(draft: &Draft<'_>) -> Leaving {
    let mut leaving = Leaving::new();
    for user in &draft.matching.users {
        let Some(have) = user.have else { continue };
        if let Some(Place::Own(group)) = draft.matching.place(have.group)
            && (user.want.removed || user.want.group != Some(group))
        {
            let left = leaving.entry((group, have.group)).or_default();
            left.number += 1;
            left.held += usize::from(draft.policy.held.contains_key(&Subject::User(user.want.id)));
        }
    }
    leaving
}
