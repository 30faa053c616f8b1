//! The cycle: look, settle doubts, plan, apply, and look again until nothing is left to do or something must be waited for.

use super::apply::{Applier, Run, Stop, bind};
use super::doubts::{self, Finding};
use super::findings;
use super::observe::{Sight, observe};
use crate::domain::observed::{Account, Observed};
use crate::domain::{Desired, Reason, Thing};
use crate::plan::guard::Limits;
use crate::plan::matching::Matching;
use crate::plan::render::Renderer;
use crate::plan::verdict::verdicts;
use crate::plan::{self, Class, Plan, Policy, Subject};
use crate::ports::ledger::{Binding, Entry, Lease, Outcome};
use crate::ports::report::{CycleReport, CycleResult, Seen, StepReport, Unmanaged, Verdict};
use crate::ports::{Case, Ledger, LedgerError, Vendor, VendorError};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// A cycle looks, does and looks again at most so often; what is left then is another cycle's.
const PASSES: usize = 5;

/// How soon a cycle wants to look again at what it wrote and does not see yet.
const SOON: Duration = Duration::from_millis(500);

/// A step that was done so often and came back is a flap.
const FLAP_TIMES: usize = 2;

/// What every cycle must keep to.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// The guard's limits.
    pub limits: Limits,
    /// What was done lately of each class, for the guard.
    pub spent: plan::guard::Tally,
    /// Classes that an operator released.
    pub released: BTreeSet<Class>,
    /// How long a write that may have happened is left alone, and a read may be older than a write.
    pub settle: Duration,
    /// How long a flapping field is left alone after its last correction.
    pub flap_pause: Duration,
    /// Look and plan only.
    pub observe_only: bool,
}

impl Rules {
    fn settle(&self) -> TimeDelta {
        TimeDelta::from_std(self.settle).unwrap_or(TimeDelta::MAX)
    }
}

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
            Ok(Next::Enough) => break,
            Err(end) => return cycle.ended(end),
        }
    }
    cycle.report()
}

/// What a cycle would do now: looks, and writes nothing anywhere.
///
/// # Errors
/// When Mozy cannot be read.
pub async fn preview<V: Vendor>(
    case: &Case,
    vendor: &V,
    rules: &Rules,
    now: DateTime<Utc>,
) -> Result<(Sight, Desired, Plan), VendorError> {
    let mut desired = case.desired.clone();
    let sight = observe(vendor, case, &desired, now).await?;
    learn(&mut desired, &sight.observed);
    let unsettled = doubts::unsettled(&case.entries, &desired, &sight.observed, (now, rules.settle()));
    let plan = plan::plan(&desired, &sight.observed, &policy(rules, unsettled, sight.admin_taken));
    Ok((sight, desired, plan))
}

fn policy(rules: &Rules, unsettled: BTreeSet<Subject>, admin_taken: bool) -> Policy {
    Policy {
        limits: rules.limits.clone(),
        spent: rules.spent.clone(),
        released: rules.released.clone(),
        unsettled,
        admin_taken,
    }
}

enum Next {
    Again,
    Enough,
}

enum End {
    Vendor(VendorError),
    Ledger(LedgerError),
}

struct Cycle<'a, V, L, C> {
    case: Case,
    desired: Desired,
    entries: Vec<Entry>,
    lease: Lease,
    vendor: &'a V,
    ledger: &'a L,
    rules: &'a Rules,
    now: C,
    sight: Option<Sight>,
    plan: Plan,
    run: Run,
    doubt: Option<String>,
    flaps: Vec<String>,
    wrote: bool,
    again: Option<Duration>,
    bindings: Vec<Binding>,
    drift: Vec<&'static str>,
}

impl<'a, V: Vendor, L: Ledger, C: Fn() -> DateTime<Utc>> Cycle<'a, V, L, C> {
    fn new(case: Case, lease: Lease, vendor: &'a V, ledger: &'a L, rules: &'a Rules, now: C) -> Self {
        Self {
            desired: case.desired.clone(),
            entries: case.entries.clone(),
            case,
            lease,
            vendor,
            ledger,
            rules,
            now,
            sight: None,
            plan: Plan::default(),
            run: Run::default(),
            doubt: None,
            flaps: Vec::new(),
            wrote: false,
            again: None,
            bindings: Vec::new(),
            drift: Vec::new(),
        }
    }

    async fn pass(&mut self) -> Result<Next, End> {
        let now = (self.now)();
        let sight = observe(self.vendor, &self.case, &self.desired, now).await.map_err(End::Vendor)?;
        if let Observed::Present(account) = &sight.observed {
            self.case.last = Some((**account).clone());
            self.case.machines_read_at =
                if sight.machines_read { Some(now) } else { self.case.machines_read_at };
        }
        self.bindings.extend(learn(&mut self.desired, &sight.observed));
        if self.settle_doubts(&sight.observed).await? {
            self.sight = Some(sight);
            return Ok(Next::Enough);
        }
        let times = (now, self.rules.settle());
        let unsettled = doubts::unsettled(&self.entries, &self.desired, &sight.observed, times);
        self.plan =
            plan::plan(&self.desired, &sight.observed, &policy(self.rules, unsettled, sight.admin_taken));
        self.leave_flaps_alone(now);
        self.sight = Some(sight);
        self.act().await
    }

    /// Settles what can be settled; true while something must be waited for, and then nothing may be written.
    async fn settle_doubts(&mut self, observed: &Observed) -> Result<bool, End> {
        let times = ((self.now)(), self.rules.settle());
        self.doubt = None;
        for at in 0..self.entries.len() {
            if !doubts::is_open(&self.entries[at]) {
                continue;
            }
            match doubts::decide(&self.entries[at], &self.desired, observed, times) {
                Finding::Wait(left) => {
                    self.doubt = Some(doubts::message(&self.entries[at]).1);
                    let left = left.to_std().unwrap_or(SOON);
                    self.again = Some(self.again.map_or(left, |sooner| sooner.min(left)).max(SOON));
                }
                Finding::Settled(outcome, bindings) => {
                    let id = self.entries[at].id;
                    self.ledger.settle(self.lease, id, &outcome, &bindings).await.map_err(End::Ledger)?;
                    bindings.iter().for_each(|binding| bind(&mut self.desired, binding));
                    self.entries[at].outcome = Some(outcome);
                }
            }
        }
        Ok(self.doubt.is_some())
    }

    /// A step that was done often enough and is planned again is left alone for a while, and named.
    fn leave_flaps_alone(&mut self, now: DateTime<Utc>) {
        let repeats = doubts::flapping(&self.entries, FLAP_TIMES);
        let pause = TimeDelta::from_std(self.rules.flap_pause).unwrap_or(TimeDelta::MAX);
        let desired = &self.desired;
        let mut flaps = Vec::new();
        self.plan.steps.retain(|step| {
            let key = (step.subject, serde_json::to_string(&step.action).unwrap_or_default());
            let flaps_now = repeats.get(&key).is_some_and(|(_, last)| now - *last < pause);
            if flaps_now {
                flaps
                    .push(format!("{} comes back after every correction", Renderer::new(desired).step(step)));
            }
            !flaps_now
        });
        self.flaps = flaps;
    }

    async fn act(&mut self) -> Result<Next, End> {
        if !self.plan.waiting.is_empty() {
            self.again = Some(SOON);
        }
        if self.plan.steps.is_empty() || self.rules.observe_only || self.case.paused {
            return Ok(Next::Enough);
        }
        self.count_drift();
        let account = self.sight.as_ref().and_then(|sight| sight.observed.account()).cloned();
        let applier = Applier {
            vendor: self.vendor,
            ledger: self.ledger,
            lease: self.lease,
            now: &self.now,
            account: account.as_ref(),
            run: Run { steps: std::mem::take(&mut self.run.steps), ..Run::default() },
        };
        let mut run = applier.apply(&mut self.desired, &self.plan).await;
        let done = run.entries.iter().any(|entry| entry.outcome == Some(Outcome::Done));
        self.wrote |= !run.entries.is_empty();
        self.entries.append(&mut run.entries);
        let stop = run.stop.take();
        self.run = run;
        match stop {
            Some(Stop::Ledger(error)) => Err(End::Ledger(error)),
            Some(Stop::Vendor(error)) => Err(End::Vendor(error)),
            Some(Stop::Doubt) => {
                self.doubt = self.entries.last().map(|entry| doubts::message(entry).1);
                self.again = Some(SOON);
                Ok(Next::Enough)
            }
            None if done => Ok(Next::Again),
            None => Ok(Next::Enough),
        }
    }

    /// A difference in what was in agreement, at a generation that was in agreement, is nobody's wish.
    fn count_drift(&mut self) {
        let agreed = |id: uuid::Uuid, generation: i64| self.case.agreed.get(&id) >= Some(&generation);
        let subscription = &self.desired.subscription;
        let drifted = self.plan.steps.iter().filter(|step| match step.subject {
            Subject::User(id) => self.desired.users.iter().any(|u| u.id == id && agreed(id.0, u.generation)),
            Subject::Group(id) => {
                self.desired.groups.iter().any(|g| g.id == id && agreed(id.0, g.generation))
            }
            Subject::Licence(id) => {
                let mut all = self.desired.users.iter().flat_map(|user| &user.licences);
                all.any(|licence| licence.id == id && agreed(id.0, licence.generation))
            }
            Subject::Account | Subject::Pool(_) | Subject::MozyGroup(_) => {
                agreed(subscription.id.0, subscription.generation)
            }
        });
        let kinds: Vec<&'static str> = drifted.map(|step| step.action.kind()).collect();
        if !self.wrote {
            self.drift.extend(kinds);
        }
    }

    /// The report of a cycle that ran to its end.
    fn report(mut self) -> CycleReport {
        let failed: Vec<(Reason, String)> = self.run.failed.values().cloned().collect();
        let observed = self.sight.take().map(|sight| (sight.observed, sight.machines_read));
        let (observed, machines_read) = observed.unwrap_or((Observed::Absent, false));
        let mut report = self.blank(self.result());
        report.machines_read = machines_read;
        report.findings = findings::of_plan(
            observed.account().is_some(),
            &self.plan,
            failed,
            self.doubt.clone(),
            &self.flaps,
        );
        report.usage = match &observed {
            Observed::Present(account) => Some(plan::usage::usage(&self.desired, account)),
            _ => Some(Default::default()),
        };
        report.unmanaged =
            Some(observed.account().map(|account| unmanaged(&self.desired, account)).unwrap_or_default());
        if self.doubt.is_none() {
            report.gone = gone(&self.desired, &observed, &self.plan);
            report.verdicts = verdicts(&self.desired, &self.plan, &self.run.failed)
                .into_iter()
                .map(|(thing, generation, blocked)| Verdict { thing, generation, blocked })
                .collect();
        }
        report.seen = match observed {
            Observed::Present(account) => Seen::Account(account),
            Observed::Absent => Seen::Absent,
            Observed::Unknown { .. } => Seen::Nothing,
        };
        report
    }

    fn result(&self) -> CycleResult {
        if !self.plan.held.is_empty() {
            CycleResult::Held
        } else if self.doubt.is_some() || !self.plan.waiting.is_empty() {
            CycleResult::Waiting
        } else if !self.run.failed.is_empty() {
            CycleResult::Failed
        } else if !self.plan.refusals.is_empty() || !self.plan.steps.is_empty() {
            CycleResult::Waiting
        } else if self.wrote {
            CycleResult::Changed
        } else {
            CycleResult::Agreed
        }
    }

    /// The report of a cycle that could not go on: nothing is said of what was not seen.
    fn ended(mut self, end: End) -> CycleReport {
        match end {
            End::Ledger(LedgerError::LeaseLost(_)) => self.blank(CycleResult::LeaseLost),
            End::Ledger(error) => {
                let mut report = self.blank(CycleResult::Failed);
                report.events.push(("failure", error.to_string()));
                report
            }
            End::Vendor(error) => {
                let mut report = self.blank(CycleResult::Failed);
                report.findings = findings::unreachable(&error);
                report.verdicts = self.waiting_for_vendor(&error);
                if let VendorError::Throttled { retry_after } = error {
                    report.again = Some(retry_after.unwrap_or(SOON));
                }
                report
            }
        }
    }

    /// Whatever has not been in agreement at its generation waits for Mozy; what has been stays as it was said.
    fn waiting_for_vendor(&self, error: &VendorError) -> Vec<Verdict> {
        let plan = Plan::default();
        let all = verdicts(&self.desired, &plan, &BTreeMap::new()).into_iter();
        all.filter(|(thing, generation, _)| self.case.agreed.get(&thing.id()) < Some(generation))
            .map(|(thing, generation, _)| Verdict {
                thing,
                generation,
                blocked: Some((Reason::VendorUnreachable, error.to_string())),
            })
            .collect()
    }

    fn blank(&mut self, result: CycleResult) -> CycleReport {
        CycleReport {
            result,
            generation: self.desired.subscription.generation,
            seen: Seen::Nothing,
            machines_read: false,
            usage: None,
            findings: Vec::new(),
            verdicts: Vec::new(),
            gone: Vec::new(),
            bindings: std::mem::take(&mut self.bindings),
            unmanaged: None,
            drift: std::mem::take(&mut self.drift),
            events: self.run.steps.iter().filter_map(told).collect(),
            steps: std::mem::take(&mut self.run.steps),
            again: self.again,
        }
    }
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

/// Takes in the ids that a look shows: of what carries our number, and of the default group.
fn learn(desired: &mut Desired, observed: &Observed) -> Vec<Binding> {
    let Observed::Present(account) = observed else { return Vec::new() };
    let bindings = learned(desired, account);
    bindings.iter().for_each(|binding| bind(desired, binding));
    bindings
}

fn learned(desired: &Desired, account: &Account) -> Vec<Binding> {
    use crate::domain::subscription::Model;
    let mut found = Vec::new();
    let subscription = &desired.subscription;
    let customer = matches!(subscription.model, Model::Customer(_));
    let home =
        if customer { account.groups.first().map(|g| g.group.id) } else { account.partner.default_group };
    if !customer && subscription.partner != Some(account.partner.id) {
        found.push(Binding::Partner(Some(account.partner.id)));
    }
    if subscription.home_group != home {
        found.push(Binding::HomeGroup(home));
    }
    let matching = Matching::new(desired, account);
    let groups = matching.groups.iter().filter_map(|(want, have)| Some((want, have.as_ref()?)));
    found.extend(
        groups.filter(|(want, _)| want.mozy_id.is_none()).map(|(w, h)| Binding::Group(w.id, Some(h.id))),
    );
    for user in &matching.users {
        if let (None, Some(have)) = (user.want.mozy_id, user.have) {
            found.push(Binding::User(user.want.id, Some(have.id)));
        }
        let keys = user.licences.iter().filter_map(|(want, have)| Some((want, have.as_ref()?)));
        found.extend(
            keys.filter(|(want, _)| want.key.is_none())
                .map(|(w, h)| Binding::Licence(w.id, Some(h.key.clone()))),
        );
    }
    found
}

/// What has a tombstone and is not at Mozy any more, and nothing is left to be done about it.
fn gone(desired: &Desired, observed: &Observed, plan: &Plan) -> Vec<Thing> {
    let busy = |subject: Subject| {
        plan.steps.iter().chain(&plan.held).any(|step| step.subject == subject)
            || plan.waiting.contains(&subject)
    };
    let account = match observed {
        Observed::Unknown { .. } => return Vec::new(),
        Observed::Absent if desired.subscription.removed && !busy(Subject::Account) => {
            return vec![Thing::Tenant(desired.subscription.id)];
        }
        Observed::Absent => None,
        Observed::Present(account) => Some(account),
    };
    let imagined = plan::account::imagine(desired);
    let matching = Matching::new(desired, account.map_or(&imagined, |account| account));
    let mut gone = Vec::new();
    for user in &matching.users {
        let licences: Vec<Thing> = user
            .licences
            .iter()
            .filter(|(want, have)| want.removed && have.is_none() && !busy(Subject::Licence(want.id)))
            .map(|(want, _)| Thing::Licence(want.id))
            .collect();
        let all_licences = licences.len() == user.licences.len();
        if user.want.removed && user.have.is_none() && all_licences && !busy(Subject::User(user.want.id)) {
            gone.push(Thing::User(user.want.id));
        }
        gone.extend(licences);
    }
    let groups = matching.groups.iter().filter(|(want, have)| want.removed && have.is_none());
    gone.extend(
        groups.filter(|(want, _)| !busy(Subject::Group(want.id))).map(|(want, _)| Thing::Group(want.id)),
    );
    gone
}

fn unmanaged(desired: &Desired, account: &Account) -> Vec<Unmanaged> {
    let matching = Matching::new(desired, account);
    let groups =
        matching.unmanaged_groups.iter().map(|group| ("group", group.id.to_string(), group.name.clone()));
    let users =
        matching.unmanaged_users.iter().map(|user| ("user", user.id.to_string(), user.username.clone()));
    let licences = matching
        .unmanaged_licences
        .iter()
        .map(|l| ("licence", l.key.to_string(), l.email.clone().unwrap_or_else(|| l.kind.to_string())));
    groups
        .chain(users)
        .chain(licences)
        .map(|(kind, mozy_id, name)| Unmanaged { kind, mozy_id, name })
        .collect()
}
