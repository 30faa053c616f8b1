//! Pure planning: (desired, observed, policy) to a plan, an ordered list of steps that prints itself.
//!
//! ```text
//! desired ─┐
//!          ├─▶ matching ─▶ account, group, user, licence, sync, pool ─▶ order ─▶ Plan ─▶ guard
//! observed ┘
//! ```
//!
//! One file per kind says what that kind needs; [`order`] what must precede what and why; [`guard`] what may not run;
//! [`trace`] whether what a step did shows in an observation; [`usage`] observed to counters; [`verdict`] what OSA is
//! told of each thing. Nothing here waits, reads a clock or knows of SOAP, APS or SQL.

pub mod account;
pub mod action;
pub mod call;
pub mod draft;
pub mod group;
pub mod guard;
pub mod index;
pub mod licence;
pub mod matching;
pub mod order;
pub mod pool;
pub mod render;
pub mod step;
pub mod sync;
#[cfg(test)]
mod tests;
pub mod trace;
pub mod usage;
pub mod user;
pub mod verdict;

use crate::domain::{Desired, Observed, Reason};
use draft::Draft;
use std::collections::{BTreeMap, BTreeSet};

pub use action::{Action, Numbered};
pub use call::Call;
pub use guard::{Class, Held, Limits};
pub use pool::owed::Owed;
pub use step::{Place, Step, Subject, Why};

/// Why something may not be done, or cannot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// About what.
    pub subject: Subject,
    /// By its fixed name.
    pub reason: Reason,
    /// For people: what is wrong and what to do.
    pub message: String,
}

/// What is to be done for one subscription, and what may not be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// In the order in which they run.
    pub steps: Vec<Step>,
    /// What stays undone, and why.
    pub refusals: Vec<Refusal>,
    /// Subjects that must be looked at again before they can be planned: written so recently that what was read may be
    /// old, or waiting for something that this plan or Mozy is about to do.
    pub waiting: BTreeSet<Subject>,
    /// Subjects whose keys and GB are there, whatever becomes of the pool.
    pub in_stock: BTreeSet<Subject>,
    /// What the guard holds, class by class.
    pub held: Vec<Held>,
}

impl Plan {
    /// Whether there is nothing to do and nothing in the way.
    pub fn is_agreement(&self) -> bool {
        let Self { steps, refusals, waiting, in_stock: _, held } = self;
        steps.is_empty() && refusals.is_empty() && waiting.is_empty() && held.is_empty()
    }

    /// The steps that the guard holds.
    pub fn held_steps(&self) -> impl Iterator<Item = &Step> {
        self.held.iter().flat_map(|held| &held.bundle.steps)
    }
}

/// What a cycle knows beside desired and observed.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// Subjects written so recently that what was read of them may be old.
    pub unsettled: BTreeSet<Subject>,
    /// GB that moved users left behind, and that are still to follow them.
    pub owed: Vec<Owed>,
    /// The root admin's address is known to be in use by somebody else at Mozy.
    pub admin_taken: bool,
    /// What the guard holds of each subject: it is not done, and what it would free is not free.
    pub held: BTreeMap<Subject, Vec<Action>>,
    /// What of each subject came back after every correction, and is left alone for a while: nothing follows from it.
    pub alone: BTreeMap<Subject, Vec<Action>>,
}

/// A plan from which the guard took something, made `again` in the same way without that: all else goes on (design, rule
/// 4), also what would otherwise wait for what is held. Nothing is in it that the guard was not asked about.
pub fn around_held(
    desired: &Desired,
    policy: &Policy,
    guarded: Plan,
    again: impl FnOnce(&Policy) -> Plan,
) -> Plan {
    if guarded.held.is_empty() || desired.subscription.removed {
        return guarded;
    }
    let mut rest = again(&Policy { held: by_subject(guarded.held_steps()), ..policy.clone() });
    let Plan { steps, refusals, held, .. } = guarded;
    let asked: BTreeSet<(Subject, &str)> =
        steps.iter().map(|step| (step.subject, step.action.kind())).collect();
    rest.steps.retain(|step| {
        Class::of(&step.action).is_none() || asked.contains(&(step.subject, step.action.kind()))
    });
    rest.refusals.retain(|refusal| !refusals.contains(refusal));
    rest.refusals.splice(0..0, refusals);
    rest.held = held;
    rest
}

/// What steps do about each subject, as a [`Policy`] withholds it.
pub fn by_subject<'s>(steps: impl Iterator<Item = &'s Step>) -> BTreeMap<Subject, Vec<Action>> {
    let mut actions: BTreeMap<Subject, Vec<Action>> = BTreeMap::new();
    for Step { subject, action, .. } in steps {
        actions.entry(*subject).or_default().push(action.clone());
    }
    actions
}

/// The difference between what is wanted and what was seen, as steps. Unknown plans nothing (design, rule 2). What of
/// it may run, [`guard`] says afterwards: it needs what was counted over all accounts.
pub fn plan(desired: &Desired, observed: &Observed, policy: &Policy) -> Plan {
    let drafted = match observed {
        Observed::Unknown { .. } => return Plan::default(),
        Observed::Absent => absent(desired, policy),
        Observed::Present(account) => present(Draft::new(desired, account, policy)),
    };
    order::settle_first(desired, drafted, &policy.unsettled)
}

/// There is no account: create it and all in it, unless something stands in the way.
fn absent(desired: &Desired, policy: &Policy) -> Plan {
    if desired.subscription.removed {
        return Plan::default();
    }
    match account::create(desired, policy) {
        Err(refusal) => Plan { refusals: vec![refusal], ..Plan::default() },
        Ok(create) => {
            let imagined = account::imagine(desired);
            let mut draft = Draft::new(desired, &imagined, policy);
            draft.step(create.subject, create.action, create.why);
            group::plan(&mut draft);
            user::plan(&mut draft);
            licence::plan(&mut draft);
            pool::plan(&mut draft);
            draft.finish()
        }
    }
}

fn present(mut draft: Draft<'_>) -> Plan {
    match account::plan(&mut draft) {
        account::Rest::Goes => return draft.finish(),
        account::Rest::Leaves => {
            user::plan(&mut draft);
            licence::plan(&mut draft);
            draft.only_removals();
            return draft.finish();
        }
        account::Rest::Stays => {}
    }
    group::plan(&mut draft);
    user::plan(&mut draft);
    licence::plan(&mut draft);
    sync::plan(&mut draft);
    pool::plan(&mut draft);
    draft.finish()
}
