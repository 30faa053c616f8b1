//! The first door, in process: one handle on the simulator, cheap to clone.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::TimeDelta;
use serde_json::{Value as Json, json};

use super::{
    bind::bind,
    clock::Clock,
    core::{Activation, CallEntry, Change, Core, Counters, Ledger},
    disturb::FaultRule,
    fault::Fault,
    operation::Operation,
    switches::{ArgumentBinding, Switches},
    value::{Parts, Value},
    world::{Mail, World},
};

/// How a simulator starts.
#[derive(Clone)]
pub struct SimConfig {
    /// The root partner's key; without one, made from the seed.
    pub api_key: Option<String>,
    /// The seed of keystrings and keys.
    pub seed: u64,
    /// The first id. Above 2³² it proves that ids are 64 bit.
    pub first_id: i64,
    /// The unknowns, as at start.
    pub switches: Switches,
    /// Where the time comes from.
    pub clock: Clock,
    /// How many calls the log keeps.
    pub log_capacity: usize,
}

impl Default for SimConfig {
    fn default() -> SimConfig {
        SimConfig {
            api_key: None,
            seed: 1,
            first_id: 1001,
            switches: Switches::default(),
            clock: Clock::Running(TimeDelta::zero()),
            log_capacity: 100_000,
        }
    }
}

/// A Mozy of one's own. Clones are the same Mozy.
#[derive(Clone)]
pub struct MozySim(Arc<Mutex<Core>>);

impl Default for MozySim {
    fn default() -> MozySim {
        MozySim::new(SimConfig::default())
    }
}

impl MozySim {
    /// A world with a root partner, its admin, role and key.
    pub fn new(config: SimConfig) -> MozySim {
        MozySim(Arc::new(Mutex::new(Core::new(config))))
    }

    pub(super) fn core(&self) -> MutexGuard<'_, Core> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn up_to_date(&self) -> MutexGuard<'_, Core> {
        let mut core = self.core();
        core.catch_up();
        core
    }

    /// The root partner's api key.
    pub fn api_key(&self) -> String {
        self.core().api_key.clone()
    }

    /// The partner that key belongs to.
    pub fn root_partner_id(&self) -> i64 {
        self.core().root_partner_id
    }

    /// The role of root admins.
    pub fn root_role_id(&self) -> i64 {
        self.core().root_role_id
    }

    /// Another key, for a partner and the tree below it; without one given, a new one.
    pub fn add_key(&self, partner_id: i64, api_key: Option<String>) -> Result<String, Fault> {
        self.up_to_date().add_key(partner_id, api_key)
    }

    /// One call of `service.Method`, as if over the wire: counted, logged and struck by faults.
    pub fn call(&self, api_key: &str, operation: &str, parts: Parts) -> Result<Value, Fault> {
        let operation = Operation::find(operation)?;
        self.core().perform(api_key, operation, parts, false).into_result()
    }

    /// The same operations by hand in Mozy's own control panel: across all partners, unlogged, never disturbed.
    pub fn panel(&self, operation: &str, parts: Parts) -> Result<Value, Fault> {
        let operation = Operation::find(operation)?;
        let values = bind(operation, parts, ArgumentBinding::ByName)?.into();
        let mut core = self.core();
        let scope = core.house;
        core.change(Change::Call { scope, operation, values })
    }

    /// A client activates a key on a machine; returns the machine.
    pub fn activate(&self, activation: Activation) -> Result<i64, Fault> {
        let machine = self.core().change(Change::Activate(activation))?;
        machine.int().ok_or_else(|| Fault::missing("machine"))
    }

    /// A backup ran; the machine now holds so many bytes.
    pub fn back_up(&self, machine_id: i64, bytes: i64) -> Result<(), Fault> {
        self.core().change(Change::BackUp { machine_id, bytes }).map(drop)
    }

    /// Looks at the world; what is due has landed.
    pub fn with<R>(&self, look: impl FnOnce(&World) -> R) -> R {
        look(&self.up_to_date().world)
    }

    /// The switches in force.
    pub fn switches(&self) -> Switches {
        self.core().world.switches
    }

    /// Sets all switches.
    pub fn set_switches(&self, switches: Switches) {
        self.core().set_switches(switches);
    }

    /// Adds a rule of fault injection; faults on an unknown operation or a probability outside 0 to 1.
    pub fn add_fault(&self, rule: FaultRule) -> Result<(), Fault> {
        self.core().add_fault(rule)
    }

    /// Drops all rules.
    pub fn clear_faults(&self) {
        self.core().clear_faults();
    }

    /// The rules, with what remains of them.
    pub fn faults(&self) -> Vec<FaultRule> {
        self.core().faults()
    }

    /// Moves the simulator's clock forward.
    pub fn advance(&self, by: TimeDelta) {
        let mut core = self.core();
        core.clock.advance(by);
        core.catch_up();
    }

    /// The calls after that number, oldest first, as far as the log goes back.
    pub fn calls_after(&self, seq: u64) -> Vec<CallEntry> {
        let core = self.up_to_date();
        let from = core.books.calls.partition_point(|entry| entry.seq <= seq);
        core.books.calls.range(from..).cloned().collect()
    }

    /// All calls in the log.
    pub fn calls(&self) -> Vec<CallEntry> {
        self.calls_after(0)
    }

    /// What was created, released and deleted.
    pub fn ledger(&self) -> Ledger {
        self.up_to_date().books.ledger.clone()
    }

    /// What came and went and who was mailed, in lines by which two runs of one story are compared.
    pub fn history(&self) -> Vec<String> {
        let mut mails: BTreeMap<String, usize> = BTreeMap::new();
        self.mails().into_iter().for_each(|mail| *mails.entry(mail.to).or_default() += 1);
        let mails = mails.into_iter().map(|(to, count)| format!("{count} mails to {to}"));
        self.ledger().lines().into_iter().chain(mails).collect()
    }

    /// The mails sent.
    pub fn mails(&self) -> Vec<Mail> {
        self.up_to_date().books.mails.iter().cloned().collect()
    }

    /// Sums over the run.
    pub fn counters(&self) -> Counters {
        self.up_to_date().books.counters.clone()
    }

    /// How many calls whose answer never came have yet to do their work.
    pub fn pending(&self) -> usize {
        self.up_to_date().pending()
    }

    /// Forgets calls, ledger, mails and sums; the world stays.
    pub fn clear_books(&self) {
        self.core().books.clear();
    }

    /// Broken invariants, in words.
    pub fn check(&self) -> Vec<String> {
        self.with(World::check)
    }

    /// The whole state, without keys.
    pub fn dump(&self) -> Json {
        let core = self.up_to_date();
        json!({"root_partner_id": core.root_partner_id, "root_role_id": core.root_role_id, "world": core.world})
    }
}
