//! Verdicts: what OSA is told of each thing it may be waiting for, from what the plan still has to do about it.

use super::{Plan, Refusal, Subject};
use crate::domain::{Desired, Reason, Thing};
use std::collections::BTreeMap;

/// One thing, the generation of its wish, and what stands in its way; `None` is agreement.
pub type Said = (Thing, i64, Option<(Reason, String)>);

/// Verdicts on every desired thing after `plan`, where `failed` tells which subjects' steps did not go through, and
/// `exists` whether the account was seen.
pub fn verdicts(
    desired: &Desired,
    exists: bool,
    plan: &Plan,
    failed: &BTreeMap<Subject, (Reason, String)>,
) -> Vec<Said> {
    let open = Open::new(plan, failed);
    let subscription = &desired.subscription;
    let mut said = vec![(
        Thing::Tenant(subscription.id),
        subscription.generation,
        open.about(|subject| matches!(subject, Subject::Account | Subject::Pool(_) | Subject::MozyGroup(_))),
    )];
    // Nothing in an account is done while the account itself is missing.
    let account = open.0.get(&Subject::Account).filter(|_| !exists).cloned();
    let verdict = |subject: Subject| open.0.get(&subject).cloned().or_else(|| account.clone());
    said.extend(
        desired.groups.iter().map(|g| (Thing::Group(g.id), g.generation, verdict(Subject::Group(g.id)))),
    );
    for user in &desired.users {
        said.push((Thing::User(user.id), user.generation, verdict(Subject::User(user.id))));
        let licences = user.licences.iter();
        said.extend(licences.map(|l| (Thing::Licence(l.id), l.generation, verdict(Subject::Licence(l.id)))));
    }
    said
}

/// What is still open about each subject; a reason that needs somebody goes before mere work.
struct Open(BTreeMap<Subject, (Reason, String)>);

impl Open {
    fn new(plan: &Plan, failed: &BTreeMap<Subject, (Reason, String)>) -> Self {
        let mut open: BTreeMap<Subject, (Reason, String)> = failed.clone();
        for Refusal { subject, reason, message } in &plan.refusals {
            open.entry(*subject).or_insert_with(|| (*reason, message.clone()));
        }
        for step in plan.held_steps() {
            let text = "held by the guard until an operator releases it".to_owned();
            open.entry(step.subject).or_insert((Reason::GuardHeld, text));
        }
        for subject in plan.steps.iter().map(|step| &step.subject).chain(&plan.waiting) {
            open.entry(*subject)
                .or_insert_with(|| (Reason::AsExpected, "being configured at Mozy".to_owned()));
        }
        Self(open)
    }

    fn about(&self, matches: impl Fn(&Subject) -> bool) -> Option<(Reason, String)> {
        let mut of = self.0.iter().filter(|(subject, _)| matches(subject)).map(|(_, why)| why);
        let first = of.next()?;
        let worst =
            if first.0 == Reason::AsExpected { of.find(|why| why.0 != Reason::AsExpected) } else { None };
        Some(worst.unwrap_or(first).clone())
    }
}
