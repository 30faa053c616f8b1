//! A create that Mozy refused because an address is in use is not asked for again at every look: the same wish waits for
//! the flap pause, a changed one is tried at once (design, rule 10).

use crate::domain::{Desired, Reason};
use crate::plan::{Action, Plan, Step, Subject};
use crate::ports::Case;
use crate::ports::ledger::Outcome;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Subjects that this plan would make and that Mozy refused for the same wish lately, and what was said of them.
pub(super) fn refused(plan: &Plan, desired: &Desired, case: &Case) -> BTreeMap<Subject, (Reason, String)> {
    if case.refused.is_empty() {
        return BTreeMap::new();
    }
    let again = plan.steps.iter().filter(|step| {
        let wish = wish(desired, step);
        wish.is_some_and(|(id, generation)| case.refused.get(&id) == Some(&generation))
    });
    again.filter_map(|step| Some((step.subject, lately(case, step)?))).collect()
}

/// The wish behind a create whose address may be in use: whose, and of which generation.
pub(super) fn wish(desired: &Desired, step: &Step) -> Option<(Uuid, i64)> {
    match (&step.action, step.subject) {
        (Action::CreatePartner { .. }, _) => {
            Some((desired.subscription.id.0, desired.subscription.generation))
        }
        (Action::CreateUser { .. }, Subject::User(id)) => {
            let user = desired.users.iter().find(|user| user.id == id)?;
            Some((id.0, user.generation))
        }
        _ => None,
    }
}

fn lately(case: &Case, step: &Step) -> Option<(Reason, String)> {
    let same = case.entries.iter().rev().filter(|entry| entry.step.subject == step.subject);
    let mut same = same.filter(|entry| entry.step.action.kind() == step.action.kind());
    let reason = match step.subject {
        Subject::Account => Reason::AdminEmailInUse,
        _ => Reason::UserEmailInUse,
    };
    match same.next()?.outcome.as_ref()? {
        Outcome::Rejected(why) => Some((reason, why.clone())),
        _ => None,
    }
}
