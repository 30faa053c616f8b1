//! `approve`: releases what the guard holds of one subscription, once and for a while.

use super::context;
use super::style::print;
use super::{Arguments, Exit, Output};
use crate::plan::render::hash;
use anyhow::{Context as _, Result, bail};
use serde_json::json;
use std::time::Duration;

/// A release runs out after so long.
const SPAN: Duration = Duration::from_secs(15 * 60);

/// Finds the held plan of this hash by looking at Mozy now, and releases exactly it.
pub fn approve(arguments: &Arguments, wanted: &str) -> Result<Exit> {
    context::with(&arguments.config, async |context| {
        let vendors = context.vendors()?;
        for id in context.held().await? {
            let Some((desired, plan)) = context.plan(&vendors, id).await? else { continue };
            if plan.held.is_empty() || hash(&desired, &plan.held) != wanted {
                continue;
            }
            context.store.approve(wanted, SPAN).await.context("keeping the approval")?;
            context.store.refresh(id).await.context("waking the subscription")?;
            let number = desired.subscription.number;
            print(&match arguments.output {
                Output::Json => format!("{}\n", json!({"approved": wanted, "subscription_id": number})),
                Output::Text => format!("released: {} steps of subscription {number}\n", plan.held.len()),
            })?;
            return Ok(Exit::Done);
        }
        bail!("no plan with the hash {wanted} is held now; `mozyd plan` shows what is, with its hash")
    })
}
