//! What may have happened is settled by looking before anything is planned; until then, and while our own writes may not
//! show, what was read is taken for old.

use super::{Cycle, End, SOON};
use crate::domain::observed::Observed;
use crate::engine::bind::bind;
use crate::engine::doubts::{self, Finding};
use crate::plan::Call;
use crate::plan::pool::owed;
use crate::plan::trace::Trace;
use crate::ports::ledger::Outcome;
use crate::ports::{Ledger, Vendor};
use chrono::{DateTime, Utc};

impl<V: Vendor, L: Ledger, C: Fn() -> DateTime<Utc>> Cycle<'_, V, L, C> {
    /// Settles what can be settled; true while something must be waited for, and then nothing may be written.
    pub(super) async fn settle_doubts(&mut self, observed: &Observed) -> Result<bool, End> {
        let now = (self.now)();
        self.doubt = None;
        for at in 0..self.case.entries.len() {
            let entry = &self.case.entries[at];
            if !doubts::is_open(entry) {
                continue;
            }
            let times = (now, self.rules.settle_of(entry));
            let trace = Trace::new(&self.desired, observed);
            match doubts::decide(entry, &self.desired, observed, &trace, times) {
                Finding::Wait(left) => {
                    self.doubt = Some(doubts::message(entry).1);
                    self.wants_again(left.to_std().unwrap_or(SOON).max(SOON));
                }
                Finding::Settled(outcome, bindings) => {
                    let id = entry.id;
                    self.ledger.settle(self.lease, id, &outcome, &bindings).await.map_err(End::Ledger)?;
                    bind(&mut self.desired, &bindings);
                    if outcome == Outcome::Done {
                        self.owe(&self.case.entries[at].call.clone());
                    }
                    self.case.entries[at].outcome = Some(outcome);
                }
            }
        }
        Ok(self.doubt.is_some())
    }

    /// Whether reads may differ by something that we wrote, or may have written.
    pub(in crate::engine) fn wrote_lately(&self, now: DateTime<Utc>) -> bool {
        doubts::young(&self.case.entries, (now, self.rules.settle())).next().is_some()
            || self.case.entries.iter().any(doubts::is_open)
    }

    /// As the ledger keeps it with the step.
    pub(super) fn owe(&mut self, done: &Call) {
        if let Some(owed) = owed::after(&self.case.owed, done) {
            self.case.owed = owed;
        }
    }
}
