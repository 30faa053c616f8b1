//! The books: call log, ledger, mails and counters.

use std::collections::{BTreeMap, VecDeque};

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{
    Change,
    ledger::Ledger,
    log::{CallEntry, Outcome, without_secrets},
};
use crate::sim::mozy::{
    fault::Fault,
    operation::Operation,
    value::Value,
    world::{Event, Mail},
};

/// How many mails are kept.
const MAX_MAILS: usize = 100_000;

/// Sums over the whole run.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Counters {
    /// Calls through either door.
    pub calls: u64,
    /// Calls that may change something and did their work, late ones when they landed.
    pub writes: u64,
    /// Calls answered by a fault.
    pub faults: u64,
    /// Calls that got no answer of ours.
    pub lost: u64,
    /// Calls whose parts were not what section 1 promises.
    pub deviations: u64,
    /// Calls per `service.Method`.
    pub operations: BTreeMap<String, u64>,
}

/// All that is written about what happened.
pub(in super::super) struct Books {
    pub calls: VecDeque<CallEntry>,
    pub ledger: Ledger,
    pub mails: VecDeque<Mail>,
    pub counters: Counters,
    seq: u64,
    capacity: usize,
}

impl Books {
    pub fn new(capacity: usize) -> Books {
        Books {
            calls: VecDeque::new(),
            ledger: Ledger::default(),
            mails: VecDeque::new(),
            counters: Counters::default(),
            seq: 0,
            capacity,
        }
    }

    /// Starts afresh; the numbers of calls go on.
    pub fn clear(&mut self) {
        *self = Books { seq: self.seq, ..Books::new(self.capacity) };
    }

    /// Whether entries are kept at all.
    pub fn wants_parts(&self) -> bool {
        self.capacity > 0
    }

    pub fn absorb(&mut self, events: Vec<Event>) {
        for event in events {
            if let Event::Mailed(mail) = &event {
                push_bounded(&mut self.mails, mail.clone(), MAX_MAILS);
            }
            self.ledger.absorb(event);
        }
    }

    /// A call reached the simulator. The entry's number is given here.
    pub fn called(&mut self, operation: &Operation, deviation: Option<String>, entry: CallEntry) {
        self.counters.calls += 1;
        self.counters.deviations += u64::from(deviation.is_some());
        *self.counters.operations.entry(entry.operation.clone()).or_default() += 1;
        let parts = without_secrets(operation, entry.parts);
        self.enter(CallEntry { parts, deviation, ..entry });
    }

    /// The work of a late call was done.
    pub fn landed(&mut self, at: DateTime<Utc>, change: &Change, result: &Result<Value, Fault>) {
        let Change::Call { operation, values, .. } = change else { return };
        let named = operation.parts.iter().zip(values.iter());
        let parts = named.map(|(part, value)| (part.name.into(), value.clone())).collect();
        let parts = without_secrets(operation, parts);
        let entry = CallEntry::new(at, operation, parts, Outcome::Landed);
        self.enter(CallEntry { committed: result.is_ok(), ..entry });
    }

    fn enter(&mut self, entry: CallEntry) {
        self.seq += 1;
        self.counters.writes += u64::from(entry.committed);
        self.counters.faults += u64::from(matches!(entry.outcome, Outcome::Fault(_)));
        self.counters.lost += u64::from(entry.outcome == Outcome::Lost);
        push_bounded(&mut self.calls, CallEntry { seq: self.seq, ..entry }, self.capacity);
    }
}

fn push_bounded<T>(queue: &mut VecDeque<T>, item: T, capacity: usize) {
    if queue.len() >= capacity {
        queue.pop_front();
    }
    if capacity > 0 {
        queue.push_back(item);
    }
}
