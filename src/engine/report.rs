//! The report of a cycle: of one that ran to its end, and of one that could not go on.

use super::again::questions;
use super::cycle::{Cycle, End, SOON};
use super::drift::Drift;
use super::findings;
use super::learn::take_stock;
use crate::domain::observed::{Account, Observed};
use crate::domain::{ConditionType, Desired, Reason};
use crate::plan::render::Renderer;
use crate::plan::verdict::verdicts;
use crate::plan::{Held, Plan, usage};
use crate::ports::ledger::Outcome;
use crate::ports::look::Look;
use crate::ports::report::{CycleReport, CycleResult, HeldPlan, Seen, StepReport, Verdict};
use crate::ports::{Case, Ledger, LedgerError, Vendor, VendorError};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use uuid::Uuid;

impl<V: Vendor, L: Ledger, C: Fn() -> DateTime<Utc>> Cycle<'_, V, L, C> {
    /// The report of a cycle that ran to its end.
    pub(super) fn report(mut self) -> CycleReport {
        let failed: Vec<(Reason, String)> = self.run.failed.values().cloned().collect();
        let sight = self.sight.take().map(|sight| (sight.observed, sight.machines_read));
        let (observed, machines_read) = sight.unwrap_or((Observed::Absent, false));
        let exists = observed.account().is_some();
        let mut report = self.blank(self.result());
        report.machines_read = machines_read;
        // A window or a mode is everybody's: it is told of those only for whom something waits.
        let quiet = self.quiet().filter(|_| self.case.paused || !self.plan.steps.is_empty());
        let quiet = quiet.map(str::to_owned);
        report.findings = match self.doubt.clone() {
            Some(doubt) if !self.planned => findings::of_doubt(doubt),
            doubt => findings::of_plan(exists, &self.plan, failed, doubt, &self.flaps, quiet.as_deref()),
        };
        report.usage =
            Some(observed.account().map_or_else(Default::default, |seen| usage::usage(&self.desired, seen)));
        if self.planned && !self.unsettled {
            report.held = Some(held(&self.desired, &self.plan));
        } else {
            // The guard was not asked about what must be looked at again first: what it holds of that, it still holds.
            report.findings.retain(|found| found.kind != ConditionType::Held || found.status);
        }
        let (gone, unmanaged) = take_stock(&self.desired, &observed, &self.plan);
        report.unmanaged = Some(unmanaged);
        if self.doubt.is_none() {
            report.gone = gone;
            report.verdicts = verdicts(&self.desired, exists, &self.plan, &self.run.failed)
                .into_iter()
                .map(|(thing, generation, blocked)| Verdict { thing, generation, blocked })
                .collect();
        }
        if let Some(why) = quiet {
            tell_why(&mut report.verdicts, &why);
        }
        report.look = observed.account().and_then(|account| self.look(&report, account));
        report.seen = match observed {
            Observed::Present(account) => Seen::Account(account),
            Observed::Absent => Seen::Absent,
            Observed::Unknown { .. } => Seen::Nothing,
        };
        report
    }

    /// The look, if all there is to it are its answers: nothing was done, is in doubt, waits or is left alone, and no
    /// machines were asked for, which a look does now and then only.
    fn look(&self, report: &CycleReport, account: &Account) -> Option<Look> {
        let Case { desired, owed, pauses, .. } = &self.case;
        let still = owed.is_empty() && pauses.is_empty() && report.bindings.is_empty();
        let still = still && report.result == CycleResult::Agreed && !report.machines_read;
        let still = still && self.quiet().is_none() && !self.wrote_lately(self.now());
        let echo = self.heard().filter(|_| still)?;
        let questions = questions(&desired.subscription.model, account);
        (echo.calls == questions.len()).then_some(Look { questions, echo })
    }

    fn result(&self) -> CycleResult {
        let Plan { steps, refusals, waiting, in_stock: _, held } = &self.plan;
        if !held.is_empty() {
            CycleResult::Held
        } else if self.doubt.is_some() || self.unsettled {
            CycleResult::Waiting
        } else if !self.run.failed.is_empty() {
            CycleResult::Failed
        } else if !self.flaps.is_empty() || !refusals.is_empty() || !steps.is_empty() || !waiting.is_empty() {
            CycleResult::Waiting
        } else if self.wrote {
            CycleResult::Changed
        } else {
            CycleResult::Agreed
        }
    }

    /// The report of a cycle that could not go on: nothing is said of what was not seen.
    pub(super) fn ended(mut self, end: End) -> CycleReport {
        match end {
            End::Ledger(LedgerError::LeaseLost(_)) => self.blank(CycleResult::LeaseLost),
            End::Ledger(error) => {
                let mut report = self.blank(CycleResult::Failed);
                report.events.push(("failure", error.to_string()));
                report
            }
            // Nothing is said of it, so nothing that stands is unsaid.
            End::Torn => CycleReport { again: Some(SOON), ..self.blank(CycleResult::Waiting) },
            End::Vendor(error) => {
                let mut report = self.blank(CycleResult::Failed);
                report.findings = findings::unreachable(&error);
                report.verdicts = waiting_for_vendor(&self.desired, &self.case.agreed, &error);
                if let VendorError::Throttled { retry_after } = error {
                    (report.again, report.throttled) = (Some(retry_after.unwrap_or(SOON)), true);
                }
                report
            }
        }
    }

    fn blank(&mut self, result: CycleResult) -> CycleReport {
        let steps = self.run.steps.iter().filter_map(told);
        let adopted = std::mem::take(&mut self.adopted).into_iter().map(|text| ("step", text));
        CycleReport {
            bindings: std::mem::take(&mut self.bindings),
            drift: self.drift.iter().map(|drift| drift.kind).collect(),
            events: adopted.chain(self.drift.drain(..).map(changed_there)).chain(steps).collect(),
            steps: std::mem::take(&mut self.run.steps),
            pauses: (self.case.pauses != self.known_pauses).then(|| self.case.pauses.clone()),
            again: self.again,
            ..CycleReport::new(result, self.desired.subscription.generation)
        }
    }
}

/// The report of a cycle that could not begin, because there is no way to ask Mozy.
pub fn not_begun(case: &Case, why: String) -> CycleReport {
    let error = VendorError::Unreachable(why);
    CycleReport {
        findings: findings::unreachable(&error),
        verdicts: waiting_for_vendor(&case.desired, &case.agreed, &error),
        ..CycleReport::new(CycleResult::Failed, case.desired.subscription.generation)
    }
}

/// Whatever has not been in agreement at its generation waits for Mozy; what has been stays as it was said.
fn waiting_for_vendor(desired: &Desired, agreed: &BTreeMap<Uuid, i64>, error: &VendorError) -> Vec<Verdict> {
    let all = verdicts(desired, true, &Plan::default(), &BTreeMap::new()).into_iter();
    all.filter(|(thing, generation, _)| agreed.get(&thing.id()) < Some(generation))
        .map(|(thing, generation, _)| Verdict {
            thing,
            generation,
            blocked: Some((Reason::VendorUnreachable, error.to_string())),
        })
        .collect()
}

fn held(desired: &Desired, plan: &Plan) -> Vec<HeldPlan> {
    let renderer = Renderer::new(desired);
    let texts = |held: &Held| held.bundle.steps.iter().map(|step| renderer.step(step)).collect();
    plan.held.iter().map(|held| HeldPlan { held: held.clone(), texts: texts(held) }).collect()
}

/// OSA is told what its tasks wait for.
fn tell_why(verdicts: &mut [Verdict], why: &str) {
    for verdict in verdicts {
        if let Some((Reason::AsExpected, message)) = &mut verdict.blocked {
            message.clear();
            message.push_str(why);
        }
    }
}

/// What nobody wished for, as an event.
fn changed_there(drift: Drift) -> (&'static str, String) {
    ("drift", drift.text)
}

/// A step that was tried, as an event.
fn told(step: &StepReport) -> Option<(&'static str, String)> {
    let outcome = step.outcome.as_ref()?;
    let text = match outcome {
        Outcome::Done => step.text.clone(),
        Outcome::Rejected(why) | Outcome::NotDone(why) | Outcome::InDoubt(why) => {
            format!("{} ({}: {why})", step.text, outcome.as_str())
        }
    };
    Some(("step", text))
}
