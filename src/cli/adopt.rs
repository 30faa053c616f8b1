//! `adopt`: binds something at Mozy that we were never told of to the wish of OSA that it is.

use super::context::{self, Context};
use super::style::print;
use super::{Arguments, Exit, Output, who};
use crate::daemon::ByHand;
use crate::store::UnmanagedLine;
use anyhow::{Context as _, Result, bail};
use serde_json::json;
use std::sync::Arc;

/// Adopts what `unmanaged` lists under this id.
pub fn adopt(arguments: &Arguments, id: &str) -> Result<Exit> {
    context::with(&arguments.config, async |context| {
        let line = find(&context, id).await?;
        let by_hand = ByHand::new(Arc::clone(&context.config), context.store.clone())?;
        let subscription = crate::domain::SubscriptionId(line.subscription_id);
        let note = who::by("as an operator said");
        by_hand.adopt(subscription, &line.kind, &line.mozy_id, &note).await?;
        let UnmanagedLine { kind, mozy_id, name, .. } = line;
        print(&match arguments.output {
            Output::Json => {
                format!(
                    "{}\n",
                    json!({"adopted": mozy_id, "kind": kind, "name": name, "aps_id": subscription})
                )
            }
            Output::Text => {
                format!(
                    "{kind} {name} ({mozy_id}) is kept as OSA wants it from now on, in subscription {subscription}\n"
                )
            }
        })?;
        Ok(Exit::Done)
    })
}

/// By Mozy's id, with the kind before it where several have it: `user:17`.
async fn find(context: &Context, id: &str) -> Result<UnmanagedLine> {
    let lines = context.store.unmanaged().await.context("reading what is unmanaged")?;
    let (kind, mozy_id) = id.split_once(':').map_or((None, id), |(kind, id)| (Some(kind), id));
    let is = |line: &UnmanagedLine| line.mozy_id == mozy_id && kind.is_none_or(|kind| line.kind == kind);
    let mut found: Vec<UnmanagedLine> = lines.into_iter().filter(is).collect();
    match (found.pop(), found.is_empty()) {
        (Some(one), true) => Ok(one),
        (Some(one), false) => bail!(
            "{id} names several things; say which as {}:{mozy_id} or {}:{mozy_id}",
            one.kind,
            found.first().map_or("user", |other| &other.kind)
        ),
        (None, _) => bail!("nothing unmanaged has the id {id}; `mozyd unmanaged` lists what has"),
    }
}
