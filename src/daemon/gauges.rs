//! Gauges that only the database knows: counted every few seconds, never per change.

use crate::metrics::Metrics;
use crate::store::Store;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often they are counted at most.
const EVERY: Duration = Duration::from_secs(5);

/// Counting may take one part in so many of the time: what takes long is counted less often.
const SHARE: u32 = 50;

/// But so often in any case: alerts hang on these.
const LONGEST: Duration = Duration::from_secs(60);

/// Counts for ever.
pub async fn run(store: Store, metrics: Arc<Metrics>) {
    let mut last = EVERY / SHARE;
    loop {
        let begun = Instant::now();
        let pause = match store.gauges().await {
            Ok(gauges) => {
                set(&metrics, &gauges);
                // One that stalled says as little of counting as one that failed.
                let took = begun.elapsed();
                let before = std::mem::replace(&mut last, took);
                (took.min(before) * SHARE).clamp(EVERY, LONGEST)
            }
            Err(error) => {
                tracing::debug!(%error, "gauges could not be counted");
                EVERY
            }
        };
        tokio::time::sleep(pause).await;
    }
}

fn set(metrics: &Metrics, gauges: &crate::store::Gauges) {
    metrics.subscriptions.set_states(gauges.states.iter().map(|(state, n)| (state.as_str(), *n)));
    metrics
        .subscriptions
        .set_conditions(gauges.conditions.iter().map(|(k, r, n)| (k.as_str(), r.as_str(), *n)));
    metrics.subscriptions.set_disagreements(gauges.disagreements.iter().map(|(r, age)| (r.as_str(), *age)));
    metrics.queue.set_depth(gauges.due.iter().map(|(lane, n)| (lane.as_str(), *n)));
    metrics.cycles.set_doubts(gauges.doubts);
    metrics.cycles.set_held(gauges.held.iter().map(|(class, n)| (class.as_str(), *n)));
    metrics.cycles.set_unmanaged(gauges.unmanaged.iter().map(|(kind, n)| (kind.as_str(), *n)));
    metrics.osa.set_usage_age(gauges.usage_age_max);
    metrics.osa.set_owed(gauges.pushes_owed);
}
