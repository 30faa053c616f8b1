//! The cycle: look, settle doubts, plan, apply, and look again until nothing is left to do or something must be waited for.

mod guarded;
mod preview;
mod settling;

pub use preview::preview;

use super::adopt::adopt_all;
use super::apply::{Applier, Run, Stop, Undone};
use super::doubts;
use super::drift::{Drift, drift};
use super::flaps;
use super::learn::learn;
use super::observe::{Blind, Sight, observe};
use super::refused;
use super::resolve::Resolver;
use super::rules::Rules;
use crate::domain::Desired;
use crate::domain::condition::PAUSED;
use crate::domain::observed::Observed;
use crate::plan::{Plan, Policy, Step};
use crate::ports::ledger::{Binding, Entry, Lease, Outcome};
use crate::ports::look::Echo;
use crate::ports::{Case, CycleReport, Ledger, LedgerError, Pause, Vendor, VendorError};
use chrono::{DateTime, Utc};
use std::time::Duration;

/// A cycle looks, does and looks again at most so often; what is left then is another cycle's.
const PASSES: usize = 5;

/// How soon a cycle wants to look again at what it wrote and does not see yet.
pub(super) const SOON: Duration = Duration::from_millis(500);

/// Runs one cycle. Never fails: what went wrong stands in the report.
pub async fn cycle<V: Vendor, L: Ledger>(
    case: Case,
    lease: Lease,
    vendor: &V,
    ledger: &L,
    rules: &Rules,
    now: impl Fn() -> DateTime<Utc> + Send + Sync,
) -> CycleReport {
    let mut cycle = Cycle::new(case, lease, vendor, ledger, rules, now);
    for _ in 0..PASSES {
        match cycle.pass().await {
            Ok(Next::Again) => {}
            Ok(Next::Enough) => return cycle.report(),
            Err(end) => return cycle.ended(end),
        }
    }
    cycle.wants_again(SOON);
    cycle.report()
}

enum Next {
    Again,
    Enough,
}

pub(super) enum End {
    Vendor(VendorError),
    Ledger(LedgerError),
    /// What was read is of two moments, before and after a write of ours: it is looked at again soon.
    Torn,
}

/// A cycle on its way; [`super::report`] makes its report.
pub(super) struct Cycle<'a, V, L, C> {
    /// What it began with; entries and the last look are kept up to date.
    pub case: Case,
    /// The wishes, with the ids learned on the way.
    pub desired: Desired,
    pub sight: Option<Sight>,
    pub plan: Plan,
    policy: Policy,
    /// Whether anything was planned: not while a doubt must be waited for.
    pub planned: bool,
    pub run: Run,
    pub doubt: Option<String>,
    pub flaps: Vec<String>,
    /// Whether something was written so recently that it does not show yet.
    pub unsettled: bool,
    pub wrote: bool,
    pub again: Option<Duration>,
    pub bindings: Vec<Binding>,
    /// What was unmanaged and is ours now, for people.
    pub adopted: Vec<String>,
    pub drift: Vec<Drift>,
    /// What was left alone when it began.
    pub known_pauses: Vec<Pause>,
    lease: Lease,
    vendor: &'a V,
    ledger: &'a L,
    rules: &'a Rules,
    now: C,
    tried: Vec<Step>,
}

impl<'a, V: Vendor, L: Ledger, C: Fn() -> DateTime<Utc>> Cycle<'a, V, L, C> {
    fn new(case: Case, lease: Lease, vendor: &'a V, ledger: &'a L, rules: &'a Rules, now: C) -> Self {
        let (sight, plan, policy, run, doubt, flaps, again, bindings, drift, tried) = Default::default();
        let (planned, unsettled, wrote, adopted) = Default::default();
        let (desired, known_pauses) = (case.desired.clone(), case.pauses.clone());
        Self {
            case,
            desired,
            sight,
            plan,
            policy,
            planned,
            run,
            doubt,
            flaps,
            unsettled,
            wrote,
            again,
            bindings,
            adopted,
            drift,
            known_pauses,
            lease,
            vendor,
            ledger,
            rules,
            now,
            tried,
        }
    }

    fn wants_again(&mut self, wait: Duration) {
        self.again = Some(self.again.map_or(wait, |sooner| sooner.min(wait)));
    }

    async fn pass(&mut self) -> Result<Next, End> {
        let now = (self.now)();
        let sight = match observe(self.vendor, &self.case, &self.desired, now).await {
            Err(Blind::Torn(_)) if self.wrote_lately(now) => return Err(End::Torn),
            sight => sight.map_err(|blind| End::Vendor(blind.error()))?,
        };
        if let Observed::Present(account) = &sight.observed {
            self.case.last = Some((**account).clone());
            self.case.machines_read_at =
                if sight.machines_read { Some(now) } else { self.case.machines_read_at };
        }
        self.bindings.extend(learn(&mut self.desired, &sight.observed));
        if self.rules.adopt && self.quiet().is_none() {
            let (mut bindings, mut adopted) = adopt_all(&mut self.desired, &sight.observed);
            self.bindings.append(&mut bindings);
            self.adopted.append(&mut adopted);
        }
        self.again = None;
        let waits = self.settle_doubts(&sight.observed).await?;
        if !waits {
            self.draft(&sight, now);
            self.guard(&sight.observed, now).await?;
        }
        self.sight = Some(sight);
        if waits { Ok(Next::Enough) } else { self.act().await }
    }

    fn draft(&mut self, sight: &Sight, now: DateTime<Utc>) {
        let times = (now, self.rules.settle());
        let unsettled = doubts::unsettled(&self.case.entries, &self.desired, &sight.observed, times);
        // Numbers from before a write that the lists show already would stay until the next look.
        self.unsettled = !unsettled.is_empty() || (self.wrote_lately(now) && !sight.adds_up());
        self.policy = self.rules.policy(unsettled, &self.case.owed, sight.admin_taken);
        let (entries, pauses, times) =
            (&self.case.entries, &mut self.case.pauses, (now, self.rules.flap_pause()));
        (self.plan, self.flaps) =
            flaps::plan(&self.desired, &sight.observed, &self.policy, entries, pauses, times);
        self.planned = true;
        if self.plan.is_agreement() && self.flaps.is_empty() {
            // What an earlier pass could not do is not wanted any more, or has been found done.
            self.run.failed.clear();
        }
        if self.unsettled {
            self.wants_again(SOON);
        }
    }

    async fn act(&mut self) -> Result<Next, End> {
        if self.plan.steps.is_empty() || self.only_looks() {
            return Ok(Next::Enough);
        }
        if !self.wrote {
            self.drift.extend(drift(&self.desired, &self.plan, &self.case.agreed));
        }
        let mut run = self.apply().await;
        let done: Vec<&Entry> =
            run.entries.iter().filter(|entry| entry.outcome == Some(Outcome::Done)).collect();
        done.iter().for_each(|entry| self.owe(&entry.call));
        let done = !done.is_empty();
        self.wrote |= !run.entries.is_empty();
        for entry in &run.entries {
            let why = run.failed.get(&entry.step.subject).cloned();
            let wait = refused::remember(&mut self.case.pauses, &self.desired, entry, why);
            if let Some(wait) = wait.and_then(|wait| wait.to_std().ok()) {
                self.wants_again(wait);
            }
        }
        self.case.entries.append(&mut run.entries);
        let stop = run.stop.take();
        self.run = run;
        match stop {
            Some(Stop::Ledger(error)) => Err(End::Ledger(error)),
            Some(Stop::Vendor(error)) => Err(End::Vendor(error)),
            Some(Stop::Doubt) => {
                self.doubt = self.case.entries.last().map(|entry| doubts::message(entry).1);
                self.wants_again(SOON);
                Ok(Next::Enough)
            }
            None if done || (self.run.blocked && self.plan.steps != self.tried) => {
                self.tried.clone_from(&self.plan.steps);
                Ok(Next::Again)
            }
            None => Ok(Next::Enough),
        }
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        (self.now)()
    }

    /// What was heard from Mozy so far.
    pub(super) fn heard(&self) -> Option<Echo> {
        self.vendor.echo()
    }

    /// Why nothing may be written at Mozy.
    pub(super) fn quiet(&self) -> Option<&str> {
        if self.case.paused { Some(PAUSED) } else { self.rules.observe_only.as_deref() }
    }

    async fn apply(&mut self) -> Run {
        let (now, settle) = ((self.now)(), self.rules.settle());
        let (refused, soonest) = refused::waiting(&self.plan, &self.desired, &self.case.pauses, now);
        if let Some(left) = soonest.and_then(|left| left.to_std().ok()) {
            self.wants_again(left);
        }
        let account = self.sight.as_ref().and_then(|sight| sight.observed.account());
        let lately = self.case.entries.iter().filter(|entry| now - entry.at < settle);
        let resolver = Resolver::new(self.vendor, &mut self.desired, account, lately);
        let applier = Applier {
            ledger: self.ledger,
            lease: self.lease,
            now: &self.now,
            exists: account.is_some(),
            resolver,
            refused,
            run: Run { steps: std::mem::take(&mut self.run.steps), ..Run::default() },
            undone: Undone::default(),
        };
        applier.apply(&self.plan).await
    }
}
