//! The order of steps: more before use, use before less. Each rank stands beside its reason.

use super::{Action, Plan, Step, Subject};
use crate::domain::partner::Status;
use crate::domain::{Desired, LicenceId, UserId};
use std::collections::{BTreeMap, BTreeSet};

/// Puts the steps in their order. Steps of one rank keep the order in which they were drafted.
pub fn sort(mut plan: Plan) -> Plan {
    plan.steps.sort_by_key(|step| rank(&step.action));
    plan
}

/// What must precede what, and why.
fn rank(action: &Action) -> u8 {
    match action {
        // Everything lives in the account.
        Action::CreatePartner { .. } => 0,
        Action::CreateGroup { place: super::Place::Home, .. } => 0,
        // What is resumed can be worked on; a suspended user cannot be deleted.
        Action::SetAccountStatus(Status::Active) => 1,
        Action::SetUserStatus(Status::Active) => 2,
        // Sync off goes users, groups, partner: a parent cannot be turned off while a child is on.
        Action::SetUserSync(false) => 3,
        Action::SetGroupSync { on: false, .. } => 4,
        Action::UpdatePartner { sync: Some(false), .. } => 5,
        // Use before less, and what is freed here may be needed below.
        Action::DeleteMachine { .. } | Action::ClearKey { .. } => 6,
        Action::DeleteUser => 7,
        // A key's address follows its user, not the other way round: afterwards it could not be told whose it is.
        Action::ReaddressKey { .. } => 8,
        // Sync on goes partner, groups, users: a child cannot be on under a parent that is off.
        Action::UpdatePartner { .. } => 9,
        // More before use.
        Action::Provision { .. } => 10,
        // Group before move; users' stock is brought before it is assigned.
        Action::CreateGroup { .. } | Action::RenameGroup { .. } => 11,
        Action::Transfer { .. } => 12,
        Action::CreateUser { .. } | Action::UpdateUser { .. } => 13,
        Action::MoveUser { .. } => 14,
        Action::SetGroupSync { on: true, .. } => 15,
        Action::SetUserSync(true) => 16,
        Action::ResizeSync { .. } | Action::ResizeKey { .. } | Action::ResizeMachine { .. } => 17,
        Action::AssignKey { .. } => 18,
        // Move before group removal; less after use.
        Action::DeleteGroup { place: super::Place::Own(_) } => 19,
        Action::Release { .. } => 20,
        // Suspended last, when what the customer asked for before is done.
        Action::SetUserStatus(Status::Suspended) => 21,
        Action::SetAccountStatus(Status::Suspended) => 22,
        // A customer's group goes when it holds neither users nor stock.
        Action::DeleteGroup { place: super::Place::Home } => 23,
        Action::DeletePartner => 24,
    }
}

/// Whose licence is whose: what a step about a licence needs.
#[derive(Debug)]
pub struct Owners(BTreeMap<LicenceId, UserId>, BTreeMap<UserId, Option<Subject>>);

impl Owners {
    /// Of everything desired.
    pub fn new(desired: &Desired) -> Self {
        let licences = desired.users.iter().flat_map(|user| user.licences.iter().map(|l| (l.id, user.id)));
        let users = desired.users.iter().map(|user| (user.id, user.group.map(Subject::Group)));
        Self(licences.collect(), users.collect())
    }

    /// Subjects that must be well before this step is tried.
    pub fn needs(&self, step: &Step) -> Vec<Subject> {
        let mut needs = vec![step.subject];
        match (step.subject, &step.action) {
            (Subject::Licence(id), action) => {
                needs.extend(self.0.get(&id).map(|user| Subject::User(*user)));
                if let Action::AssignKey { kind, .. } = action {
                    needs.push(Subject::Pool(*kind));
                }
            }
            (Subject::User(id), Action::CreateUser { .. } | Action::MoveUser { .. }) => {
                needs.extend(self.1.get(&id).copied().flatten());
            }
            (Subject::User(id), Action::UpdateUser { login: Some(_), .. }) => {
                let his = self.0.iter().filter(|(_, user)| **user == id);
                needs.extend(his.map(|(licence, _)| Subject::Licence(*licence)));
            }
            (Subject::Group(_), Action::DeleteGroup { .. }) => {
                needs.extend([Subject::Pool(crate::domain::LicenceKind::Desktop)]);
                needs.extend([Subject::Pool(crate::domain::LicenceKind::Server)]);
            }
            _ => {}
        }
        needs
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
    plan.waiting = unsettled.clone();
    plan.steps
        .retain(|step| !account && !owners.needs(step).iter().any(|subject| unsettled.contains(subject)));
    plan.refusals.retain(|refusal| !unsettled.contains(&refusal.subject));
    plan
}
