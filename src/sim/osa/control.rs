//! `/_sim/` over HTTP: the methods of [`OsaSim`] for a lab and for people with curl. Nothing is decided here.
//!
//! `POST /_sim/{action}` with the fields of an [`Action`] as JSON; `?wait=true` answers when the task has ended.
//! `GET /_sim/tasks[/{id}]`, `/resources[/{id}]`, `/bill/{tenant}`, `/screen/{tenant}`, `/log`.

use std::collections::HashMap;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router, serve};
use serde::Serialize;
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use uuid::Uuid;

use super::action::{Action, Done};
use super::refused::Refused;
use super::sim::OsaSim;
use super::task::TaskRecord;

/// Serves `/_sim/` until OSA stops.
pub(super) fn open(sim: &OsaSim, listener: TcpListener) {
    let router = Router::new()
        .route("/_sim/tasks", get(|State(sim): State<OsaSim>| async move { Json(sim.tasks()) }))
        .route("/_sim/tasks/{id}", get(task))
        .route("/_sim/resources", get(resources))
        .route("/_sim/resources/{id}", get(resource))
        .route("/_sim/bill/{tenant}", get(bill))
        .route("/_sim/screen/{tenant}", get(screen))
        .route("/_sim/log", get(|State(sim): State<OsaSim>| async move { Json(sim.log()) }))
        .route("/_sim/{action}", post(act))
        .with_state(sim.clone());
    let serving = serve(listener, router);
    let serving = async move { serving.await };
    tokio::spawn(sim.stop.clone().run_until_cancelled_owned(serving));
}

async fn act(
    State(sim): State<OsaSim>,
    Path(name): Path<String>,
    Query(query): Query<HashMap<String, String>>,
    body: Option<Json<Map<String, Value>>>,
) -> Result<Response, Refused> {
    let mut body = body.map(|Json(body)| body).unwrap_or_default();
    body.insert("action".to_owned(), json!(name));
    let action: Action =
        serde_json::from_value(Value::Object(body)).map_err(|error| Refused::Invalid(error.to_string()))?;
    let wait = query.get("wait").is_some_and(|wait| wait == "true");
    let answer = match action.run(&sim).await? {
        Done::Task(task) if wait => shown(&task.done().await),
        Done::Task(task) => shown(&task.record()),
        Done::Value(value) => value,
        Done::Nothing => json!({}),
    };
    Ok(Json(answer).into_response())
}

fn shown(record: &TaskRecord) -> Value {
    serde_json::to_value(record).unwrap_or_default()
}

async fn task(State(sim): State<OsaSim>, Path(id): Path<u64>) -> Result<Json<TaskRecord>, Refused> {
    Ok(Json(sim.task(id)?.record()))
}

async fn resources(State(sim): State<OsaSim>) -> Json<Vec<Value>> {
    Json(sim.resources().iter().map(|resource| resource.shown()).collect())
}

async fn resource(State(sim): State<OsaSim>, Path(id): Path<Uuid>) -> Result<Json<Value>, Refused> {
    let resource = sim.resource(id).ok_or(Refused::Unknown { what: "the resource", id })?;
    Ok(Json(resource.shown()))
}

async fn bill(State(sim): State<OsaSim>, Path(tenant): Path<Uuid>) -> Json<impl Serialize> {
    Json(sim.bill(tenant))
}

async fn screen(State(sim): State<OsaSim>, Path(tenant): Path<Uuid>) -> Json<impl Serialize> {
    Json(sim.screen(tenant))
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = match self {
            Refused::Unknown { .. } | Refused::NoTask { .. } => StatusCode::NOT_FOUND,
            Refused::Busy { .. } | Refused::NotReady { .. } | Refused::NotFailed { .. } => {
                StatusCode::CONFLICT
            }
            Refused::Invalid(_) => StatusCode::BAD_REQUEST,
        };
        (status, Json(json!({"message": self.to_string()}))).into_response()
    }
}
