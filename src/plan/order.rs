//! The order of steps: more before use, use before less. Each rank stands beside its reason.

use super::{Action, Place, Plan, Step, Subject};
use crate::domain::partner::Status;
use crate::domain::{Desired, LicenceId, LicenceKind, UserId};
use std::collections::{BTreeSet, HashMap};

/// The rank of what frees keys and GB that others may need.
pub const LESS: u8 = 6;

/// What must precede what, and why.
pub fn rank(action: &Action) -> u8 {
    match action {
        // Everything lives in the account.
        Action::CreatePartner { .. } => 0,
        Action::CreateGroup { place: Place::Home, .. } => 0,
        // What is resumed can be worked on; a suspended user cannot be deleted.
        Action::SetAccountStatus(Status::Active) => 1,
        Action::SetUserStatus(Status::Active) | Action::ResumeGroup { .. } => 2,
        // Sync off goes users, groups, partner: a parent cannot be turned off while a child is on, and one who goes is
        // on until he is gone.
        Action::SetUserSync(false) | Action::DeleteUser => 3,
        Action::SetGroupSync { on: false, .. } => 4,
        Action::UpdatePartner { sync: Some(false), .. } => 5,
        // Use before less, and what is freed here may be needed below.
        Action::DeleteMachine { .. } | Action::ClearKey { .. } => LESS,
        // What is home again, and known as ours, before anything is done in it.
        Action::SetDefaultGroup { .. } | Action::SetNumber(_) => 7,
        // Sync on goes partner, groups, users: a child cannot be on under a parent that is off.
        Action::UpdatePartner { .. } => 9,
        // More before use.
        Action::Provision { .. } => 10,
        // Group before move, and a synced user cannot move to a group that is off.
        Action::CreateGroup { .. } | Action::RenameGroup { .. } => 11,
        Action::SetGroupSync { on: true, .. } => 12,
        // An address that somebody gives up may be another's now.
        Action::UpdateUser { .. } => 13,
        // A key follows its user: an address that he is refused is somebody else's, and so would be the key.
        Action::ReaddressKey { .. } => 14,
        Action::CreateUser { .. } => 14,
        // A moved user's GB are free where he was, and short where he is: they are brought after him.
        Action::MoveUser { .. } | Action::MoveKey { .. } => 15,
        Action::Transfer { .. } => 16,
        Action::SetUserSync(true) => 17,
        Action::ResizeSync { .. } | Action::ResizeKey { .. } | Action::ResizeMachine { .. } => 18,
        Action::AssignKey { .. } => 19,
        // Move before group removal; less after use.
        Action::DeleteGroup { place: Place::Own(_) } => 20,
        Action::Release { .. } => 21,
        // Suspended last, when what the customer asked for before is done.
        Action::SetUserStatus(Status::Suspended) => 22,
        Action::SetAccountStatus(Status::Suspended) => 23,
        // A customer's group goes when it holds neither users nor stock.
        Action::DeleteGroup { place: Place::Home } => 24,
        Action::DeletePartner => 25,
    }
}

/// Whose licence is whose: what a step about a licence needs.
#[derive(Debug)]
pub struct Owners {
    licences: HashMap<LicenceId, (UserId, LicenceKind)>,
}

impl Owners {
    /// Of everything desired.
    pub fn new(desired: &Desired) -> Self {
        let licences = desired.users.iter().flat_map(|user| user.licences.iter().map(move |l| (user.id, l)));
        Self { licences: licences.map(|(user, licence)| (licence.id, (user, licence.kind))).collect() }
    }

    /// Subjects that must be well before this step is tried, as far as what is not done of them [`stops`] it.
    pub fn needs(&self, step: &Step) -> Vec<Subject> {
        let mut needs = vec![step.subject];
        let owner = match step.subject {
            Subject::Licence(id) => self.licences.get(&id),
            _ => None,
        };
        needs.extend(owner.map(|(user, _)| Subject::User(*user)));
        match &step.action {
            // What makes less runs before a pool's steps, so it is only ever more that a pool stands in the way of.
            Action::ResizeKey { .. } | Action::ResizeMachine { .. } => {
                needs.extend(owner.map(|(_, kind)| Subject::Pool(*kind)));
            }
            Action::SetUserSync(true) | Action::ResizeSync { .. } => {
                needs.push(Subject::Pool(LicenceKind::Desktop));
            }
            Action::AssignKey { kind, place, .. } => {
                needs.push(Subject::Pool(*kind));
                needs.extend(group(*place));
            }
            Action::CreateUser { place, .. } | Action::MoveUser { place } | Action::MoveKey { place, .. } => {
                needs.extend(group(*place));
            }
            Action::Transfer { from, to, .. } => needs.extend(group(*from).into_iter().chain(group(*to))),
            Action::DeleteGroup { .. } => needs.extend(LicenceKind::ALL.map(Subject::Pool)),
            _ => {}
        }
        needs
    }
}

/// Whether a step that was not done stands in the way of another that needs its subject. What is not there can be
/// neither suspended nor used; but whoever is there can be suspended, whatever else of him is refused, and a name that
/// is refused is no reason to withhold GB. Only a key goes to an address: one that is refused is somebody else's.
pub fn stops(undone: &Action, step: &Action) -> bool {
    match (undone, step) {
        (Action::CreatePartner { .. } | Action::CreateGroup { .. } | Action::CreateUser { .. }, _) => true,
        (_, Action::SetUserStatus(_) | Action::SetAccountStatus(_)) => false,
        (
            Action::UpdateUser { login: Some(_), .. },
            Action::AssignKey { .. } | Action::ReaddressKey { .. },
        ) => true,
        (
            Action::UpdatePartner { .. }
            | Action::RenameGroup { .. }
            | Action::SetNumber(_)
            | Action::UpdateUser { .. }
            | Action::ReaddressKey { .. },
            _,
        ) => false,
        // All else knows nothing of sync; a move that does is refused by itself.
        (undone, step) if is_sync(undone) => is_sync(step),
        _ => true,
    }
}

/// Whether it is about sync alone.
fn is_sync(action: &Action) -> bool {
    matches!(action, Action::SetUserSync(_) | Action::ResizeSync { .. } | Action::SetGroupSync { .. })
}

fn group(place: Place) -> Option<Subject> {
    match place {
        Place::Home => None,
        Place::Own(id) => Some(Subject::Group(id)),
    }
}

/// Takes out the steps about subjects whose last write may not show yet: what was read of them may be old, and a
/// delta computed from it would be done twice (design, rules 2 and 6).
pub fn settle_first(desired: &Desired, mut plan: Plan, unsettled: &BTreeSet<Subject>) -> Plan {
    if unsettled.is_empty() {
        return plan;
    }
    let owners = Owners::new(desired);
    let account = unsettled.contains(&Subject::Account);
    let mut waiting = unsettled.clone();
    plan.steps.retain(|step| {
        let waits = account || owners.needs(step).iter().any(|need| waiting.contains(need));
        // What waits lets wait what needs it.
        if waits {
            waiting.insert(step.subject);
        }
        !waits
    });
    plan.waiting.extend(waiting);
    plan.refusals.retain(|refusal| !unsettled.contains(&refusal.subject));
    plan
}
