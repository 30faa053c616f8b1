//! The pace of the workers' loop: how long it waits, for what, and that it is seen to move meanwhile.

use super::places::Busy;
use super::workers::Workers;
use std::pin::pin;
use std::time::Duration;
use tokio::time::{Instant, sleep_until, timeout};

/// What is due is looked for at least so often: a lost NOTIFY delays nothing for longer.
pub(super) const POLL: Duration = Duration::from_millis(1000);

/// The same where no NOTIFY is ever heard.
const DEAF_POLL: Duration = Duration::from_millis(200);

/// How long places that are free wait for others at most, so that they are claimed for together.
const LINGER: Duration = Duration::from_millis(10);

impl Workers {
    /// The loop moves.
    pub(super) fn beat(&self) {
        self.pulse.beat();
        self.moved.notify_one();
    }

    /// The loop moves also while it waits for the database: that is bounded, and no fault of ours.
    pub(super) async fn moving<T>(&self, asked: impl Future<Output = T>) -> T {
        let mut asked = pin!(asked);
        loop {
            match timeout(POLL, &mut asked).await {
                Ok(answer) => return answer,
                Err(_) => self.beat(),
            }
        }
    }

    /// Until the next is due, but not longer than a poll.
    pub(super) async fn nap(&self) -> Duration {
        let poll = if self.store.hears() { POLL } else { DEAF_POLL };
        let due = self.store.earliest_due().await.ok().flatten();
        due.unwrap_or(poll).clamp(Duration::from_millis(5), poll)
    }

    /// Waits until places are free: half of them, or one for a while.
    pub(super) async fn room(&self, busy: &Busy) {
        self.freed.notified().await;
        let (workers, until) = (self.live.now().reconcile.workers, Instant::now() + LINGER);
        while busy.free_of(workers) < workers / 2 {
            tokio::select! {
                () = self.freed.notified() => {}
                () = sleep_until(until) => return,
            }
        }
    }
}
