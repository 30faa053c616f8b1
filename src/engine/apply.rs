//! Applying a plan: each step is resolved, written to the ledger, committed, called, and settled (design, rule 6).
//!
//! What fails takes along what needs it; everything else of the customer goes on. Doubt stops everything: nothing else
//! is written to the subscription before the doubt has been looked up.

use super::bind::bind;
use super::judge::{Judgement, judge};
use super::refused::Waiting;
use super::resolve::{Resolved, Resolver};
use crate::domain::{Desired, Reason};
use crate::plan::order::{Owners, stops};
use crate::plan::render::Renderer;
use crate::plan::{Action, Call, Plan, Step, Subject};
use crate::ports::ledger::{Entry, Lease, Outcome};
use crate::ports::report::StepReport;
use crate::ports::{Ledger, LedgerError, Vendor, VendorError};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, HashMap};
use tracing::Instrument;

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
    /// Whether a step could not be made of what is there now: another look may tell more.
    pub blocked: bool,
    /// Why it ended early.
    pub stop: Option<Stop>,
}

/// Everything a run works with.
pub(super) struct Applier<'a, V, L, C> {
    pub ledger: &'a L,
    pub lease: Lease,
    pub now: &'a C,
    /// Whether the account was seen; otherwise this plan makes it first.
    pub exists: bool,
    pub resolver: Resolver<'a, V>,
    /// What Mozy refused lately and is not asked for again yet.
    pub refused: Waiting,
    pub run: Run,
    /// What was not done of each subject.
    pub undone: Undone,
}

/// What was not done of each subject.
pub(super) type Undone = HashMap<Subject, Vec<Action>>;

impl<V: Vendor, L: Ledger, C: Fn() -> DateTime<Utc>> Applier<'_, V, L, C> {
    /// Runs the steps in order; ids learned are written into the resolver's wishes.
    pub(super) async fn apply(mut self, plan: &Plan) -> Run {
        let (owners, texts) = (Owners::new(self.resolver.desired), texts(self.resolver.desired, plan));
        for (step, text) in plan.steps.iter().zip(texts) {
            if let Some(cause) = self.in_the_way(&owners, plan, step) {
                self.fail(step, cause);
                self.report(step, None, text);
            } else if let Err(stop) = self.step(step, text).await {
                self.run.stop = Some(stop);
                break;
            }
        }
        self.run
    }

    /// What failed that this step needs, as if it had been refused just now if it waits. Nothing can be done in an account
    /// that could not be made.
    fn in_the_way(&self, owners: &Owners, plan: &Plan, step: &Step) -> Option<(Reason, String)> {
        if let Some(why) = self.refused.get(&(step.subject, step.action.kind())) {
            return Some(why.clone());
        }
        if self.undone.is_empty() {
            return None;
        }
        let account = (!self.exists).then_some(Subject::Account);
        // Not while the pool changes under our hands: then nobody knows what is there.
        let in_stock = plan.in_stock.contains(&step.subject) && !self.run.blocked;
        let needs =
            owners.needs(step).into_iter().filter(|need| !in_stock || !matches!(need, Subject::Pool(_)));
        let mut needs = needs.chain(account);
        let stopped = |need: &Subject| {
            self.undone
                .get(need)
                .is_some_and(|undone| undone.iter().any(|undone| stops(undone, &step.action)))
        };
        needs.find(stopped).and_then(|need| self.run.failed.get(&need)).cloned()
    }

    /// What is said of a subject is why the first of its steps was not done.
    fn fail(&mut self, step: &Step, cause: (Reason, String)) {
        self.undone.entry(step.subject).or_default().push(step.action.clone());
        self.run.failed.entry(step.subject).or_insert(cause);
    }

    async fn step(&mut self, step: &Step, text: String) -> Result<(), Stop> {
        let call = match self.resolver.resolve(step).await.map_err(Stop::Vendor)? {
            Resolved::Call(call) => call,
            Resolved::Already => return Ok(()),
            Resolved::Blocked(reason, why) => {
                self.fail(step, (reason, why));
                self.run.blocked = true;
                self.report(step, None, text);
                return Ok(());
            }
        };
        let (outcome, reason, ends) = self.make(step, call).await?;
        if let Outcome::Rejected(why) | Outcome::NotDone(why) = &outcome {
            self.fail(step, (reason, why.clone()));
        }
        let doubt = matches!(outcome, Outcome::InDoubt(_));
        self.report(step, Some(outcome), text);
        match ends {
            Some(error) => Err(Stop::Vendor(error)),
            None if doubt => Err(Stop::Doubt),
            None => Ok(()),
        }
    }

    /// Intends, calls, settles.
    async fn make(
        &mut self,
        step: &Step,
        call: Call,
    ) -> Result<(Outcome, Reason, Option<VendorError>), Stop> {
        let id = self.ledger.intend(self.lease, step, &call).await.map_err(Stop::Ledger)?;
        let span = tracing::error_span!("step", step = %id, kind = step.action.kind());
        let answer = self.resolver.vendor.perform(&call).instrument(span).await;
        let ends = answer.as_ref().err().filter(|error| ends_the_run(error)).cloned();
        let Judgement { outcome, bindings, reason } =
            judge(self.resolver.vendor, self.resolver.desired, step, &call, answer).await;
        self.ledger.settle(self.lease, id, &outcome, &bindings).await.map_err(Stop::Ledger)?;
        bind(self.resolver.desired, &bindings);
        if outcome == Outcome::Done {
            self.resolver.done(&call);
        }
        let at = (self.now)();
        let entry = Entry { id, step: step.clone(), call, outcome: Some(outcome.clone()), at };
        self.run.entries.push(entry);
        Ok((outcome, reason, ends))
    }

    fn report(&mut self, step: &Step, outcome: Option<Outcome>, text: String) {
        self.run.steps.push(StepReport { subject: step.subject, kind: step.action.kind(), outcome, text });
    }
}

fn texts(desired: &Desired, plan: &Plan) -> Vec<String> {
    let renderer = Renderer::new(desired);
    plan.steps.iter().map(|step| renderer.step(step)).collect()
}

fn ends_the_run(error: &VendorError) -> bool {
    matches!(error, VendorError::Unreachable(_) | VendorError::Throttled { .. } | VendorError::Denied(_))
}
