//! What systemd is told: READY, STATUS, WATCHDOG and STOPPING; nothing where there is no systemd.

use sd_notify::NotifyState;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "systemd could not be told");
    }
}

/// The daemon serves.
pub fn ready() {
    tell(&[NotifyState::Ready]);
}

/// The daemon drains.
pub fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// One line of what is going on.
pub fn status(line: &str) {
    tell(&[NotifyState::Status(line)]);
}

/// Feeds the watchdog for ever, but only while the loop moves: a loop that stands still is restarted.
pub async fn watchdog(moved: Arc<Notify>) {
    let Some(patience) = sd_notify::watchdog_enabled() else { return };
    let every = (patience / 3).max(Duration::from_millis(100));
    loop {
        moved.notified().await;
        tell(&[NotifyState::Watchdog]);
        tokio::time::sleep(every).await;
    }
}

/// The configuration is being read again; `ready` ends it.
pub fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(_) => tell(&[NotifyState::Reloading]),
    }
}
