//! Subscriptions: listed by state and condition, shown, planned, and what an operator may ask of one.

use super::query::{Name, Nothing, Parameters};
use super::trouble::Trouble;
use super::{Answer, Api, BY, PAGE};
use crate::daemon::look::look;
use crate::domain::SubscriptionId;
use crate::domain::snapshot::fresh_since;
use crate::domain::status::Status;
use crate::plan::render;
use crate::ports::panel::{Panel, PanelError};
use crate::store::{EventLine, Filter};
use axum::Json;
use axum::extract::State;
use chrono::Utc;
use serde_json::{Value, json};

/// So many events of a subscription are told unless asked otherwise.
const EVENTS: u32 = 200;

impl Api {
    /// The subscription that a path names by APS id or by OSA's number.
    pub async fn find(&self, name: &str) -> Result<SubscriptionId, Trouble> {
        match self.store.find(name).await?.as_slice() {
            [] => Err(Trouble::NotFound(format!("subscription {name} is not known"))),
            [id] => Ok(*id),
            many => {
                Err(Trouble::BadRequest(format!("{name} names {} subscriptions; use an APS id", many.len())))
            }
        }
    }

    async fn status(&self, id: SubscriptionId) -> Result<Option<Status>, Trouble> {
        let snapshot = self.store.snapshot(id).await?;
        let snapshot = snapshot.map(|snapshot| snapshot.at(Utc::now(), self.config().reconcile.interval));
        Ok(snapshot.as_ref().map(Status::from))
    }
}

/// A page of subscriptions that are not gone, in the order of their APS ids.
pub async fn list(State(api): State<Api>, mut asked: Parameters) -> Answer {
    let (state, condition) = (asked.state()?, asked.condition()?);
    let (after, limit) = (asked.after_subscription()?, asked.limit(PAGE)?);
    asked.nothing_else()?;
    let fresh_since = Some(fresh_since(Utc::now(), api.config().reconcile.interval));
    // One more tells whether there is another page.
    let filter = Filter { state, condition, fresh_since, after, limit: limit + 1 };
    let mut lines = api.store.list(&filter).await?;
    let more = lines.len() > limit as usize;
    lines.truncate(limit as usize);
    let next = lines.last().filter(|_| more).map(|line| line.id);
    let mut statuses = Vec::with_capacity(lines.len());
    for line in &lines {
        // One that was forgotten meanwhile is left out.
        statuses.extend(api.status(SubscriptionId(line.id)).await?);
    }
    Ok(Json(json!({"subscriptions": statuses, "after": next})))
}

/// As `mozyd status` shows it.
pub async fn one(State(api): State<Api>, Name(name): Name, _: Nothing) -> Answer {
    let id = api.find(&name).await?;
    let status = api.status(id).await?;
    let status = status.ok_or_else(|| Trouble::NotFound(format!("subscription {name} is not known")))?;
    Ok(Json(json!(status)))
}

/// As `mozyd plan` shows it.
pub async fn plan(State(api): State<Api>, Name(name): Name, _: Nothing) -> Answer {
    let id = api.find(&name).await?;
    let looked = look(&api.config(), &api.store, &api.vendors, id).await;
    let looked = looked.map_err(|error| Trouble::Unavailable(format!("{error:#}")))?;
    let (desired, plan) = looked.ok_or_else(|| gone(&name))?;
    Ok(Json(render::json(&desired, &plan)))
}

/// The newest events, or those after one; the newest last.
pub async fn events(State(api): State<Api>, Name(name): Name, mut asked: Parameters) -> Answer {
    let (after, limit) = (asked.after_event()?, asked.limit(EVENTS)?);
    asked.nothing_else()?;
    let id = api.find(&name).await?;
    let events = match after {
        None => api.store.events(Some(id), limit).await?,
        Some(event) => api.store.events_after(id, event, limit).await?,
    };
    Ok(Json(Value::Array(events.iter().map(event).collect())))
}

fn event(event: &EventLine) -> Value {
    let EventLine { id, subscription_id: _, number: _, at, kind, message, request_id } = event;
    json!({"id": id, "at": at, "kind": kind, "message": message, "request": request_id})
}

/// Fresh numbers; answered when they are there.
pub async fn refresh(State(api): State<Api>, Name(name): Name, _: Nothing) -> Answer {
    let id = api.find(&name).await?;
    match api.panel.refresh(id).await {
        Err(PanelError::NotFound(_)) => Err(gone(&name)),
        refreshed => refreshed.map(|()| Json(json!({"refreshed": id}))).map_err(Into::into),
    }
}

/// Nothing is written at Mozy for it any more.
pub async fn pause(State(api): State<Api>, Name(name): Name, _: Nothing) -> Answer {
    let id = api.find(&name).await?;
    let known = api.store.pause(id, BY).await?;
    known.then(|| Json(json!({"paused": id}))).ok_or_else(|| gone(&name))
}

/// It is worked on again.
pub async fn resume(State(api): State<Api>, Name(name): Name, _: Nothing) -> Answer {
    let id = api.find(&name).await?;
    let known = api.store.resume(id, BY).await?;
    known.then(|| Json(json!({"resumed": id}))).ok_or_else(|| gone(&name))
}

fn gone(name: &str) -> Trouble {
    Trouble::NotFound(format!("subscription {name} is gone from Mozy and is not worked on any more"))
}
