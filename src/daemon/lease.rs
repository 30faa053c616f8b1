//! Leases held by this daemon: renewed together, and a monotonic deadline for each, so that a process that was stopped
//! and wakes up late sends nothing any more (design, rule 8).

use crate::domain::SubscriptionId;
use crate::ports::ledger::Lease;
use crate::store::Store;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// How long a lease lasts; so long after a kill another daemon takes over.
pub const LEASE: Duration = Duration::from_secs(12);

/// How often leases are renewed.
const RENEW: Duration = Duration::from_secs(3);

/// A lease is not relied on in its last moments: the database's clock began to count before ours did.
const MARGIN: Duration = Duration::from_secs(2);

/// The right to work on one subscription, as this process sees it.
#[derive(Debug)]
pub struct Hold {
    /// As the database knows it.
    pub lease: Lease,
    until: Mutex<Instant>,
    lost: CancellationToken,
}

impl Hold {
    /// Whether something may still be sent to Mozy under it.
    pub fn is_good(&self) -> bool {
        !self.lost.is_cancelled()
            && Instant::now() < *self.until.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends when the lease is lost.
    pub async fn lost(&self) {
        self.lost.cancelled().await;
    }

    fn extend(&self, from: Instant) {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner) = from + LEASE - MARGIN;
    }
}

/// All leases this daemon holds.
#[derive(Clone, Default)]
pub struct Holds(Arc<Mutex<HashMap<SubscriptionId, Arc<Hold>>>>);

impl Holds {
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<SubscriptionId, Arc<Hold>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of a lease that was claimed by a statement begun at `asked`.
    pub fn add(&self, lease: Lease, asked: Instant) -> Arc<Hold> {
        let until = Mutex::new(asked + LEASE - MARGIN);
        let hold = Arc::new(Hold { lease, until, lost: CancellationToken::new() });
        self.lock().insert(lease.subscription, Arc::clone(&hold));
        hold
    }

    /// Forgets a lease that was given back.
    pub fn remove(&self, lease: Lease) {
        let mut held = self.lock();
        if held.get(&lease.subscription).is_some_and(|hold| hold.lease == lease) {
            held.remove(&lease.subscription);
        }
    }

    /// Renews all leases for ever; work whose lease is lost is told.
    pub async fn renew(&self, store: &Store) {
        let mut tick = tokio::time::interval(RENEW);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            let holds: Vec<Arc<Hold>> = self.lock().values().cloned().collect();
            if !holds.is_empty() {
                self.renew_once(store, &holds).await;
            }
        }
    }

    async fn renew_once(&self, store: &Store, holds: &[Arc<Hold>]) {
        let asked = Instant::now();
        let leases: Vec<Lease> = holds.iter().map(|hold| hold.lease).collect();
        match store.renew(&leases, LEASE).await {
            Ok(kept) => {
                for hold in holds {
                    if kept.contains(&hold.lease) {
                        hold.extend(asked);
                    } else if self
                        .lock()
                        .get(&hold.lease.subscription)
                        .is_some_and(|held| held.lease == hold.lease)
                    {
                        hold.lost.cancel();
                    }
                }
            }
            // Their deadlines pass by themselves if this goes on.
            Err(error) => tracing::warn!(%error, "leases could not be renewed"),
        }
    }
}
