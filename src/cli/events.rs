//! `events`: what happened, the newest last.

use super::context::{self, Context};
use super::style::{Style, Tone, print, printable};
use super::{Arguments, Exit, Output};
use crate::domain::SubscriptionId;
use crate::store::EventLine;
use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use uuid::Uuid;

/// So many are shown.
const NEWEST: u32 = 200;

/// Shows the events of one subscription, or of all.
pub fn events(arguments: &Arguments, subscription: Option<&str>) -> Result<Exit> {
    let events = context::with(&arguments.config, async |context| {
        let id = match subscription {
            Some(name) => Some(whose(&context, name).await?),
            None => None,
        };
        context.store.events(id, NEWEST).await.context("reading the events")
    })?;
    print(&match arguments.output {
        Output::Json => format!("{}\n", Value::Array(events.iter().map(json).collect())),
        Output::Text => events.iter().map(line).collect(),
    })?;
    Ok(Exit::Done)
}

/// What was forgotten is not known any more, and its events are still found by its APS id.
async fn whose(context: &Context, name: &str) -> Result<SubscriptionId> {
    match (context.find(name).await, Uuid::parse_str(name)) {
        (Err(_), Ok(id)) => Ok(SubscriptionId(id)),
        (found, _) => found,
    }
}

/// One event as programs read it.
pub fn json(event: &EventLine) -> Value {
    let EventLine { id, subscription_id, at, kind, message, request_id } = event;
    json!({"id": id, "aps_id": subscription_id, "at": at, "kind": kind, "message": message, "request": request_id})
}

fn line(event: &EventLine) -> String {
    let style = Style::of_stdout();
    let at = style.paint(Tone::Faint, &event.at.format("%F %T").to_string());
    format!("{at}  {:<9} {}\n", event.kind, printable(&event.message))
}
