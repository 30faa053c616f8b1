//! The customer's own groups. The default group comes with the partner and is never removed.

use super::draft::{Draft, differs};
use super::{Action, Place, Subject, Why};
use crate::domain::group::{Group, ObservedGroup};
use crate::domain::{GroupId, MozyGroupId, Reason};
use std::collections::HashMap;

/// Plans the groups.
pub fn plan(draft: &mut Draft<'_>) {
    if draft.desired.subscription.removed {
        return;
    }
    let leaving = leaving(draft);
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

fn change(draft: &mut Draft<'_>, want: &Group, have: &ObservedGroup) {
    if want.name.trim() != have.name.trim() {
        let rename = Action::RenameGroup { place: Place::Own(want.id), name: want.name.clone() };
        draft.step(Subject::Group(want.id), rename, differs("name", &have.name, &want.name));
    }
}

/// A group with users in it cannot be deleted. While the last ones leave it in this very plan, the next look decides;
/// its stock is brought home first (see [`super::pool`]).
fn remove(
    draft: &mut Draft<'_>,
    want: &Group,
    have: &ObservedGroup,
    leaving: &HashMap<(GroupId, MozyGroupId), usize>,
) {
    let inside = draft.matching.index.users_in(have.id);
    let leaving = leaving.get(&(want.id, have.id)).copied().unwrap_or(0);
    let subject = Subject::Group(want.id);
    if inside > leaving {
        let staying = inside - leaving;
        let message = format!("the group {} still has {staying} users; move or remove them first", want.name);
        draft.refuse(subject, Reason::GroupNotEmpty, message);
    } else if inside == 0 {
        draft.step(subject, Action::DeleteGroup { place: Place::Own(want.id) }, Why::Removed);
    } else {
        draft.wait(subject);
    }
}

/// How many users are in a removed group and wished for elsewhere, or nowhere.
fn leaving(draft: &Draft<'_>) -> HashMap<(GroupId, MozyGroupId), usize> {
    let mut leaving = HashMap::new();
    for user in &draft.matching.users {
        let Some(have) = user.have else { continue };
        if let Some(Place::Own(group)) = draft.matching.place(have.group)
            && (user.want.removed || user.want.group != Some(group))
        {
            *leaving.entry((group, have.group)).or_default() += 1;
        }
    }
    leaving
}
