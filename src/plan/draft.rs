//! A plan being drafted: what every kind's file reads from and writes to.

use super::matching::Matching;
use super::order::{self, LESS};
use super::{Action, Numbered, Place, Plan, Policy, Refusal, Step, Subject, Why};
use crate::domain::observed::Account;
use crate::domain::user::{ObservedUser, User};
use crate::domain::{Desired, Reason};
use std::collections::BTreeSet;

/// A step with its place in the order.
#[derive(Debug)]
pub struct Drafted {
    /// See [`order`].
    pub rank: u8,
    /// The step.
    pub step: Step,
}

/// The draft of one subscription's plan.
pub struct Draft<'a> {
    /// What is wanted.
    pub desired: &'a Desired,
    /// What was seen.
    pub account: &'a Account,
    /// Which is which.
    pub matching: Matching<'a>,
    /// What else the cycle knows.
    pub policy: &'a Policy,
    /// Steps so far.
    pub steps: Vec<Drafted>,
    /// Refusals so far.
    pub refusals: Vec<Refusal>,
    /// Subjects that can only be planned after another look.
    pub waiting: BTreeSet<Subject>,
    /// See [`Plan::in_stock`].
    pub in_stock: BTreeSet<Subject>,
}

impl<'a> Draft<'a> {
    /// An empty draft.
    pub fn new(desired: &'a Desired, account: &'a Account, policy: &'a Policy) -> Self {
        let matching = Matching::new(desired, account);
        let (steps, refusals, waiting, in_stock) = Default::default();
        Self { desired, account, matching, policy, steps, refusals, waiting, in_stock }
    }

    /// Adds a step.
    pub fn step(&mut self, subject: Subject, action: Action, why: Why) {
        let rank = order::rank(&action);
        self.put(rank, Step { subject, action, why });
    }

    /// What is withheld is not done, and nothing follows from it.
    fn put(&mut self, rank: u8, step: Step) {
        if !self.withholds(step.subject, |action| *action == step.action) {
            self.steps.push(Drafted { rank, step });
        }
    }

    /// Whether the guard holds such an action about a subject, or it flaps and is left alone.
    pub fn withholds(&self, subject: Subject, is_it: impl Fn(&Action) -> bool) -> bool {
        let Policy { held, alone, .. } = self.policy;
        [held, alone].into_iter().filter_map(|of| of.get(&subject)).flatten().any(is_it)
    }

    /// Adds a step that makes something smaller: it runs with those that free what others need.
    pub fn less(&mut self, subject: Subject, action: Action, why: Why) {
        self.put(LESS, Step { subject, action, why });
    }

    /// Adds a step that makes something smaller or larger.
    pub fn resize(&mut self, smaller: bool, subject: Subject, action: Action, why: Why) {
        if smaller { self.less(subject, action, why) } else { self.step(subject, action, why) }
    }

    /// Says that something stays undone.
    pub fn refuse(&mut self, subject: Subject, reason: Reason, message: impl Into<String>) {
        self.refusals.push(Refusal { subject, reason, message: message.into() });
    }

    /// Says that something must be looked at again before it can be planned.
    pub fn wait(&mut self, subject: Subject) {
        self.waiting.insert(subject);
    }

    /// What is known by its id as ours carries our number: whoever edited it there meant nothing by it.
    pub fn number(&mut self, subject: Subject, of: Numbered, seen: &Option<String>) {
        let number = self.desired.subscription.number;
        if !number.owns(seen.as_deref()) {
            let have = seen.as_deref().unwrap_or("unset");
            self.step(subject, Action::SetNumber(of), differs("external id", have, number));
        }
    }

    /// Keeps what is about those who were wished away.
    pub fn only_removals(&mut self) {
        let leaving: BTreeSet<Subject> = self
            .desired
            .users
            .iter()
            .flat_map(|user| {
                let licences = user.licences.iter().filter(|licence| user.removed || licence.removed);
                let licences = licences.map(|licence| Subject::Licence(licence.id));
                user.removed.then_some(Subject::User(user.id)).into_iter().chain(licences)
            })
            .collect();
        self.steps.retain(|drafted| leaving.contains(&drafted.step.subject));
        self.waiting.retain(|subject| leaving.contains(subject));
    }

    /// The group a user is to be in.
    pub fn place_of(&self, user: &User) -> Place {
        let own = user.group.filter(|group| !self.matching.is_home(*group));
        own.map_or(Place::Home, Place::Own)
    }

    /// Somebody moved him out of the subscription's groups, and what is his went along: first he is brought back.
    pub fn is_astray(&self, user: &ObservedUser) -> bool {
        self.matching.index.contents(user.group).is_none()
    }

    /// The plan, in its order; steps of one rank keep the order in which they were drafted.
    pub fn finish(mut self) -> Plan {
        self.steps.sort_by_key(|drafted| drafted.rank);
        Plan {
            steps: self.steps.into_iter().map(|drafted| drafted.step).collect(),
            refusals: self.refusals,
            waiting: self.waiting,
            in_stock: self.in_stock,
            held: Vec::new(),
        }
    }
}

/// Differences in several fields, each told with both values.
pub fn differ(fields: impl IntoIterator<Item = Option<(&'static str, String, String)>>) -> Option<Why> {
    let told = fields.into_iter().flatten().map(|(field, have, want)| [field.to_owned(), have, want]);
    let joined = told.reduce(|all, one| {
        let mut one = one.into_iter();
        all.map(|text| format!("{text}, {}", one.next().unwrap_or_default()))
    });
    joined.map(|[field, have, want]| Why::Differs { field, have, want })
}

/// A difference in one field, told with both values.
pub fn differs(field: &str, have: impl ToString, want: impl ToString) -> Why {
    Why::Differs { field: field.to_owned(), have: have.to_string(), want: want.to_string() }
}
