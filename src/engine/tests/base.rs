//! The database in memory: wishes, entries of the ledger, what was seen. It can refuse a lease, lose the answer of its
//! own commits, and lets the killer in at every point where a process can die.

use super::killer::{Killer, Point};
use crate::domain::observed::Account;
use crate::domain::subscription::{Customers, Model};
use crate::domain::{Desired, StepId, SubscriptionId, Usage};
use crate::engine::bind::bind;
use crate::plan::guard::{Ask, Counted, Excess, Kept, Tally, WINDOW, Weight};
use crate::plan::pool::owed;
use crate::plan::{Call, Class, Held, Limits, Owed, Step, Subject};
use crate::ports::ledger::{Binding, Entry, Lease, Outcome};
use crate::ports::report::{Finding, Seen, Verdict};
use crate::ports::{Case, CycleReport, CycleResult, Ledger, LedgerError, Pause};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use uuid::Uuid;

/// One subscription's rows.
pub struct Row {
    pub desired: Desired,
    pub gone: BTreeSet<Uuid>,
    pub last: Option<Account>,
    pub machines_read_at: Option<DateTime<Utc>>,
    pub entries: Vec<Entry>,
    pub verdicts: BTreeMap<Uuid, Verdict>,
    pub findings: BTreeMap<crate::domain::ConditionType, Finding>,
    pub paused: bool,
    pub owed: Vec<Owed>,
    pub pauses: Vec<Pause>,
    /// What the guard holds.
    pub held: BTreeMap<Class, Held>,
    /// What OSA is told when it asks for the bill.
    pub usage: Option<Usage>,
    epoch: i64,
}

/// What the ledger does wrong next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lapse {
    /// Somebody else has the lease.
    LeaseLost,
    /// The commit is made, its answer lost.
    AnswerLost,
    /// The commit is not made.
    Down,
}

#[derive(Default)]
pub struct Tables {
    pub rows: BTreeMap<SubscriptionId, Row>,
    /// What goes wrong at which write: (`intend` or `settle`, of which kind of step, how many pass by first).
    pub lapse: Option<(&'static str, String, usize, Lapse)>,
    next: i64,
}

/// Clones are the same database.
#[derive(Clone, Default)]
pub struct Base {
    tables: Arc<Mutex<Tables>>,
    pub killer: Killer,
    clock: Option<crate::sim::mozy::MozySim>,
}

impl Base {
    pub fn new(clock: crate::sim::mozy::MozySim) -> Self {
        Self { clock: Some(clock), ..Self::default() }
    }

    pub fn lock(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap()
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.as_ref().unwrap().with(|world| world.now)
    }

    /// A new epoch, and everything a cycle begins with. `memory` is how long a done step still matters.
    pub fn claim(&self, id: SubscriptionId, memory: TimeDelta) -> (Lease, Case) {
        let now = self.now();
        let mut tables = self.lock();
        let model = model(&tables, id);
        let row = tables.rows.get_mut(&id).unwrap();
        row.epoch += 1;
        let matters = |entry: &&Entry| match &entry.outcome {
            None | Some(Outcome::InDoubt(_)) => true,
            Some(Outcome::Done) => now - entry.at < memory,
            Some(_) => false,
        };
        let agreed = row.verdicts.values().filter(|verdict| verdict.blocked.is_none());
        let case = Case {
            desired: loaded(row, model),
            last: row.last.clone(),
            machines_read_at: row.machines_read_at,
            entries: row.entries.iter().filter(matters).cloned().collect(),
            agreed: agreed.map(|verdict| (verdict.thing.id(), verdict.generation)).collect(),
            paused: row.paused,
            owed: row.owed.clone(),
            pauses: row.pauses.clone(),
            request: None,
        };
        (Lease { subscription: id, epoch: row.epoch }, case)
    }

    /// Keeps what a cycle found, as the store does.
    pub fn record(&self, lease: Lease, report: &CycleReport, began: DateTime<Utc>) {
        let mut tables = self.lock();
        let row = tables.rows.get_mut(&lease.subscription).unwrap();
        if report.result == CycleResult::LeaseLost || row.epoch != lease.epoch {
            return;
        }
        bind(&mut row.desired, &report.bindings);
        match &report.seen {
            Seen::Nothing => {}
            Seen::Absent => row.last = None,
            Seen::Account(account) => row.last = Some((**account).clone()),
        }
        if report.machines_read {
            row.machines_read_at = Some(began);
        }
        let verdicts = report.verdicts.iter().map(|verdict| (verdict.thing.id(), verdict.clone()));
        row.verdicts.extend(verdicts);
        // Of several of one kind the first is the worst.
        row.findings.extend(report.findings.iter().rev().map(|finding| (finding.kind, finding.clone())));
        if let Some(pauses) = &report.pauses {
            row.pauses.clone_from(pauses);
        }
        if let Some(found) = &report.held {
            row.held = found.iter().map(|one| (one.held.bundle.class, one.held.clone())).collect();
        }
        row.usage = report.usage.or(row.usage);
        row.gone.extend(report.gone.iter().map(|thing| thing.id()));
    }
}

/// What is gone is not loaded; when the subscription is removed, so is all in it.
fn loaded(row: &Row, model: Model) -> Desired {
    let mut desired = row.desired.clone();
    let all = desired.subscription.removed;
    desired.subscription.model = model;
    desired.groups.retain(|group| !row.gone.contains(&group.id.0));
    desired.users.retain(|user| !row.gone.contains(&user.id.0));
    desired.groups.iter_mut().for_each(|group| group.removed |= all);
    for user in &mut desired.users {
        user.removed |= all;
        user.licences.retain(|licence| !row.gone.contains(&licence.id.0));
        user.licences.iter_mut().for_each(|licence| licence.removed |= all);
    }
    desired
}

/// The model with what it must know of its neighbours now.
fn model(tables: &Tables, id: SubscriptionId) -> Model {
    let subscription = &tables.rows[&id].desired.subscription;
    match &subscription.model {
        Model::Direct => Model::Direct,
        Model::Reseller(_) => {
            let customers = tables.rows.values().filter(|row| {
                let of = &row.desired.subscription;
                matches!(of.model, Model::Customer(Some(reseller)) if reseller.id == id)
                    && !row.gone.contains(&of.id.0)
            });
            let want_sync = |row: &&Row| row.desired.subscription.sync && !row.desired.subscription.removed;
            let remaining = customers.clone().count() as i64;
            Model::Reseller(Customers { remaining, want_sync: customers.clone().any(|row| want_sync(&row)) })
        }
        Model::Customer(reseller) => Model::Customer(reseller.map(|mut reseller| {
            let theirs = &tables.rows[&reseller.id].desired.subscription;
            (reseller.partner, reseller.suspended, reseller.removed) =
                (theirs.partner, theirs.suspended, theirs.removed);
            reseller
        })),
    }
}

impl Row {
    pub fn new(desired: Desired) -> Self {
        Self {
            desired,
            gone: BTreeSet::new(),
            last: None,
            machines_read_at: None,
            entries: Vec::new(),
            verdicts: BTreeMap::new(),
            findings: BTreeMap::new(),
            paused: false,
            owed: Vec::new(),
            pauses: Vec::new(),
            held: BTreeMap::new(),
            usage: None,
            epoch: 0,
        }
    }

    pub fn open(&self) -> Vec<&Entry> {
        let open = |entry: &&Entry| matches!(entry.outcome, None | Some(Outcome::InDoubt(_)));
        self.entries.iter().filter(open).collect()
    }

    /// What the guard counts, as if there were no other account.
    fn counted(&self, now: DateTime<Utc>) -> Counted {
        let mut account = Tally::new();
        let spent = |entry: &&Entry| {
            matches!(entry.outcome, None | Some(Outcome::Done | Outcome::InDoubt(_)))
                && now - entry.at < TimeDelta::from_std(WINDOW).unwrap()
        };
        for step in self.entries.iter().filter(spent).map(|entry| &entry.step) {
            if let Some(class) = Class::of(&step.action) {
                let (sum, one) = (account.entry(class).or_default(), Weight::of(step));
                (sum.things, sum.accounts) = (sum.things + one.things, sum.accounts + one.accounts);
            }
        }
        let kept = |held: &Held| {
            let account = held.bundle.steps.iter().any(|step| step.subject == Subject::Account);
            Kept { excess: held.excess, account }
        };
        let held = self.held.iter().map(|(class, held)| (*class, kept(held))).collect();
        Counted { account, held, ..Counted::default() }
    }
}

impl Tables {
    fn held(&mut self, lease: Lease) -> Result<&mut Row, LedgerError> {
        let lost = LedgerError::LeaseLost(lease.subscription);
        self.rows.get_mut(&lease.subscription).filter(|row| row.epoch == lease.epoch).ok_or(lost)
    }

    fn lapses(&mut self, at: &'static str, kind: &str) -> Option<Lapse> {
        let (_, _, after, lapse) =
            self.lapse.as_mut().filter(|(place, of, ..)| *place == at && of == kind)?;
        if *after > 0 {
            *after -= 1;
            return None;
        }
        let lapse = *lapse;
        self.lapse = None;
        Some(lapse)
    }
}

fn down() -> LedgerError {
    LedgerError::Unavailable("the connection was cut".into())
}

impl Ledger for Base {
    async fn admit(
        &self,
        lease: Lease,
        ask: &Ask,
        limits: &Limits,
    ) -> Result<BTreeMap<Class, Excess>, LedgerError> {
        let now = self.now();
        let counted = self.lock().held(lease)?.counted(now);
        Ok(ask.judge(limits, &counted))
    }

    async fn intend(&self, lease: Lease, step: &Step, call: &Call) -> Result<StepId, LedgerError> {
        let kind = step.action.kind();
        self.killer.pass(kind, Point::BeforeIntent).await;
        let at = self.now();
        let written = {
            let mut tables = self.lock();
            let lapse = tables.lapses("intend", kind);
            match lapse {
                Some(Lapse::LeaseLost) => return Err(LedgerError::LeaseLost(lease.subscription)),
                Some(Lapse::Down) => return Err(down()),
                Some(Lapse::AnswerLost) | None => {}
            }
            tables.next += 1;
            let id = StepId(tables.next);
            let entry = Entry { id, step: step.clone(), call: call.clone(), outcome: None, at };
            tables.held(lease)?.entries.push(entry);
            if lapse.is_some() { Err(down()) } else { Ok(id) }
        };
        self.killer.pass(kind, Point::Intended).await;
        written
    }

    async fn settle(
        &self,
        lease: Lease,
        id: StepId,
        outcome: &Outcome,
        bindings: &[Binding],
    ) -> Result<(), LedgerError> {
        let kind = self.kind_of(lease, id);
        self.killer.pass(kind, Point::Answered).await;
        let written = {
            let mut tables = self.lock();
            let lapse = tables.lapses("settle", kind);
            match lapse {
                Some(Lapse::LeaseLost) => return Err(LedgerError::LeaseLost(lease.subscription)),
                Some(Lapse::Down) => return Err(down()),
                Some(Lapse::AnswerLost) | None => {}
            }
            let at = self.now();
            let row = tables.held(lease)?;
            let entry = row.entries.iter_mut().find(|entry| entry.id == id).unwrap();
            (entry.outcome, entry.at) = (Some(outcome.clone()), at);
            if *outcome == Outcome::Done {
                row.owed = owed::after(&row.owed, &entry.call).unwrap_or_else(|| row.owed.clone());
            }
            bind(&mut row.desired, bindings);
            if lapse.is_some() { Err(down()) } else { Ok(()) }
        };
        self.killer.pass(kind, Point::Settled).await;
        written
    }
}

impl Base {
    fn kind_of(&self, lease: Lease, id: StepId) -> &'static str {
        let tables = self.lock();
        let entries = &tables.rows[&lease.subscription].entries;
        entries.iter().find(|entry| entry.id == id).unwrap().step.action.kind()
    }
}
