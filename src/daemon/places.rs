//! How many cycles run now. How many may is asked anew each time, since a reload may change it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::Notify;

/// The cycles that run, and who is told when one has ended.
#[derive(Clone)]
pub struct Busy(Arc<AtomicU32>, Arc<Notify>);

/// The place of one cycle, given back when dropped.
pub struct Place(Busy);

impl Busy {
    /// Nothing runs; `freed` will be told of every place that is given back.
    pub fn new(freed: Arc<Notify>) -> Self {
        Self(Arc::default(), freed)
    }

    /// How many more may begin.
    pub fn free_of(&self, workers: u32) -> u32 {
        workers.saturating_sub(self.0.load(Ordering::Relaxed))
    }

    /// Takes a place.
    pub fn place(&self) -> Place {
        self.0.fetch_add(1, Ordering::Relaxed);
        Place(self.clone())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
        self.0.1.notify_one();
    }
}
