//! The ways through the gate: whose calls go first, and that a write waits for a while only.

use super::gate::Budget;
use super::line::Turn;
use crate::mozy::{Closed, Failure, Gate, Permit};
use futures_util::future::BoxFuture;
use std::sync::Arc;

/// One way through the gate.
pub struct Way {
    /// Whose.
    pub budget: Arc<Budget>,
    /// Who goes.
    pub who: Who,
}

/// Who makes calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// A person waits: all calls go first.
    Person,
    /// The sweep and retries: only what corrects goes first.
    Sweep,
    /// Who looks whether Mozy is well; past the line while it is down.
    Probe,
}

impl Gate for Way {
    fn enter(&self, write: bool) -> BoxFuture<'_, Result<Permit, Closed>> {
        Box::pin(async move {
            let turn = match self.who {
                Who::Probe if self.budget.is_down() => return Ok(Permit::default()),
                _ if write => Turn::Write,
                Who::Person | Who::Probe => Turn::Urgent,
                Who::Sweep => Turn::Patient,
            };
            self.budget.enter(turn).await.map(Permit::holding)
        })
    }

    fn heard<'a>(&'a self, failure: Option<&'a Failure>) -> BoxFuture<'a, ()> {
        Box::pin(self.budget.heard(failure, self.who == Who::Probe))
    }
}
