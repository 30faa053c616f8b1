//! `migrate`: brings the tables up to date.

use super::context;
use super::progress::during;
use super::{Arguments, Exit, Output};
use anyhow::{Context as _, Result};
use serde_json::json;

/// Runs what is missing, under a lock: two that run at once do it once.
pub fn migrate(arguments: &Arguments) -> Result<Exit> {
    let done = context::with(&arguments.config, async |context| {
        during("bringing the tables up to date", context.store.migrate())
            .await
            .context("bringing the tables up to date")
    })?;
    let text = match arguments.output {
        Output::Json => format!("{}\n", json!({ "migrated": done })),
        Output::Text if done.is_empty() => "the tables are up to date\n".to_owned(),
        Output::Text => done.iter().map(|name| format!("migrated {name}\n")).collect(),
    };
    super::style::print(&text)?;
    Ok(Exit::Done)
}
