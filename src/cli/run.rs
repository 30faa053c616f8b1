//! `run`: the daemon.

use super::context::block_on;
use super::{Arguments, Exit};
use crate::config::Config;
use crate::{daemon, telemetry};
use anyhow::Result;

/// Runs until a signal asks to stop.
pub fn run(arguments: &Arguments) -> Result<Exit> {
    let config = Config::load(&arguments.config)?;
    config.files()?;
    let level = telemetry::init_daemon(&config.log)?;
    block_on(daemon::run(&arguments.config, config, level))?;
    Ok(Exit::Done)
}
