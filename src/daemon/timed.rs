//! The ledger of one cycle, timed from the change that woke it.

use crate::domain::StepId;
use crate::metrics::Metrics;
use crate::plan::guard::{Ask, Excess};
use crate::plan::{Call, Class, Limits, Step};
use crate::ports::ledger::{Binding, Lease, Outcome};
use crate::ports::{Ledger, LedgerError};
use crate::store::{Claimed, Lane, Store};
use chrono::Utc;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::watch;

/// The ledger, timed: the first step of a person's change tells how long it took from the commit to the call.
pub(super) struct Timed<'a> {
    pub store: &'a Store,
    pub metrics: &'a Metrics,
    pub first: AtomicBool,
    pub claimed: &'a Claimed,
    /// True from before a step is intended until it is settled.
    pub under_way: watch::Sender<bool>,
}

impl Ledger for Timed<'_> {
    async fn admit(
        &self,
        lease: Lease,
        ask: &Ask,
        limits: &Limits,
    ) -> Result<BTreeMap<Class, Excess>, LedgerError> {
        self.store.admit(lease, ask, limits).await
    }

    async fn intend(&self, lease: Lease, step: &Step, call: &Call) -> Result<StepId, LedgerError> {
        self.under_way.send_replace(true);
        let id = self.store.intend(lease, step, call).await;
        self.under_way.send_replace(id.is_ok());
        if self.claimed.lane == Lane::Change && self.first.swap(false, Ordering::Relaxed) {
            let span = (Utc::now() - self.claimed.enqueued_at).to_std().unwrap_or_default();
            self.metrics.queue.change_called(span);
        }
        id
    }

    async fn settle(
        &self,
        lease: Lease,
        id: StepId,
        outcome: &Outcome,
        bindings: &[Binding],
    ) -> Result<(), LedgerError> {
        let settled = self.store.settle(lease, id, outcome, bindings).await;
        self.under_way.send_replace(false);
        settled
    }
}
