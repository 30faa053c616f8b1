//! The gate of one Mozy credential: rate, concurrency, a reserve for corrective calls, and pauses when Mozy asks for
//! them (design, rule 9). A pause holds the credential, not the subscription that met it.

use crate::metrics::Metrics;
use crate::mozy::{Gate, Permit};
use futures_util::future::BoxFuture;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::Instant;

/// The first pause when Mozy does not say for how long; doubled each time until a call goes through.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// No pause is longer, whatever Mozy says.
const LONGEST_PAUSE: Duration = Duration::from_secs(600);

/// The budget of one credential in this daemon.
pub struct Budget {
    rate: DefaultDirectRateLimiter,
    all: Arc<Semaphore>,
    /// Reads use one place less: a corrective call is never kept waiting by reads alone.
    reads: Arc<Semaphore>,
    pause: Mutex<Pause>,
    metrics: Arc<Metrics>,
}

#[derive(Debug, Clone, Copy)]
struct Pause {
    until: Option<Instant>,
    next: Duration,
}

impl Budget {
    /// So many requests a second and so many at once.
    pub fn new(per_second: u32, at_once: u32, metrics: Arc<Metrics>) -> Self {
        let per_second = NonZeroU32::new(per_second).unwrap_or(NonZeroU32::MIN);
        let at_once = at_once.max(1) as usize;
        Self {
            rate: RateLimiter::direct(Quota::per_second(per_second)),
            all: Arc::new(Semaphore::new(at_once)),
            reads: Arc::new(Semaphore::new(at_once.saturating_sub(1).max(1))),
            pause: Mutex::new(Pause { until: None, next: FIRST_PAUSE }),
            metrics,
        }
    }

    /// Whether Mozy asked us to wait, and until when.
    pub fn paused_until(&self) -> Option<Instant> {
        self.lock().until.filter(|until| *until > Instant::now())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Pause> {
        self.pause.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn wait_out_the_pause(&self) {
        while let Some(until) = self.paused_until() {
            tokio::time::sleep_until(until).await;
        }
        let mut pause = self.lock();
        // Nothing was heard for long after the last pause: the next one begins small again.
        if pause.until.is_some_and(|until| until.elapsed() > pause.next * 2) {
            *pause = Pause { until: None, next: FIRST_PAUSE };
        }
    }
}

impl Gate for Budget {
    fn enter(&self, write: bool) -> BoxFuture<'_, Permit> {
        Box::pin(async move {
            // The semaphores are never closed.
            let read = if write { None } else { Arc::clone(&self.reads).acquire_owned().await.ok() };
            let any = Arc::clone(&self.all).acquire_owned().await.ok();
            self.wait_out_the_pause().await;
            self.rate.until_ready().await;
            Permit::holding((read, any))
        })
    }

    fn throttled(&self, retry_after: Option<Duration>) {
        let mut pause = self.lock();
        let span = retry_after.unwrap_or(pause.next).min(LONGEST_PAUSE);
        pause.next = (pause.next * 2).min(LONGEST_PAUSE);
        let until = Instant::now() + span;
        if pause.until.is_none_or(|known| known < until) {
            pause.until = Some(until);
            self.metrics.mozy.throttled(span);
        }
    }
}
