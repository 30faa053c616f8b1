//! `events`: what happened, the newest last.

use super::context::{self, Context};
use super::style::{Style, Tone, print};
use super::table::indented;
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
        Output::Text => events.iter().map(|event| line(event, subscription.is_none())).collect(),
    })?;
    Ok(Exit::Done)
}

/// What was forgotten is not known any more, and its events are still found by its APS id or its number.
async fn whose(context: &Context, name: &str) -> Result<SubscriptionId> {
    let found = context.find(name).await;
    match (found, Uuid::parse_str(name), name.parse()) {
        (Ok(id), ..) => Ok(id),
        (_, Ok(id), _) => Ok(SubscriptionId(id)),
        (unknown, _, Ok(number)) => match context.store.forgotten(number).await?.as_slice() {
            [id] => Ok(*id),
            _ => unknown,
        },
        (unknown, ..) => unknown,
    }
}

/// One event as programs read it.
pub fn json(event: &EventLine) -> Value {
    let EventLine { id, subscription_id, number, at, kind, message, request_id } = event;
    json!({"id": id, "aps_id": subscription_id, "subscription_id": number, "at": at, "kind": kind,
        "message": message, "request": request_id})
}

/// Of all, each says whose it is.
fn line(event: &EventLine, of_all: bool) -> String {
    let style = Style::of_stdout();
    let at = event.at.format("%F %TZ").to_string();
    let whose = event.number.map_or_else(|| "forgotten".to_owned(), |number| number.to_string());
    let whose = if of_all { format!("{whose:<9}  ") } else { String::new() };
    let lead = format!("{}  {whose}{:<9}  ", style.paint(Tone::Faint, &at), event.kind);
    let width = at.len() + 2 + whose.chars().count() + event.kind.len().max(9) + 2;
    indented(&lead, width, &event.message, Tone::Plain, style)
}
