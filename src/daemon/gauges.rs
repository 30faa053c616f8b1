//! Gauges that only the database knows: counted every few seconds, never per change.

use super::workers::lane_label;
use crate::metrics::Metrics;
use crate::store::Store;
use std::sync::Arc;
use std::time::Duration;

/// How often they are counted.
const EVERY: Duration = Duration::from_secs(5);

/// Counts for ever.
pub async fn run(store: Store, metrics: Arc<Metrics>) {
    let mut tick = tokio::time::interval(EVERY);
    loop {
        tick.tick().await;
        match store.gauges().await {
            Ok(gauges) => set(&metrics, &gauges),
            Err(error) => tracing::debug!(%error, "gauges could not be counted"),
        }
    }
}

fn set(metrics: &Metrics, gauges: &crate::store::Gauges) {
    metrics.subscriptions.set_states(gauges.states.iter().map(|(state, n)| (state.as_str(), *n)));
    metrics
        .subscriptions
        .set_conditions(gauges.conditions.iter().map(|(k, r, n)| (k.as_str(), r.as_str(), *n)));
    metrics.subscriptions.set_disagreements(gauges.disagreements.iter().map(|(r, age)| (r.as_str(), *age)));
    metrics.queue.set_depth(gauges.due.iter().map(|(lane, n)| (lane_label(*lane), *n)));
    metrics.cycles.set_doubts(gauges.doubts);
    metrics.cycles.set_held(gauges.held.iter().map(|(class, n)| (class.as_str(), *n)));
    metrics.cycles.set_unmanaged(gauges.unmanaged.iter().map(|(kind, n)| (kind.as_str(), *n)));
    metrics.osa.set_usage_age(gauges.usage_age_max);
    metrics.osa.set_owed(gauges.pushes_owed);
}
