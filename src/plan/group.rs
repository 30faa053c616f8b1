//! The customer's own groups. The default group comes with the partner and is never removed.

use super::draft::{Draft, differs};
use super::{Action, Place, Subject, Why};
use crate::domain::group::{Group, ObservedGroup};
use crate::domain::user::User;
use crate::domain::{MozyGroupId, Reason};

/// Plans the groups.
pub fn plan(draft: &mut Draft<'_>) {
    if draft.desired.subscription.removed {
        return;
    }
    for at in 0..draft.matching.groups.len() {
        let (want, have) = draft.matching.groups[at];
        match have {
            Some(have) if want.removed => remove(draft, want, have),
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
fn remove(draft: &mut Draft<'_>, want: &Group, have: &ObservedGroup) {
    let inside = draft.account.users().filter(|user| user.group == have.id).count();
    let leaving = leaving(draft, want, have.id);
    if inside > leaving {
        let staying = inside - leaving;
        let message = format!("the group {} still has {staying} users; move or remove them first", want.name);
        draft.refuse(Subject::Group(want.id), Reason::GroupNotEmpty, message);
    } else if inside == 0 {
        draft.step(Subject::Group(want.id), Action::DeleteGroup { place: Place::Own(want.id) }, Why::Removed);
    }
}

fn leaving(draft: &Draft<'_>, want: &Group, id: MozyGroupId) -> usize {
    let leaves = |user: &User| user.removed || user.group != Some(want.id);
    let users = draft.matching.users.iter();
    users.filter(|user| user.have.is_some_and(|have| have.group == id) && leaves(user.want)).count()
}
