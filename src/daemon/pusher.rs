//! The pusher: what OSA's screens are owed is pushed until it is answered; a mark is durable and outlives us.

use crate::metrics::Metrics;
use crate::osa::push::{PushOutcome, Pusher};
use crate::store::{PushDue, Store};
use futures_util::stream::{self, StreamExt};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// How many are pushed at the same time.
const AT_ONCE: usize = 4;

/// How many marks are read at a time.
const BATCH: u32 = 64;

/// Marks are looked for at least so often.
const POLL: Duration = Duration::from_secs(2);

/// No push is put off for longer.
const LONGEST: Duration = Duration::from_secs(300);

/// Pushes for ever.
pub async fn run<P: Pusher>(store: Store, pusher: P, metrics: Arc<Metrics>, wake: Arc<Notify>) {
    loop {
        let due = store.due_pushes(BATCH).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "pushes that are owed could not be read");
            Vec::new()
        });
        let full = due.len() == BATCH as usize;
        stream::iter(due).for_each_concurrent(AT_ONCE, |due| push(&store, &pusher, &metrics, due)).await;
        if !full {
            let _ = tokio::time::timeout(POLL, wake.notified()).await;
        }
    }
}

async fn push<P: Pusher>(store: &Store, pusher: &P, metrics: &Metrics, due: PushDue) {
    let pushed = pusher.push(due.instance, due.subscription, due.thing).await;
    let kept = match pushed {
        Ok(PushOutcome::Done | PushOutcome::Gone) => {
            metrics.osa.pushed("done");
            store.push_done(due.thing, due.owed_at).await
        }
        Err(error) => {
            metrics.osa.pushed("failed");
            tracing::warn!(subscription = %due.subscription, thing = %due.thing.id(), %error, "push to OSA failed");
            let delay = Duration::from_secs(1 << due.attempts.clamp(0, 9)).min(LONGEST);
            store.push_failed(due.thing, delay).await
        }
    };
    if let Err(error) = kept {
        tracing::warn!(%error, "the outcome of a push could not be kept");
    }
}
