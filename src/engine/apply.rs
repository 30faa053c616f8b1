//! Applying a plan: each step is resolved, written to the ledger, committed, called, and settled (design, rule 6).
//!
//! What fails takes along what needs it; everything else of the customer goes on. Doubt stops everything: nothing else
//! is written to the subscription before the doubt has been looked up.

use super::resolve::{Resolved, Resolver};
use crate::domain::observed::Account;
use crate::domain::{Desired, MozyGroupId, MozyUserId, PartnerId, Reason};
use crate::plan::order::Owners;
use crate::plan::render::Renderer;
use crate::plan::{Action, Call, Place, Plan, Step, Subject};
use crate::ports::ledger::{Binding, Entry, Lease, Outcome};
use crate::ports::report::StepReport;
use crate::ports::vendor::Made;
use crate::ports::{Ledger, LedgerError, Vendor, VendorError};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// Why a run ended before its last step.
#[derive(Debug)]
pub(super) enum Stop {
    /// A step is in doubt.
    Doubt,
    /// Mozy cannot be reached, denies access or asks to slow down.
    Vendor(VendorError),
    /// The ledger cannot be written.
    Ledger(LedgerError),
}

/// What a run did.
#[derive(Debug, Default)]
pub(super) struct Run {
    /// Steps as they went.
    pub steps: Vec<StepReport>,
    /// What was written to the ledger, for the next look.
    pub entries: Vec<Entry>,
    /// Subjects whose steps did not go through.
    pub failed: BTreeMap<Subject, (Reason, String)>,
    /// Why it ended early.
    pub stop: Option<Stop>,
}

/// What one step came to.
enum Step1 {
    Settled(Outcome, Option<Reason>),
    Nothing,
    Blocked(String),
}

/// Everything a run works with.
pub(super) struct Applier<'a, V, L, C> {
    pub vendor: &'a V,
    pub ledger: &'a L,
    pub lease: Lease,
    pub now: &'a C,
    pub account: Option<&'a Account>,
    pub run: Run,
}

impl<V: Vendor, L: Ledger, C: Fn() -> DateTime<Utc>> Applier<'_, V, L, C> {
    /// Runs the steps in order; ids learned are written into `desired`.
    pub(super) async fn apply(mut self, desired: &mut Desired, plan: &Plan) -> Run {
        let owners = Owners::new(desired);
        let texts: Vec<String> = plan.steps.iter().map(|step| Renderer::new(desired).step(step)).collect();
        let mut resolver =
            Resolver { vendor: self.vendor, desired, account: self.account, picked: BTreeSet::new() };
        for (step, text) in plan.steps.iter().zip(texts) {
            let skipped = owners.needs(step).iter().any(|subject| self.run.failed.contains_key(subject));
            if skipped || self.account_failed() {
                self.report(step, None, text);
                continue;
            }
            if let Err(stop) = self.step(&mut resolver, step, text).await {
                self.run.stop = Some(stop);
                break;
            }
        }
        self.run
    }

    /// Nothing can be done in an account that could not be made.
    fn account_failed(&self) -> bool {
        self.account.is_none() && self.run.failed.contains_key(&Subject::Account)
    }

    async fn step(&mut self, resolver: &mut Resolver<'_, V>, step: &Step, text: String) -> Result<(), Stop> {
        match self.make(resolver, step).await? {
            Step1::Nothing => {}
            Step1::Blocked(why) => {
                self.run.failed.insert(step.subject, (Reason::AsExpected, why));
                self.report(step, None, text);
            }
            Step1::Settled(outcome, reason) => {
                if let (Outcome::Rejected(why) | Outcome::NotDone(why), reason) = (&outcome, reason) {
                    let reason = reason.unwrap_or(Reason::VendorRejected);
                    self.run.failed.insert(step.subject, (reason, why.clone()));
                }
                let doubt = matches!(outcome, Outcome::InDoubt(_));
                self.report(step, Some(outcome), text);
                if doubt {
                    return Err(Stop::Doubt);
                }
            }
        }
        Ok(())
    }

    fn report(&mut self, step: &Step, outcome: Option<Outcome>, text: String) {
        self.run.steps.push(StepReport { subject: step.subject, kind: step.action.kind(), outcome, text });
    }

    async fn make(&mut self, resolver: &mut Resolver<'_, V>, step: &Step) -> Result<Step1, Stop> {
        let call = match resolver.resolve(step).await {
            Ok(Resolved::Call(call)) => call,
            Ok(Resolved::Already) => return Ok(Step1::Nothing),
            Ok(Resolved::Blocked(why)) => return Ok(Step1::Blocked(why)),
            Err(error) => return Err(Stop::Vendor(error)),
        };
        let at = (self.now)();
        let id = self.ledger.intend(self.lease, step, &call).await.map_err(Stop::Ledger)?;
        let answer = self.vendor.perform(&call).await;
        let stop = answer.as_ref().err().filter(|error| ends_the_run(error)).cloned();
        let (outcome, bindings, reason) = judge(resolver, step, &call, answer).await;
        self.ledger.settle(self.lease, id, &outcome, &bindings).await.map_err(Stop::Ledger)?;
        for binding in &bindings {
            bind(resolver.desired, binding);
        }
        let entry = Entry { id, step: step.clone(), call, outcome: Some(outcome.clone()), at };
        self.run.entries.push(entry);
        match stop {
            Some(error) => Err(Stop::Vendor(error)),
            None => Ok(Step1::Settled(outcome, reason)),
        }
    }
}

fn ends_the_run(error: &VendorError) -> bool {
    matches!(error, VendorError::Unreachable(_) | VendorError::Throttled { .. } | VendorError::Denied(_))
}

/// What an answer means. A create that was refused may be refused because ours is there already: look once.
async fn judge<V: Vendor>(
    resolver: &Resolver<'_, V>,
    step: &Step,
    call: &Call,
    answer: Result<Made, VendorError>,
) -> (Outcome, Vec<Binding>, Option<Reason>) {
    match answer {
        Ok(made) => (Outcome::Done, bindings(resolver.desired, step, call, &made), None),
        Err(VendorError::InDoubt(why)) => (Outcome::InDoubt(why), Vec::new(), None),
        Err(VendorError::Rejected(why)) => match look_for_ours(resolver, call).await {
            Some(made) => (Outcome::Done, bindings(resolver.desired, step, call, &made), None),
            None => {
                let reason = match call {
                    Call::CreatePartner { .. } => Reason::AdminEmailInUse,
                    Call::CreateUser { .. } => Reason::UserEmailInUse,
                    _ => Reason::VendorRejected,
                };
                (Outcome::Rejected(advice(reason, call, &why)), Vec::new(), Some(reason))
            }
        },
        Err(error) => (Outcome::NotDone(error.to_string()), Vec::new(), Some(Reason::VendorUnreachable)),
    }
}

fn advice(reason: Reason, call: &Call, why: &str) -> String {
    match (reason, call) {
        (Reason::AdminEmailInUse, Call::CreatePartner { admin_email, .. }) => format!(
            "the e-mail address {admin_email} of the subscription's staff member is already in use at Mozy; create a \
             staff member with another address and assign it to the service (Mozy said: {why})"
        ),
        (Reason::UserEmailInUse, Call::CreateUser { login, .. }) => format!(
            "the e-mail address {login} is already in use at Mozy; give the user another address (Mozy said: {why})"
        ),
        _ => format!("Mozy refused: {why}"),
    }
}

async fn look_for_ours<V: Vendor>(resolver: &Resolver<'_, V>, call: &Call) -> Option<Made> {
    match call {
        Call::CreatePartner { admin_email, number, .. } => {
            let found = resolver.vendor.find_partners(admin_email).await.ok()?;
            let mut ours = found.into_iter().filter(|partner| number.owns(partner.external_id.as_deref()));
            let (first, second) = (ours.next(), ours.next());
            first.filter(|_| second.is_none()).map(|partner| Made { id: Some(partner.id.0) })
        }
        Call::CreateUser { login, number, group, .. } => {
            let found = resolver.vendor.find_users(login).await.ok()?;
            let mut ours = found
                .into_iter()
                .filter(|user| number.owns(user.external_id.as_deref()) && user.group == *group);
            let (first, second) = (ours.next(), ours.next());
            first.filter(|_| second.is_none()).map(|user| Made { id: Some(user.id.0) })
        }
        _ => None,
    }
}

/// Ids that a call that went through gives or takes.
pub(super) fn bindings(desired: &Desired, step: &Step, call: &Call, made: &Made) -> Vec<Binding> {
    let id = made.id;
    match (call, &step.action, step.subject) {
        // A new partner has none of what an old one had.
        (Call::CreatePartner { .. }, _, _) => {
            let mut all = vec![Binding::Partner(id.map(PartnerId)), Binding::HomeGroup(None)];
            all.extend(desired.groups.iter().map(|group| Binding::Group(group.id, None)));
            all.extend(desired.users.iter().map(|user| Binding::User(user.id, None)));
            let licences = desired.users.iter().flat_map(|user| &user.licences);
            all.extend(licences.map(|licence| Binding::Licence(licence.id, None)));
            all
        }
        (Call::CreateGroup { .. }, Action::CreateGroup { place: Place::Home, .. }, _) => {
            vec![Binding::HomeGroup(id.map(MozyGroupId))]
        }
        (Call::CreateGroup { .. }, _, Subject::Group(group)) => {
            vec![Binding::Group(group, id.map(MozyGroupId))]
        }
        (Call::CreateUser { .. }, _, Subject::User(user)) => vec![Binding::User(user, id.map(MozyUserId))],
        (Call::AssignKey { key, .. }, _, Subject::Licence(licence)) => {
            vec![Binding::Licence(licence, Some(key.clone()))]
        }
        _ => Vec::new(),
    }
}

/// Keeps an id with what it belongs to.
pub(super) fn bind(desired: &mut Desired, binding: &Binding) {
    match binding {
        Binding::Partner(id) => desired.subscription.partner = *id,
        Binding::HomeGroup(id) => desired.subscription.home_group = *id,
        Binding::Group(group, id) => {
            desired.groups.iter_mut().filter(|g| g.id == *group).for_each(|g| g.mozy_id = *id);
        }
        Binding::User(user, id) => {
            desired.users.iter_mut().filter(|u| u.id == *user).for_each(|u| u.mozy_id = *id)
        }
        Binding::Licence(licence, key) => {
            let all = desired.users.iter_mut().flat_map(|user| &mut user.licences);
            all.filter(|l| l.id == *licence).for_each(|l| l.key.clone_from(key));
        }
    }
}
