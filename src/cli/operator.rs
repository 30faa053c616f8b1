//! `refresh`, `pause` and `resume`: what an operator asks of the daemon, through the database.

use super::context::{self, Context};
use super::progress::during;
use super::style::print;
use super::{Arguments, Exit, Output, who};
use crate::domain::SubscriptionId;
use crate::store::{Freshness, Wanted};
use anyhow::{Context as _, Result, bail};
use serde_json::json;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How often it is looked whether the numbers are fresh.
const LOOK: Duration = Duration::from_millis(200);

/// Has the daemon read a subscription's numbers afresh, and waits for them; or all, and does not wait.
pub fn refresh(arguments: &Arguments, subscription: Option<&str>) -> Result<Exit> {
    context::with(&arguments.config, async |context| {
        let Some(name) = subscription else {
            let number = during("asking for a refresh of all", context.store.refresh_all()).await;
            let number = number.context("asking for a refresh of all")?;
            let text = format!("{number} subscriptions will be read afresh\n");
            return say(arguments.output, text, json!({"refreshing": number}));
        };
        let id = context.find(name).await?;
        wait_for_fresh(&context, id, name).await?;
        say(arguments.output, format!("subscription {name} is fresh\n"), json!({"refreshed": id}))
    })
}

/// Asks for a fresh look at one subscription, and waits for it.
pub async fn wait_for_fresh(context: &Context, id: SubscriptionId, name: &str) -> Result<()> {
    let wanted = context.store.refresh(id).await.context("asking for a refresh")?;
    let Some(wanted) = wanted else {
        bail!("subscription {name} is gone from Mozy and is not looked at any more")
    };
    let waiting = format!("waiting for fresh numbers of subscription {name}");
    during(&waiting, fresh(context, id, name, wanted)).await
}

async fn fresh(context: &Context, id: SubscriptionId, name: &str, wanted: Wanted) -> Result<()> {
    let deadline = Instant::now() + context.config.mozy.timeout;
    loop {
        match context.store.freshness(id, wanted).await.context("looking whether the numbers are fresh")? {
            Freshness::Fresh => return Ok(()),
            Freshness::Failed(why) => {
                bail!("subscription {name} could not be read at Mozy: {why}; the numbers stay")
            }
            Freshness::Pending(why) if Instant::now() >= deadline => bail!(
                "no fresh numbers of subscription {name} within {} s; {}",
                context.config.mozy.timeout.as_secs(),
                why.as_deref().unwrap_or("is the daemon running?")
            ),
            Freshness::Pending(_) => sleep(LOOK).await,
        }
    }
}

/// Leaves a subscription alone, or works on it again.
pub fn pause(arguments: &Arguments, name: &str, paused: bool) -> Result<Exit> {
    context::with(&arguments.config, async |context| {
        let id = context.find(name).await?;
        let by = who::name();
        let known =
            if paused { context.store.pause(id, &by).await } else { context.store.resume(id, &by).await };
        if !known.with_context(|| format!("changing subscription {name}"))? {
            bail!("subscription {name} is gone from Mozy");
        }
        let word = if paused { "paused" } else { "resumed" };
        say(arguments.output, format!("subscription {name} is {word}\n"), json!({ word: id }))
    })
}

fn say(output: Output, text: String, json: serde_json::Value) -> Result<Exit> {
    print(&match output {
        Output::Text => text,
        Output::Json => format!("{json}\n"),
    })?;
    Ok(Exit::Done)
}
