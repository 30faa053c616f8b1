//! Verdicts: what OSA is told of each thing it may be waiting for, from what the plan still has to do about it.

use super::account::only_leaves;
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
    // Nothing in an account is done while the account itself is missing, and only removals while it is to be left alone.
    let account = open.0.get(&Subject::Account);
    let verdict = |subject: Subject, removed: bool| {
        let planned = exists && (removed || !only_leaves(subscription));
        open.0.get(&subject).or(account.filter(|_| !planned)).cloned()
    };
    let groups = desired.groups.iter();
    said.extend(groups.map(|g| (Thing::Group(g.id), g.generation, verdict(Subject::Group(g.id), g.removed))));
    for user in &desired.users {
        said.push((Thing::User(user.id), user.generation, verdict(Subject::User(user.id), user.removed)));
        said.extend(user.licences.iter().map(|l| {
            let verdict = verdict(Subject::Licence(l.id), user.removed || l.removed);
            (Thing::Licence(l.id), l.generation, verdict)
        }));
    }
    said
}

/// What is still open about each subject. What somebody must act on goes before mere work, and what was bought too
/// little goes after it: that may stand since long before the wish that OSA waits for.
struct Open(BTreeMap<Subject, (Reason, String)>);

impl Open {
    fn new(plan: &Plan, failed: &BTreeMap<Subject, (Reason, String)>) -> Self {
        let mut open: BTreeMap<Subject, (Reason, String)> = failed.clone();
        // Under a suspended reseller everything is done all the same: that stands in a condition, and nobody waits for it.
        let told = plan.refusals.iter().filter(|refusal| refusal.reason != Reason::ResellerSuspended);
        let (short, refused): (Vec<&Refusal>, Vec<&Refusal>) =
            told.partition(|refusal| is_short(refusal.reason));
        for Refusal { subject, reason, message } in refused {
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
        for Refusal { subject, reason, message } in short {
            open.entry(*subject).or_insert_with(|| (*reason, message.clone()));
        }
        Self(open)
    }

    fn about(&self, matches: impl Fn(&Subject) -> bool) -> Option<(Reason, String)> {
        let of = self.0.iter().filter(|(subject, _)| matches(subject)).map(|(_, why)| why);
        of.min_by_key(|(reason, _)| (is_short(*reason), *reason == Reason::AsExpected)).cloned()
    }
}

/// Whether more was wished for than was bought.
fn is_short(reason: Reason) -> bool {
    matches!(reason, Reason::LicensesExceedPurchase | Reason::QuotaExceedsPurchase)
}
