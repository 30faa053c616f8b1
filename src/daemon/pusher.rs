//! The pusher: what OSA's screens are owed is pushed until it is answered; a mark is durable and outlives us. Each
//! instance has a lane of its own, so that a controller that does not answer holds up its own screens only.

use crate::domain::InstanceId;
use crate::metrics::Metrics;
use crate::osa::controllers::Controllers;
use crate::osa::push::{self, PushOutcome};
use crate::ports::desk::Desk as _;
use crate::store::{Desk, PushDue, Store};
use futures_util::stream::{self, StreamExt};
use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use url::Url;

/// How many are pushed to one instance at the same time.
const AT_ONCE: usize = 4;

/// How many marks of an instance are taken at a time.
const BATCH: u32 = 16;

/// Marks are looked for at least so often.
const POLL: Duration = Duration::from_secs(2);

/// A daemon that took pushes and died keeps them from the others no longer; one that lives is done with them before,
/// however long each of them takes.
const HOLD: Duration = Duration::from_secs(push::PATIENCE.as_secs() * (BATCH as u64 / AT_ONCE as u64 + 2));

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
    let pusher = Arc::new(Pusher { store, desk, controllers, metrics });
    // Tasks of their own: a lane holds connections, and must go on while this one waits for one.
    let (mut lanes, mut busy) = (JoinSet::new(), HashMap::new());
    loop {
        let owed = pusher.store.instances_owed().await.unwrap_or_else(|error| {
            tracing::warn!(%error, "pushes that are owed could not be read");
            Vec::new()
        });
        for instance in owed {
            if let Entry::Vacant(free) = busy.entry(instance) {
                free.insert(lanes.spawn(Arc::clone(&pusher).lane(instance)).id());
            }
        }
        tokio::select! {
            Some(ended) = lanes.join_next_with_id() => {
                let id = ended.map_or_else(|panicked| panicked.id(), |(id, ())| id);
                busy.retain(|_, lane| *lane != id);
            }
            _ = tokio::time::timeout(POLL, wake.notified()) => {}
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
    /// Pushes what an instance is owed until nothing is due: the next mark as soon as a place is free.
    async fn lane(self: Arc<Self>, instance: InstanceId) {
        let marks = stream::unfold(VecDeque::new(), |mut taken| async {
            if taken.is_empty() {
                taken.extend(self.take(instance).await);
            }
            taken.pop_front().map(|due| (due, taken))
        });
        marks.for_each_concurrent(AT_ONCE, |due| self.push(due)).await;
    }

    async fn take(&self, instance: InstanceId) -> Vec<PushDue> {
        match self.store.due_pushes(instance, BATCH, HOLD).await {
            Ok(due) => due,
            Err(error) => {
                tracing::warn!(%error, "pushes that are owed could not be taken");
                tokio::time::sleep(POLL).await;
                Vec::new()
            }
        }
    }

    async fn push(&self, due: PushDue) {
        let kept = match push::push(&self.desk, &self.controllers, due.instance, due.thing).await {
            Ok(PushOutcome::Done | PushOutcome::Gone) => {
                self.metrics.osa.pushed("done");
                self.store.push_done(due.thing, due.owed_at).await
            }
            Err(error) => {
                self.metrics.osa.pushed("failed");
                let controller = self.controller(due.instance).await;
                tracing::warn!(subscription = %due.subscription, thing = %due.thing.id(), controller, %error, "push to OSA failed");
                let delay = Duration::from_secs(1 << due.attempts.clamp(0, 9)).min(LONGEST);
                self.store.push_failed(due.thing, delay).await
            }
        };
        if let Err(error) = kept {
            tracing::warn!(%error, "the outcome of a push could not be kept");
        }
    }

    /// Where the controller of an instance was last heard from.
    async fn controller(&self, instance: InstanceId) -> Option<String> {
        place(&self.desk.instance(instance).await.ok()??.controller?)
    }
}

/// Host and port of an address: what somebody needs who looks for a firewall, and nothing that is secret.
fn place(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    Some(format!("{}:{}", url.host_str()?, url.port_or_known_default()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_address_only_host_and_port_are_told() {
        assert_eq!(place("https://us:hunter2@osa.test/hunter2?k=hunter2").unwrap(), "osa.test:443");
        assert_eq!(place("http://[::1]:8080/").unwrap(), "[::1]:8080");
        assert_eq!(place("hunter2"), None);
    }
}
