//! The operator's API below `/api/v1`: the same answers as the verbs, for programs (interface.md, HTTP).

use super::look::{APPROVAL, look};
use super::panel::ControlPanel;
use super::vendors::Vendors;
use crate::config::{Config, Secret};
use crate::domain::status::Status;
use crate::domain::{Amount, LicenceKind, SubscriptionId};
use crate::plan::render;
use crate::ports::panel::{Panel, PanelError};
use crate::store::{CustomerShare, Filter, HeldLine, Store, StoreError};
use axum::Router;
use axum::extract::{Path, Query, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use ring::digest;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// A page holds at most so many.
const LARGEST_PAGE: u32 = 1000;

/// A page holds so many unless asked otherwise.
const PAGE: u32 = 100;

/// So many events of a subscription are told.
const EVENTS: u32 = 200;

/// What the API works with.
#[derive(Clone)]
pub struct Api {
    /// The configuration.
    pub config: Arc<Config>,
    /// The store.
    pub store: Store,
    /// Mozy.
    pub vendors: Arc<Vendors>,
    /// What is made while somebody waits.
    pub panel: ControlPanel,
    /// The bearer token; without one anybody on this host may ask.
    pub token: Option<Secret>,
}

/// The routes below `/api/v1`.
pub fn router(api: Api) -> Router {
    Router::new()
        .route("/api/v1/subscriptions", get(list))
        .route("/api/v1/subscriptions/{id}", get(one))
        .route("/api/v1/subscriptions/{id}/plan", get(plan))
        .route("/api/v1/subscriptions/{id}/events", get(events))
        .route("/api/v1/subscriptions/{id}/refresh", post(refresh))
        .route("/api/v1/subscriptions/{id}/pause", post(pause))
        .route("/api/v1/subscriptions/{id}/resume", post(resume))
        .route("/api/v1/plans/held", get(held))
        .route("/api/v1/plans/{hash}/approve", post(approve))
        .route("/api/v1/resellers/{id}/customers", get(customers))
        .layer(middleware::from_fn_with_state(api.clone(), admit))
        .with_state(api)
}

/// Why a request is not answered as asked.
enum Trouble {
    NotFound(String),
    BadRequest(String),
    Unavailable(String),
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let (status, message) = match self {
            Self::NotFound(message) => (StatusCode::NOT_FOUND, message),
            Self::BadRequest(message) => (StatusCode::BAD_REQUEST, message),
            Self::Unavailable(message) => (StatusCode::SERVICE_UNAVAILABLE, message),
        };
        (status, axum::Json(json!({"error": message}))).into_response()
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl From<PanelError> for Trouble {
    fn from(error: PanelError) -> Self {
        match error {
            PanelError::NotFound(_) => Self::NotFound(error.to_string()),
            _ => Self::Unavailable(error.to_string()),
        }
    }
}

type Answer = Result<axum::Json<Value>, Trouble>;

async fn admit(State(api): State<Api>, request: Request, next: Next) -> Response {
    let Some(token) = &api.token else { return next.run(request).await };
    let given = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given = given.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    // Digests are compared, so that the time it takes tells nothing of the token.
    let digest = |text: &str| digest::digest(&digest::SHA256, text.as_bytes());
    if digest(given).as_ref() == digest(token.expose()).as_ref() {
        next.run(request).await
    } else {
        let error = json!({"error": "the bearer token of admin.token_file is needed"});
        (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, "Bearer")], axum::Json(error)).into_response()
    }
}

impl Api {
    async fn find(&self, name: &str) -> Result<SubscriptionId, Trouble> {
        match self.store.find(name).await?.as_slice() {
            [] => Err(Trouble::NotFound(format!("subscription {name} is not known"))),
            [id] => Ok(*id),
            many => {
                Err(Trouble::BadRequest(format!("{name} names {} subscriptions; use an APS id", many.len())))
            }
        }
    }

    async fn status(&self, id: SubscriptionId) -> Result<Status, Trouble> {
        let snapshot = self.store.snapshot(id).await?;
        let gone = || Trouble::NotFound(format!("subscription {id} is not known"));
        Ok(Status::from(&snapshot.ok_or_else(gone)?))
    }
}

#[derive(Deserialize)]
struct Page {
    state: Option<String>,
    condition: Option<String>,
    after: Option<uuid::Uuid>,
    limit: Option<u32>,
}

async fn list(State(api): State<Api>, Query(page): Query<Page>) -> Answer {
    let limit = page.limit.unwrap_or(PAGE).clamp(1, LARGEST_PAGE);
    let Page { state, condition, after, .. } = page;
    let lines = api.store.list(&Filter { state, condition, after: after.map(SubscriptionId), limit }).await?;
    let next = (lines.len() == limit as usize).then(|| lines.last().map(|line| line.id)).flatten();
    let mut statuses = Vec::with_capacity(lines.len());
    for line in &lines {
        statuses.push(json!(api.status(SubscriptionId(line.id)).await?));
    }
    Ok(axum::Json(json!({"subscriptions": statuses, "after": next})))
}

async fn one(State(api): State<Api>, Path(name): Path<String>) -> Answer {
    let id = api.find(&name).await?;
    Ok(axum::Json(json!(api.status(id).await?)))
}

async fn plan(State(api): State<Api>, Path(name): Path<String>) -> Answer {
    let id = api.find(&name).await?;
    let looked = look(&api.config, &api.store, &api.vendors, id).await;
    let looked = looked.map_err(|error| Trouble::Unavailable(format!("{error:#}")))?;
    let gone = || Trouble::NotFound(format!("subscription {name} is gone"));
    let (desired, plan) = looked.ok_or_else(gone)?;
    Ok(axum::Json(render::json(&desired, &plan)))
}

async fn held(State(api): State<Api>) -> Answer {
    let held = api.store.held(None).await?;
    Ok(axum::Json(Value::Array(held.iter().map(HeldLine::json).collect())))
}

async fn approve(State(api): State<Api>, Path(hash): Path<String>) -> Answer {
    let approved = api.store.approve(&hash, APPROVAL).await?;
    let not_held =
        || Trouble::NotFound(format!("no plan {hash} is held now; GET /api/v1/plans/held tells what is"));
    let approved = approved.ok_or_else(not_held)?;
    Ok(axum::Json(json!({"approved": hash, "subscription": approved.id, "subscription_id": approved.number})))
}

async fn events(State(api): State<Api>, Path(name): Path<String>) -> Answer {
    let id = api.find(&name).await?;
    let events = api.store.events(Some(id), EVENTS).await?;
    let event = |event: &crate::store::EventLine| json!({"id": event.id, "at": event.at, "kind": event.kind, "message": event.message, "request": event.request_id});
    Ok(axum::Json(Value::Array(events.iter().map(event).collect())))
}

async fn refresh(State(api): State<Api>, Path(name): Path<String>) -> Answer {
    let id = api.find(&name).await?;
    api.panel.refresh(id).await?;
    Ok(axum::Json(json!({"refreshed": id})))
}

async fn pause(State(api): State<Api>, Path(name): Path<String>) -> Answer {
    let id = api.find(&name).await?;
    api.store.pause(id).await?;
    Ok(axum::Json(json!({"paused": id})))
}

async fn resume(State(api): State<Api>, Path(name): Path<String>) -> Answer {
    let id = api.find(&name).await?;
    api.store.resume(id).await?;
    Ok(axum::Json(json!({"resumed": id})))
}

async fn customers(State(api): State<Api>, Path(name): Path<String>) -> Answer {
    let id = api.find(&name).await?;
    let shares = api.store.customers(id).await?;
    let shares = shares.ok_or_else(|| Trouble::NotFound(format!("subscription {name} is no reseller's")))?;
    Ok(axum::Json(Value::Array(shares.iter().map(share).collect())))
}

/// One customer as the reseller sees him: quota and keys of each kind, used, total and percent.
fn share(share: &CustomerShare) -> Value {
    let usage = share.usage.unwrap_or_default();
    let kind = |kind: LicenceKind| {
        let (bought, used) = (share.bought.pools.of(kind), usage.pools.of(kind));
        json!({"quota_gb": part(used.quota_gb, bought.quota), "keys": part(used.assigned, bought.licences)})
    };
    json!({
        "aps_id": share.id,
        "subscription_id": share.number,
        "company": share.company,
        "desktop": kind(LicenceKind::Desktop),
        "server": kind(LicenceKind::Server),
    })
}

fn part(used: i64, total: Amount) -> Value {
    let total = total.limit();
    let percent = total.filter(|total| *total > 0).map_or(0.0, |total| used as f64 * 100.0 / total as f64);
    json!({"used": used, "total": total, "percent": (percent * 100.0).round() / 100.0})
}
