//! The pusher: what OSA's screens are owed is pushed until it is answered; a mark is durable and outlives us.

use crate::metrics::Metrics;
use crate::osa::controllers::Controllers;
use crate::osa::push::{self, PushOutcome};
use crate::store::{Desk, PushDue, Store};
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

/// A daemon that took pushes and died keeps them from the others no longer.
const HOLD: Duration = Duration::from_secs(60);

/// No push is put off for longer.
const LONGEST: Duration = Duration::from_secs(300);

/// Pushes for ever.
pub async fn run(
    store: Store,
    desk: Desk,
    controllers: Controllers,
    metrics: Arc<Metrics>,
    wake: Arc<Notify>,
) {
    let pusher = Pusher { store, desk, controllers, metrics };
    loop {
        let due = pusher.store.due_pushes(BATCH, HOLD).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "pushes that are owed could not be read");
            Vec::new()
        });
        let full = due.len() == BATCH as usize;
        stream::iter(due).for_each_concurrent(AT_ONCE, |due| pusher.push(due)).await;
        if !full {
            let _ = tokio::time::timeout(POLL, wake.notified()).await;
        }
    }
}

struct Pusher {
    store: Store,
    desk: Desk,
    controllers: Controllers,
    metrics: Arc<Metrics>,
}

impl Pusher {
    async fn push(&self, due: PushDue) {
        let kept = match push::push(&self.desk, &self.controllers, due.instance, due.thing).await {
            Ok(PushOutcome::Done | PushOutcome::Gone) => {
                self.metrics.osa.pushed("done");
                self.store.push_done(due.thing, due.owed_at).await
            }
            Err(error) => {
                self.metrics.osa.pushed("failed");
                tracing::warn!(subscription = %due.subscription, thing = %due.thing.id(), %error, "push to OSA failed");
                let delay = Duration::from_secs(1 << due.attempts.clamp(0, 9)).min(LONGEST);
                self.store.push_failed(due.thing, delay).await
            }
        };
        if let Err(error) = kept {
            tracing::warn!(%error, "the outcome of a push could not be kept");
        }
    }
}
