//! The least daemon there can be: it claims, runs one cycle, records, and waits as long as the report says.

use super::agreement::differences;
use super::base::{Base, Row};
use super::door::Door;
use super::killer::run;
use crate::domain::{ConditionType, Desired, SubscriptionId};
use crate::engine::{Rules, cycle};
use crate::plan::render::Renderer;
use crate::ports::report::Finding;
use crate::ports::{CycleReport, CycleResult};
use crate::sim::mozy::switches::ReadYourWrites;
use crate::sim::mozy::{Clock, MozyPort, MozySim, SimConfig, Switches};
use chrono::{DateTime, TimeDelta, Utc};
use std::time::Duration;

/// How often a subscription is looked at when nothing is to be done.
pub const INTERVAL: TimeDelta = TimeDelta::minutes(15);

/// How long after a cycle that failed the next one comes.
const RETRY: TimeDelta = TimeDelta::seconds(5);

/// How long a call takes.
const PACE: TimeDelta = TimeDelta::milliseconds(5);

/// Everything there is: Mozy, the database, the wishes.
pub struct World {
    pub sim: MozySim,
    pub base: Base,
    pub door: Door,
    pub rules: Rules,
}

impl World {
    pub fn new(switches: Switches) -> Self {
        let start: DateTime<Utc> = "2026-01-01T00:00:00Z".parse().unwrap();
        let sim = MozySim::new(SimConfig {
            switches,
            clock: Clock::Manual(start),
            first_id: (1 << 33) + 1,
            log_capacity: 0,
            ..SimConfig::default()
        });
        let base = Base::new(sim.clone());
        let port = MozyPort::new(sim.clone()).with_pace(PACE);
        let door = Door::new(sim.clone(), port, base.killer.clone());
        let rules = Rules {
            settle: Duration::from_secs(60),
            flap_pause: Duration::from_secs(24 * 3600),
            ..Rules::default()
        };
        Self { sim, base, door, rules }
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.sim.with(|world| world.now)
    }

    /// A new subscription, ordered and not yet made.
    pub fn order(&self, desired: Desired) -> SubscriptionId {
        let id = desired.subscription.id;
        self.base.lock().rows.insert(id, Row::new(desired));
        id
    }

    /// Changes a wish; whatever is different afterwards has a new generation.
    pub fn wish(&self, id: SubscriptionId, change: impl FnOnce(&mut Desired)) {
        let mut tables = self.base.lock();
        let desired = &mut tables.rows.get_mut(&id).unwrap().desired;
        let before = desired.clone();
        change(desired);
        if *desired == before {
            return;
        }
        let generation = before.subscription.generation + 1;
        desired.subscription.generation = generation;
        for group in &mut desired.groups {
            if !before.groups.contains(group) {
                group.generation = generation;
            }
        }
        for user in &mut desired.users {
            let old = before.users.iter().find(|old| old.id == user.id);
            if old != Some(user) {
                user.generation = generation;
            }
            for licence in &mut user.licences {
                if !old.is_some_and(|old| old.licences.contains(licence)) {
                    licence.generation = generation;
                }
            }
        }
    }

    pub fn desired(&self, id: SubscriptionId) -> Desired {
        self.base.lock().rows[&id].desired.clone()
    }

    pub fn finding(&self, id: SubscriptionId, kind: ConditionType) -> Finding {
        self.base.lock().rows[&id].findings[&kind].clone()
    }

    pub fn ids(&self) -> Vec<SubscriptionId> {
        let tables = self.base.lock();
        let gone = |row: &&Row| row.gone.contains(&row.desired.subscription.id.0);
        tables.rows.iter().filter(|(_, row)| !gone(row)).map(|(id, _)| *id).collect()
    }

    fn memory(&self) -> TimeDelta {
        TimeDelta::from_std(self.rules.settle.max(self.rules.flap_pause)).unwrap()
    }

    /// One cycle; `None` when it was killed, and then nothing of it is recorded.
    pub fn try_cycle(&self, id: SubscriptionId) -> Option<CycleReport> {
        let (lease, case) = self.base.claim(id, self.memory());
        let began = self.now();
        let now = || self.now();
        let report = run(&self.base.killer, cycle(case, lease, &self.door, &self.base, &self.rules, now));
        match &report {
            Some(report) => self.base.record(lease, report, began),
            None => drop(self.base.killer.revive()),
        }
        report
    }

    pub fn cycle(&self, id: SubscriptionId) -> CycleReport {
        self.try_cycle(id).expect("nobody was to kill it")
    }

    /// Cycles until nothing more is done or waited for, killed ones among them.
    pub fn run(&self) {
        self.run_for(400);
    }

    /// The same, with so many rounds at most.
    pub fn run_for(&self, rounds: usize) {
        let mut quiet = 0;
        for _ in 0..rounds {
            let mut wait: Option<TimeDelta> = None;
            for id in self.ids() {
                if let Some(soon) = self.try_cycle(id).map_or(Some(RETRY), |report| wants(&report)) {
                    wait = Some(wait.map_or(soon, |other| other.min(soon)));
                }
            }
            quiet = if wait.is_none() && self.sim.pending() == 0 { quiet + 1 } else { 0 };
            // What one subscription did may concern another.
            if quiet == 2 {
                return;
            }
            self.sim.advance(wait.unwrap_or(RETRY));
        }
        panic!("it does not come to rest:\n{}", self.story());
    }

    /// Ten more cycles of everything write nothing and plan nothing new.
    pub fn assert_still(&self) {
        self.assert_still_for(10);
    }

    pub fn assert_still_for(&self, cycles: usize) {
        let before = (self.door.writes(), self.sim.counters().writes);
        for _ in 0..cycles {
            self.sim.advance(INTERVAL);
            for id in self.ids() {
                let report = self.cycle(id);
                assert!(report.steps.is_empty(), "{:?}\n{}", report.steps, self.story());
                assert_ne!(report.result, CycleResult::Failed, "{:?}", report.findings);
            }
        }
        assert_eq!((self.door.writes(), self.sim.counters().writes), before, "{:?}", self.door.take_writes());
        let tables = self.base.lock();
        let open: Vec<_> = tables.rows.values().flat_map(Row::open).collect();
        assert!(open.is_empty(), "{open:?}");
    }

    /// The simulator has what is wished, and is in health.
    pub fn assert_agreement(&self) {
        assert_eq!(differences(self), Vec::<String>::new(), "\n{}", self.story());
        assert_eq!(self.sim.check(), Vec::<String>::new());
    }

    /// Exactly these writes since last asked, in this order; where reads lag, in any.
    pub fn assert_writes(&self, expected: &[&str]) {
        let written = self.door.take_writes();
        let (mut left, mut right) = (written.clone(), expected.to_vec());
        if self.sim.switches().read_your_writes != ReadYourWrites::AtOnce {
            left.sort_unstable();
            right.sort_unstable();
        }
        assert_eq!(left, right, "\nwritten:\n{}\n", written.join("\n"));
    }

    /// What the subscriptions still want, for the message of a failure.
    pub fn story(&self) -> String {
        let tables = self.base.lock();
        let mut story = String::new();
        for row in tables.rows.values() {
            let renderer = Renderer::new(&row.desired);
            let entries = row.entries.iter().rev().take(25).rev();
            let lines = entries.map(|entry| {
                format!("  {} {:?} {:?}\n", entry.at, renderer.step(&entry.step), entry.outcome)
            });
            let findings = row.findings.values().filter(|finding| !finding.message.is_empty());
            let findings = findings.map(|finding| {
                format!("  {} {} {}: {}\n", finding.kind, finding.status, finding.reason, finding.message)
            });
            story.push_str(&format!("{}:\n", row.desired.subscription.company));
            story.extend(lines.chain(findings));
        }
        story
    }
}

/// When it wants to be called again, if not at the ordinary interval.
fn wants(report: &CycleReport) -> Option<TimeDelta> {
    let again = report.again.map(|again| TimeDelta::from_std(again).unwrap());
    match report.result {
        CycleResult::Failed | CycleResult::LeaseLost => Some(again.unwrap_or(RETRY)),
        CycleResult::Changed => Some(again.unwrap_or(TimeDelta::zero())),
        CycleResult::Agreed | CycleResult::Waiting | CycleResult::Held => again,
    }
}

/// Runs a case under every value of every switch, and under mixtures of them; where it ends, it stays.
pub fn under_every_switch(case: impl Fn(&World)) {
    let mixtures = (1..=3).map(|seed| ("a mixture", super::switches::mixed(seed)));
    for (name, switches) in super::switches::each().into_iter().chain(mixtures) {
        let world = World::new(switches);
        let case = std::panic::AssertUnwindSafe(|| {
            case(&world);
            let both = switches.read_your_writes != ReadYourWrites::AtOnce || switches == Switches::default();
            world.assert_still_for(if both { 10 } else { 2 });
        });
        if let Err(panic) = std::panic::catch_unwind(case) {
            eprintln!("under: {name} ({switches:?})");
            std::panic::resume_unwind(panic);
        }
    }
}
