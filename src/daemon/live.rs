//! The configuration as it is now: SIGHUP puts another in its place, and whoever needs a value asks for it each time.

use crate::config::{Config, Mode};
use chrono::{DateTime, Utc};
use std::sync::Arc;
use tokio::sync::watch;

/// The configuration in force. Clones are the same one.
#[derive(Clone)]
pub struct Live(Arc<watch::Sender<Arc<Config>>>);

/// Why nothing may be written at Mozy for anybody now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quiet {
    /// For people.
    pub why: String,
    /// When it ends by itself.
    pub until: Option<DateTime<Utc>>,
}

impl Live {
    /// Begins with what was read at the start.
    pub fn new(config: Arc<Config>) -> Self {
        Self(Arc::new(watch::Sender::new(config)))
    }

    /// As it is now.
    pub fn now(&self) -> Arc<Config> {
        Arc::clone(&self.0.borrow())
    }

    /// Puts another in its place.
    pub fn replace(&self, config: Config) {
        self.0.send_replace(Arc::new(config));
    }

    /// Waits until a part of it is not what is `known`, and tells what it is now.
    pub async fn changed<T: PartialEq>(&self, known: &T, part: impl Fn(&Config) -> T) -> T {
        let mut changes = self.0.subscribe();
        loop {
            let now = part(&changes.borrow_and_update());
            // The sender is ours, so it is never gone.
            if now != *known || changes.changed().await.is_err() {
                return now;
            }
        }
    }

    /// Why nothing may be written at Mozy now: only observing, or a maintenance window.
    pub fn quiet(&self, now: DateTime<Utc>) -> Option<Quiet> {
        let config = self.0.borrow();
        if config.reconcile.mode == Mode::Observe {
            let why = "reconcile.mode is observe, so nothing is written at Mozy";
            return Some(Quiet { why: why.into(), until: None });
        }
        let until = config.maintenance.open_until(now)?;
        let why = format!(
            "a maintenance window is open until {} UTC, so nothing is written at Mozy before",
            until.format("%F %T")
        );
        Some(Quiet { why, until: Some(until) })
    }
}
