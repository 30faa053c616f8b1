//! `approve`: releases what the guard holds of one subscription, once and for a while.

use super::context::{self, Context};
use super::style::print;
use super::{Arguments, Exit, Output, who};
use crate::daemon::APPROVAL;
use anyhow::{Context as _, Result, bail};
use serde_json::json;

/// Releases exactly the held plan of this hash, and has it run.
pub fn approve(arguments: &Arguments, hash: &str) -> Result<Exit> {
    context::with(&arguments.config, async |context| {
        let approved =
            context.store.approve(hash, APPROVAL, &who::name()).await.context("keeping the approval")?;
        let Some(approved) = approved else { bail!("{}", why_not(&context, hash).await?) };
        let (number, steps) = (approved.number, approved.steps);
        let minutes = APPROVAL.as_secs() / 60;
        print(&match arguments.output {
            Output::Json => {
                format!("{}\n", json!({"approved": hash, "subscription_id": number, "steps": steps}))
            }
            Output::Text => {
                format!("released for {minutes} minutes: {steps} steps of subscription {number}\n")
            }
        })?;
        Ok(Exit::Done)
    })
}

/// Whose plan it was, the hash tells: what is held of him now is shown.
async fn why_not(context: &Context, hash: &str) -> Result<String> {
    let owners = context.store.marked(hash).await.context("looking for the plan")?;
    let held = context.store.held(None).await.context("reading what is held")?;
    let now: Vec<String> = held
        .iter()
        .filter(|line| owners.iter().any(|owner| owner.0 == line.subscription_id))
        .map(|line| format!("{} ({} {}s of subscription {})", line.hash, line.asked, line.class, line.number))
        .collect();
    Ok(match now.is_empty() {
        true => format!("no plan {hash} is held now; `mozyd plan` shows what is held, with its hash"),
        false => format!(
            "plan {hash} is not held any more, nothing was released: it has changed since, and is now {}; look at it \
             with `mozyd plan` first",
            now.join(", ")
        ),
    })
}
