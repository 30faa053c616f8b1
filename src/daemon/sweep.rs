//! The sweep: every subscription is looked at once per interval, guaranteed by a monotonic deadline of our own. Each has
//! a slot of its own in the interval; this makes sure that each is in the queue and in reach, whatever the database's
//! clock does, and tells how long a round took.

use super::lease::LEASE;
use super::live::Live;
use super::schedule;
use crate::metrics::Metrics;
use crate::store::Store;
use std::time::{Duration, SystemTime};
use tokio::time::{Instant, MissedTickBehavior};

/// How often it is looked how far a round has come: a hundred times a round, for each look counts all subscriptions.
fn look(interval: Duration) -> Duration {
    (interval / 100).clamp(Duration::from_millis(100), Duration::from_secs(10))
}

/// Watches rounds for ever.
pub async fn run(store: Store, metrics: &Metrics, live: &Live) {
    let mut tick = tokio::time::interval(look(live.now().reconcile.interval));
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    begin_anew(&store, live).await;
    let mut round = Round::begin();
    loop {
        tick.tick().await;
        let interval = live.now().reconcile.interval;
        metrics.sweep.set_interval(interval);
        if let Err(error) = store.pull_in(schedule::longest(interval), LEASE).await {
            tracing::warn!(%error, "what a clock has left in the future could not be looked for");
        }
        match round.done {
            true if round.started.elapsed() < interval => continue,
            true => round = Round::begin(),
            false => {}
        }
        if let Err(error) = store.enqueue_missing(interval).await {
            tracing::warn!(%error, "subscriptions missing from the queue could not be looked for");
            continue;
        }
        match store.round(round.started.elapsed()).await {
            // Everything was looked at since the round began: it is done, and the next begins when it is time. One in
            // which Mozy did not answer at all has not ended well.
            Ok(looked) if looked.tried => {
                if looked.answered {
                    metrics.sweep.finished(round.started.elapsed(), SystemTime::now());
                }
                round.done = true;
            }
            Ok(_) if round.started.elapsed() > interval * (round.skipped + 2) => {
                metrics.sweep.skipped();
                round.skipped += 1;
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "how far the sweep has come could not be read"),
        }
    }
}

/// A configuration begins: what waited by an earlier one may go on, and an interval may have become shorter.
pub(super) async fn begin_anew(store: &Store, live: &Live) {
    if let Err(error) = store.reschedule(live.now().reconcile.interval).await {
        tracing::warn!(%error, "what is due could not be scheduled anew; it comes round as before");
    }
}

struct Round {
    started: Instant,
    skipped: u32,
    done: bool,
}

impl Round {
    fn begin() -> Self {
        Self { started: Instant::now(), skipped: 0, done: false }
    }
}
