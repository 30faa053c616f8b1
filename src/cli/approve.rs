//! `approve`: releases what the guard holds of one subscription, once and for a while.

use super::context::{self, Context};
use super::style::{count, print};
use super::{Arguments, Exit, Output, who};
use crate::daemon::APPROVAL;
use crate::store::Approved;
use anyhow::{Context as _, Result, bail};

/// Releases exactly the held plan of this hash, and has it run.
pub fn approve(arguments: &Arguments, hash: &str) -> Result<Exit> {
    context::with(&arguments.config, async |context| {
        let approved =
            context.store.approve(hash, APPROVAL, &who::name()).await.context("keeping the approval")?;
        let Some(approved) = approved else { bail!("{}", why_not(&context, hash).await?) };
        print(&match arguments.output {
            Output::Json => format!("{}\n", approved.json(hash)),
            Output::Text => text(&approved),
        })?;
        Ok(Exit::Done)
    })
}

fn text(approved: &Approved) -> String {
    let (number, minutes) = (approved.number, APPROVAL.as_secs() / 60);
    let steps = count(usize::try_from(approved.steps).unwrap_or_default(), "step");
    let released = format!("released for {minutes} minutes: {steps} of subscription {number}\n");
    match approved.paused {
        true => format!("{released}it is paused: nothing of it runs until `mozyd resume {number}`\n"),
        false => released,
    }
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
