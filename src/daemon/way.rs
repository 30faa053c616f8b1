//! The ways through the gate: whose calls go first, and how long a write may wait.

use super::gate::Budget;
use crate::mozy::{Closed, Failure, Gate, Permit};
use futures_util::future::BoxFuture;
use std::sync::Arc;
use std::time::Duration;

/// One way through the gate.
pub struct Way {
    /// Whose.
    pub budget: Arc<Budget>,
    /// Who goes.
    pub who: Who,
    /// How long a write waits at most: it is in the ledger already, and the settle time counts from then.
    pub writes_wait: Duration,
}

/// Who makes calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// A person waits: all calls go first.
    Person,
    /// The sweep and retries: only what corrects goes first.
    Sweep,
    /// Who looks whether Mozy is well again, past the line.
    Probe,
}

impl Gate for Way {
    fn enter(&self, write: bool) -> BoxFuture<'_, Result<Permit, Closed>> {
        Box::pin(async move {
            let urgent = match self.who {
                Who::Probe => return Ok(Permit::default()),
                Who::Person => true,
                Who::Sweep => write,
            };
            let longest = write.then_some(self.writes_wait);
            self.budget.enter(urgent, longest).await.map(Permit::holding)
        })
    }

    fn heard<'a>(&'a self, failure: Option<&'a Failure>) -> BoxFuture<'a, ()> {
        Box::pin(self.budget.heard(failure))
    }
}
