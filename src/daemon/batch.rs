//! Claiming many at a time: what several cycles begin with is read by as many statements as for one.

use super::lease::{Hold, LEASE};
use super::looks::Agreed;
use super::places::{Busy, Place};
use super::rules::memory;
use super::vendors::Connected;
use super::workers::Workers;
use crate::domain::InstanceId;
use crate::ports::Case;
use crate::store::Claimed;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio_util::task::TaskTracker;

/// A subscription that was claimed, with its place among the workers.
pub(super) struct Begun {
    claimed: Claimed,
    hold: Arc<Hold>,
    place: Place,
}

/// What was read for a cycle; what is missing the cycle reads itself, and fails by itself.
#[derive(Default)]
pub(super) struct Ready {
    pub case: Option<Box<Case>>,
    pub vendor: Option<Connected>,
    /// The look that may be made again instead; then nothing else was read.
    pub agreed: Option<Arc<Agreed>>,
    /// The place among the workers, until it is not needed any more.
    pub place: Option<Place>,
}

impl Workers {
    /// Claims up to `free` and begins on them; how many there were.
    pub(super) async fn claim(self: &Arc<Self>, free: u32, busy: &Busy, tracker: &TaskTracker) -> u32 {
        let asked = std::time::Instant::now();
        let claimed = match self.store.claim(self.owner, LEASE, free).await {
            Ok(claimed) => claimed,
            Err(error) => {
                tracing::error!(%error, "work cannot be claimed");
                return 0;
            }
        };
        self.claimed.store(true, Ordering::Relaxed);
        let number = claimed.len() as u32;
        let mut batch = Vec::with_capacity(claimed.len());
        for claimed in claimed {
            let place = busy.place();
            self.metrics.queue.waited(claimed.lane.as_str(), claimed.waited);
            batch.push(Begun { hold: self.holds.add(claimed.lease, asked), claimed, place });
        }
        if !batch.is_empty() {
            tracker.spawn(Arc::clone(self).begin(batch, tracker.clone()));
        }
        number
    }

    /// Reads what all of them begin with, then lets each go its own way.
    async fn begin(self: Arc<Self>, batch: Vec<Begun>, tracker: TaskTracker) {
        let (this, claimed) = (Arc::clone(&self), batch.iter().map(|one| one.claimed.clone()).collect());
        // Whatever is wrong with one of them must not hold up the others: then each reads for itself.
        let ready: Vec<Ready> =
            tokio::spawn(async move { this.ready(claimed).await }).await.unwrap_or_default();
        let ready = ready.into_iter().chain(std::iter::repeat_with(Ready::default));
        for (Begun { claimed, hold, place }, mut ready) in batch.into_iter().zip(ready) {
            ready.place = Some(place);
            let this = Arc::clone(&self);
            tracker.spawn(async move { this.work(claimed, hold, ready).await });
        }
    }

    async fn ready(&self, claimed: Vec<Claimed>) -> Vec<Ready> {
        let now = self.live.now();
        let agreed: Vec<_> = claimed.iter().map(|one| self.looks.of(one, &now)).collect();
        let others = claimed.iter().zip(&agreed).filter(|(_, agreed)| agreed.is_none());
        let leases: Vec<_> = others.map(|(one, _)| one.lease).collect();
        let cases = match leases.is_empty() {
            true => Ok(Vec::new()),
            false => self.store.load_cases(&leases, memory(&now)).await,
        };
        let mut cases = cases.unwrap_or_default().into_iter();
        let mut vendors: HashMap<InstanceId, Option<Connected>> = HashMap::new();
        let mut ready = Vec::with_capacity(agreed.len());
        for agreed in agreed {
            let case = if agreed.is_some() { None } else { cases.next().flatten().map(Box::new) };
            let instance = |case: &Case| case.desired.subscription.instance;
            let instance = case.as_deref().map(instance).or(agreed.as_ref().map(|agreed| agreed.instance));
            let vendor = match instance.map(|instance| (instance, vendors.entry(instance))) {
                Some((instance, Entry::Vacant(vendor))) => {
                    vendor.insert(self.vendors.connected(instance).await.ok()).clone()
                }
                Some((_, Entry::Occupied(vendor))) => vendor.get().clone(),
                None => None,
            };
            ready.push(Ready { case, vendor, agreed, place: None });
        }
        ready
    }
}
