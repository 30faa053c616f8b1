//! Signals: SIGTERM and SIGINT drain, a second one exits at once; SIGUSR1 refreshes all; SIGHUP reads the configuration.

use anyhow::{Context as _, Result};
use futures_util::StreamExt;
use signal_hook::consts::signal::{SIGHUP, SIGINT, SIGTERM, SIGUSR1};
use signal_hook::flag;
use signal_hook_tokio::Signals;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// What a signal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Stop: finish or settle what is in flight, give leases back.
    Stop,
    /// Read the configuration again.
    Reload,
    /// Refresh all now.
    Refresh,
}

/// The signals of this process, from now on.
pub struct Listener(Signals);

impl Listener {
    /// Takes over the signals. A second SIGTERM or SIGINT ends the process at once, whatever it is doing.
    pub fn new() -> Result<Self> {
        let stopping = Arc::new(AtomicBool::new(false));
        for signal in [SIGTERM, SIGINT] {
            // In this order: the first signal finds the flag down, and the second finds it raised.
            flag::register_conditional_shutdown(signal, 1, Arc::clone(&stopping))
                .context("taking over a signal")?;
            flag::register(signal, Arc::clone(&stopping)).context("taking over a signal")?;
        }
        Signals::new([SIGTERM, SIGINT, SIGHUP, SIGUSR1]).context("taking over signals").map(Self)
    }

    /// What is asked for next.
    pub async fn next(&mut self) -> Asked {
        loop {
            match self.0.next().await {
                Some(SIGHUP) => return Asked::Reload,
                Some(SIGUSR1) => return Asked::Refresh,
                Some(_) => return Asked::Stop,
                // The stream only ends when it is closed, which nobody does.
                None => std::future::pending().await,
            }
        }
    }
}
