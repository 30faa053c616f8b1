//! SIGHUP: the configuration is read again. What can be taken is taken at once and nothing under way is lost; what needs
//! a restart is named; a file that makes no sense is refused and the old one stays.

use super::jobs::Parts;
use super::{notify, sweep};
use crate::config::{Config, Problems};
use crate::telemetry::LogLevel;
use std::path::Path;
use std::sync::Arc;

/// What a reload works with.
pub struct Reload<'a> {
    /// The file.
    pub path: &'a Path,
    /// What the daemon was started with: what needs a restart is told again until there was one.
    pub started: Arc<Config>,
    /// The log's.
    pub level: LogLevel,
    /// Everything that runs.
    pub parts: Parts,
}

impl Reload<'_> {
    /// Reads the file and those it names, and takes what it says.
    pub async fn run(&self) {
        notify::reloading();
        match self.read() {
            Ok(config) => self.take(config).await,
            Err(problems) => tracing::error!(%problems, "the configuration was refused; the old one stays"),
        }
        notify::ready();
    }

    fn read(&self) -> Result<Config, Problems> {
        let config = Config::load(self.path)?;
        config.files()?;
        Ok(config)
    }

    async fn take(&self, config: Config) {
        let restart = self.started.needing_restart(&config);
        let Parts { live, vendors, store, work, .. } = &self.parts;
        if let Err(error) = self.level.set(&config.log.level) {
            tracing::error!("the level of the log stays: {error:#}");
        }
        let retune = live.now().mozy != config.mozy;
        live.replace(config);
        if retune {
            vendors.retune();
        }
        sweep::begin_anew(store, live).await;
        work.notify_one();
        if restart.is_empty() {
            tracing::info!("the configuration was read again");
        } else {
            let keys = restart.join(", ");
            tracing::warn!(keys, "the configuration was read again; restart to take what these keys say");
        }
    }
}
