//! What stands behind both doors: the world, its lagging copies, the faults that strike, and the books about it all.

mod books;
mod call;
mod change;
mod ledger;
mod log;
mod replica;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

pub use books::Counters;
pub use change::Activation;
pub use ledger::{Ledger, ObjectRow, StockRow};
pub use log::{CallEntry, Outcome};

pub(super) use change::Change;

use super::{
    clock::Clock,
    dice::Dice,
    disturb::{FaultKind, FaultRule, Rules},
    fault::Fault,
    keystring,
    sim::SimConfig,
    switches::{ReadYourWrites, Switches},
    value::Value,
    world::{NewAdmin, PartnerPatch, Scope, World},
};
use books::Books;
use replica::Replica;

/// The state behind the mutex.
pub(super) struct Core {
    pub world: World,
    pub books: Books,
    pub clock: Clock,
    pub house: Scope,
    pub root_partner_id: i64,
    pub root_role_id: i64,
    pub api_key: String,
    keys: BTreeMap<String, Scope>,
    dice: Dice,
    rules: Rules,
    replicas: BTreeMap<u64, Replica>,
    late: BTreeMap<DateTime<Utc>, Vec<Change>>,
}

impl Core {
    /// The default world: Mozy's own partner, below it the root partner with its admin, role and key.
    pub fn new(config: SimConfig) -> Core {
        let mut world = World::new(config.first_id, config.seed, config.clock.now());
        let mut dice = Dice::new(config.seed);
        let root_role_id = config.first_id.wrapping_sub(1);
        let house = place(&mut world, None, "Mozy", "house@mozy.example", root_role_id);
        let root_partner_id = place(&mut world, Some(house), "Root", "root@provider.example", root_role_id);
        world.take_events();
        let api_key = config.api_key.unwrap_or_else(|| keystring::api_key(&mut dice));
        let keys = BTreeMap::from([(api_key.clone(), Scope(root_partner_id))]);
        let mut core = Core {
            world,
            books: Books::new(config.log_capacity),
            clock: config.clock,
            house: Scope(house),
            root_partner_id,
            root_role_id,
            api_key,
            keys,
            dice,
            rules: Rules::default(),
            replicas: BTreeMap::new(),
            late: BTreeMap::new(),
        };
        core.set_switches(config.switches);
        core
    }

    /// One more api key, for a partner and the tree below it.
    pub fn add_key(&mut self, partner_id: i64, api_key: Option<String>) -> Result<String, Fault> {
        if !self.world.reaches(self.house, partner_id) {
            return Err(Fault::missing("partner"));
        }
        let api_key = api_key.unwrap_or_else(|| keystring::api_key(&mut self.dice));
        self.keys.insert(api_key.clone(), Scope(partner_id));
        Ok(api_key)
    }

    /// Whose key it is, unless the partner is gone.
    fn scope_of(&self, api_key: &str) -> Option<Scope> {
        self.keys.get(api_key).copied().filter(|scope| self.world.reaches(*scope, scope.0))
    }

    /// Sets the switches; lagging copies start anew from now.
    pub fn set_switches(&mut self, switches: Switches) {
        self.catch_up();
        self.world.switches = switches;
        self.replicas.clear();
        self.keep_replicas();
    }

    pub fn add_fault(&mut self, rule: FaultRule) -> Result<(), Fault> {
        self.catch_up();
        self.rules.add(rule)?;
        self.keep_replicas();
        Ok(())
    }

    pub fn clear_faults(&mut self) {
        self.rules.clear();
        self.keep_replicas();
    }

    pub fn faults(&self) -> Vec<FaultRule> {
        self.rules.list()
    }

    /// Whether a new connection is cut before it says anything.
    pub fn cuts_connection(&mut self) -> bool {
        self.rules.draw_connection()
    }

    /// One copy of the world for each delay that somebody may read with.
    fn keep_replicas(&mut self) {
        let stale = self.rules.list().into_iter().filter_map(|rule| match rule.kind {
            FaultKind::StaleRead { ms } => Some(ms),
            _ => None,
        });
        let needed: BTreeSet<u64> = stale.chain(self.read_lag()).collect();
        self.replicas.retain(|lag, _| needed.contains(lag));
        for lag in needed {
            self.replicas.entry(lag).or_insert_with(|| Replica::new(self.world.clone(), lag));
        }
    }

    fn read_lag(&self) -> Option<u64> {
        match self.world.switches.read_your_writes {
            ReadYourWrites::AtOnce => None,
            ReadYourWrites::AfterMs(ms) => Some(u64::from(ms)),
        }
    }

    /// Lets land what is due: late commits, purges, and writes that become readable.
    pub fn catch_up(&mut self) {
        let now = self.clock.now();
        while let Some(first) = self.late.first_entry().filter(|first| *first.key() <= now) {
            let (due, changes) = first.remove_entry();
            for change in changes {
                let result = self.apply(due, change.clone());
                self.books.landed(due, &change, &result);
            }
        }
        self.world.set_time(now);
        self.replicas.values_mut().for_each(|replica| replica.catch_up(now));
    }

    /// Changes the world now, outside any call.
    pub fn change(&mut self, change: Change) -> Result<Value, Fault> {
        self.catch_up();
        self.apply(self.world.now, change)
    }

    fn apply(&mut self, at: DateTime<Utc>, change: Change) -> Result<Value, Fault> {
        self.world.set_time(at);
        let result = change.apply(&mut self.world);
        self.books.absorb(self.world.take_events());
        self.replicas.values_mut().for_each(|replica| replica.push(at, &change));
        result
    }

    /// How many late commits have not landed yet.
    pub fn pending(&self) -> usize {
        self.late.values().map(Vec::len).sum()
    }
}

fn place(world: &mut World, parent: Option<i64>, name: &str, username: &str, root_role: i64) -> i64 {
    let root_admin = NewAdmin { username: username.to_owned(), ..NewAdmin::default() };
    let patch = PartnerPatch {
        name: Some(name.to_owned()),
        root_role_id: Some(root_role),
        enable_sync: Some(true),
        ..PartnerPatch::default()
    };
    world.place_partner(parent, root_admin, patch)
}
