//! A plan being drafted: what every kind's file reads from and writes to.

use super::matching::Matching;
use super::{Action, Place, Plan, Policy, Refusal, Step, Subject, Why};
use crate::domain::observed::Account;
use crate::domain::user::User;
use crate::domain::{Desired, MozyGroupId, Reason};

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
    pub steps: Vec<Step>,
    /// Refusals so far.
    pub refusals: Vec<Refusal>,
}

impl<'a> Draft<'a> {
    /// An empty draft.
    pub fn new(desired: &'a Desired, account: &'a Account, policy: &'a Policy) -> Self {
        let matching = Matching::new(desired, account);
        Self { desired, account, matching, policy, steps: Vec::new(), refusals: Vec::new() }
    }

    /// Adds a step.
    pub fn step(&mut self, subject: Subject, action: Action, why: Why) {
        self.steps.push(Step { subject, action, why });
    }

    /// Says that something stays undone.
    pub fn refuse(&mut self, subject: Subject, reason: Reason, message: impl Into<String>) {
        self.refusals.push(Refusal { subject, reason, message: message.into() });
    }

    /// The group a user is to be in.
    pub fn place_of(user: &User) -> Place {
        user.group.map_or(Place::Home, Place::Own)
    }

    /// Mozy's id of a place, if it exists there.
    pub fn mozy_group(&self, place: Place) -> Option<MozyGroupId> {
        match place {
            Place::Home => self.desired.subscription.home_group.or(self.account.partner.default_group),
            Place::Own(id) => self
                .matching
                .groups
                .iter()
                .find(|(want, _)| want.id == id)
                .and_then(|(_, have)| have.map(|g| g.id)),
        }
    }

    /// The plan as drafted, not yet in order.
    pub fn finish(self) -> Plan {
        Plan { steps: self.steps, refusals: self.refusals, ..Plan::default() }
    }
}

/// A difference in one field, told with both values.
pub fn differs(field: &str, have: impl ToString, want: impl ToString) -> Why {
    Why::Differs { field: field.to_owned(), have: have.to_string(), want: want.to_string() }
}
