//! The books of agreed cycles: agreements gather for a moment, and go together in one statement.

use crate::domain::SubscriptionId;
use crate::store::{Agreement, Store};
use std::collections::HashSet;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep;

/// So many agreements go into one statement at most.
const BATCH: usize = 256;

/// How long the first one waits for others. A look that was made again has given its worker's place back by then.
const LINGER: Duration = Duration::from_millis(10);

struct Entry {
    subscription: SubscriptionId,
    agreement: Agreement,
    kept: oneshot::Sender<bool>,
}

/// Where workers hand in their agreements.
#[derive(Clone)]
pub struct Books(mpsc::Sender<Entry>);

/// Writes what is handed in.
pub struct Clerk(mpsc::Receiver<Entry>);

/// The books, and who keeps them.
pub fn open() -> (Books, Clerk) {
    let (sender, receiver) = mpsc::channel(BATCH);
    (Books(sender), Clerk(receiver))
}

impl Books {
    /// Whether one more agreement can be handed in at once.
    pub fn have_room(&self) -> bool {
        self.0.capacity() > 0
    }

    /// Whether an agreement was kept. One that was not must be recorded whole.
    pub async fn keep(&self, subscription: SubscriptionId, agreement: Agreement) -> bool {
        let (kept, answer) = oneshot::channel();
        self.0.send(Entry { subscription, agreement, kept }).await.is_ok() && answer.await.unwrap_or(false)
    }
}

impl Clerk {
    /// Keeps the books for ever.
    pub async fn run(mut self, store: Store) {
        let mut entries = Vec::with_capacity(BATCH);
        while let Some(first) = self.0.recv().await {
            entries.push(first);
            sleep(LINGER).await;
            while entries.len() < BATCH
                && let Ok(entry) = self.0.try_recv()
            {
                entries.push(entry);
            }
            let agreements: Vec<Agreement> = entries.iter().map(|entry| entry.agreement.clone()).collect();
            // What could not be kept is recorded whole, and whoever does it tells why that fails too.
            let kept: HashSet<_> = store.keep(&agreements).await.unwrap_or_default().into_iter().collect();
            for Entry { subscription, kept: answer, .. } in entries.drain(..) {
                let _ = answer.send(kept.contains(&subscription));
            }
        }
    }
}
