//! The guard: how much of each class of change one plan may do to an account before a person is asked.
//!
//! Past the limit that class is held and everything else goes on. A subscription's own termination is one delete, and
//! its users' share is not asked (design, rule 4).

use super::{Action, Plan, Policy, Step, Subject};
use crate::domain::partner::Status;
use crate::domain::{Desired, Reason};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A class of change that is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Class {
    /// Users, machines, groups and partners are deleted.
    Delete,
    /// Users and accounts are suspended.
    Suspend,
    /// Pools and quotas shrink.
    Downgrade,
    /// Anything else that exists is changed.
    Update,
}

impl Class {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Delete, Self::Suspend, Self::Downgrade, Self::Update];

    /// As the configuration and the metrics name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Delete => "delete",
            Self::Suspend => "suspend",
            Self::Downgrade => "downgrade",
            Self::Update => "update",
        }
    }

    /// The class of an action; what creates, resumes or gives more is in none.
    pub fn of(action: &Action) -> Option<Self> {
        match action {
            Action::DeletePartner
            | Action::DeleteGroup { .. }
            | Action::DeleteUser
            | Action::DeleteMachine { .. } => Some(Self::Delete),
            Action::SetAccountStatus(Status::Suspended) | Action::SetUserStatus(Status::Suspended) => {
                Some(Self::Suspend)
            }
            Action::Release { .. } | Action::ClearKey { .. } => Some(Self::Downgrade),
            Action::UpdatePartner { .. }
            | Action::RenameGroup { .. }
            | Action::SetGroupSync { .. }
            | Action::UpdateUser { .. }
            | Action::SetUserSync(_)
            | Action::ResizeSync { .. }
            | Action::MoveUser { .. }
            | Action::ResizeKey { .. }
            | Action::ReaddressKey { .. }
            | Action::ResizeMachine { .. } => Some(Self::Update),
            Action::CreatePartner { .. }
            | Action::SetAccountStatus(Status::Active)
            | Action::CreateGroup { .. }
            | Action::CreateUser { .. }
            | Action::SetUserStatus(Status::Active)
            | Action::AssignKey { .. }
            | Action::Provision { .. }
            | Action::Transfer { .. } => None,
        }
    }
}

/// How many changes of each class.
pub type Tally = BTreeMap<Class, i64>;

/// The larger of a share of what the account has and a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Percent of the account's users, groups and licences.
    pub percent: i64,
    /// At least so many.
    pub min: i64,
}

impl Limit {
    /// What it allows of `total` things. A single one is never held up (design, rule 4).
    pub fn allows(self, total: i64) -> i64 {
        (total * self.percent / 100).max(self.min).max(1)
    }
}

/// The limit of each class; a class without one is not limited.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limits(pub BTreeMap<Class, Limit>);

/// Takes out of the plan what goes past a limit, class by class.
pub fn hold(desired: &Desired, mut plan: Plan, policy: &Policy) -> Plan {
    if desired.subscription.removed {
        return plan;
    }
    let total = size(desired);
    let planned = tally(&plan.steps);
    let over = |class: &Class| {
        let asked = planned.get(class).copied().unwrap_or(0);
        let spent = policy.spent.get(class).copied().unwrap_or(0);
        let limit = policy.limits.0.get(class)?;
        (asked > 0 && asked + spent > limit.allows(total)).then(|| (asked, spent, limit.allows(total)))
    };
    let held: BTreeSet<Class> = Class::ALL
        .into_iter()
        .filter(|class| !policy.released.contains(class) && over(class).is_some())
        .collect();
    for class in &held {
        let Some((asked, spent, allowed)) = over(class) else { continue };
        let message = format!(
            "{asked} changes of class {} ({spent} more were done lately) are past the limit of {allowed}; look at \
             the plan and release it with `mozyd approve`",
            class.as_str()
        );
        plan.refusals.push(super::Refusal { subject: Subject::Account, reason: Reason::GuardHeld, message });
    }
    let doomed: BTreeSet<Subject> = plan
        .steps
        .iter()
        .filter(|step| step.action == Action::DeleteUser && held.contains(&Class::Delete))
        .map(|step| step.subject)
        .collect();
    // Who is resumed only to be deleted stays suspended while his deletion is held.
    let is_held = |step: &Step| match Class::of(&step.action) {
        Some(class) => held.contains(&class),
        None => matches!(step.action, Action::SetUserStatus(_)) && doomed.contains(&step.subject),
    };
    let (kept, runs) = std::mem::take(&mut plan.steps).into_iter().partition(is_held);
    (plan.held, plan.steps) = (kept, runs);
    plan
}

/// Changes of each class among these steps. A user who is resumed only to be deleted is one delete.
pub fn tally(steps: &[Step]) -> Tally {
    let mut tally = Tally::new();
    for class in steps.iter().filter_map(|step| Class::of(&step.action)) {
        *tally.entry(class).or_default() += 1;
    }
    tally
}

fn size(desired: &Desired) -> i64 {
    let licences: usize = desired.users.iter().map(|user| user.licences.len()).sum();
    (desired.users.len() + desired.groups.len() + licences) as i64
}
