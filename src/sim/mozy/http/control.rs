//! The control surface under `/_sim/`: JSON in and out, for tests and demonstrations. Not part of Mozy.

use axum::{
    Json, Router,
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use chrono::TimeDelta;
use serde::Deserialize;
use serde_json::{Map, Value as Any, json};

use super::Door;
use crate::sim::mozy::{
    core::Activation, disturb::FaultRule, fault::Fault, json::parts_of, switches::Switches,
};

/// A refusal, as `{"error": text}` with status 400.
struct Refused(Fault);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (StatusCode::BAD_REQUEST, Json(json!({"error": self.0.text}))).into_response()
    }
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Refused {
        Refused(fault)
    }
}

type Answer = Result<Json<Any>, Refused>;

pub(super) fn router() -> Router<Door> {
    Router::new()
        .route("/switches", get(switches).put(set_switches))
        .route("/faults", get(faults).post(add_fault).delete(clear_faults))
        .route("/keys", post(add_key))
        .route("/panel", post(panel))
        .route("/activate", post(activate))
        .route("/usage", post(usage))
        .route("/clock", post(advance))
        .route("/calls", get(calls).delete(clear_books))
        .route("/ledger", get(|State(door): State<Door>| async move { Json(door.sim.ledger()) }))
        .route("/mails", get(|State(door): State<Door>| async move { Json(door.sim.mails()) }))
        .route("/counters", get(counters))
        .route("/check", get(|State(door): State<Door>| async move { Json(door.sim.check()) }))
        .route("/state", get(|State(door): State<Door>| async move { Json(door.sim.dump()) }))
}

async fn switches(State(door): State<Door>) -> Json<Switches> {
    Json(door.sim.switches())
}

/// Those named are set, the others stay.
async fn set_switches(State(door): State<Door>, Json(named): Json<Map<String, Any>>) -> Answer {
    let merged = json!(door.sim.switches());
    let Any::Object(mut merged) = merged else { return Ok(Json(merged)) };
    merged.extend(named);
    let switches = serde_json::from_value(Any::Object(merged));
    let switches = switches.map_err(|error| Fault::invalid(format!("reading the switches: {error}")))?;
    door.sim.set_switches(switches);
    Ok(Json(json!(switches)))
}

async fn faults(State(door): State<Door>) -> Json<Vec<FaultRule>> {
    Json(door.sim.faults())
}

async fn add_fault(State(door): State<Door>, Json(rule): Json<FaultRule>) -> Answer {
    door.sim.add_fault(rule)?;
    Ok(Json(json!(door.sim.faults())))
}

async fn clear_faults(State(door): State<Door>) -> Json<Any> {
    door.sim.clear_faults();
    Json(json!([]))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewKey {
    partner_id: i64,
    #[serde(default)]
    api_key: Option<String>,
}

async fn add_key(State(door): State<Door>, Json(new): Json<NewKey>) -> Answer {
    let api_key = door.sim.add_key(new.partner_id, new.api_key)?;
    Ok(Json(json!({"api_key": api_key})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ByHand {
    operation: String,
    #[serde(default)]
    parts: Map<String, Any>,
}

async fn panel(State(door): State<Door>, Json(by_hand): Json<ByHand>) -> Answer {
    let answer = door.sim.panel(&by_hand.operation, parts_of(by_hand.parts))?;
    Ok(Json(json!({"return": answer})))
}

async fn activate(State(door): State<Door>, Json(activation): Json<Activation>) -> Answer {
    let machine_id = door.sim.activate(activation)?;
    Ok(Json(json!({"machine_id": machine_id})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Usage {
    machine_id: i64,
    bytes: i64,
}

async fn usage(State(door): State<Door>, Json(usage): Json<Usage>) -> Answer {
    door.sim.back_up(usage.machine_id, usage.bytes)?;
    Ok(Json(json!(usage.bytes)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ahead {
    advance_ms: i64,
}

async fn advance(State(door): State<Door>, Json(ahead): Json<Ahead>) -> Json<Any> {
    door.sim.advance(TimeDelta::milliseconds(ahead.advance_ms.max(0)));
    Json(json!({"now": door.sim.with(|world| world.now)}))
}

#[derive(Deserialize)]
struct After {
    #[serde(default)]
    after: u64,
}

async fn calls(State(door): State<Door>, Query(after): Query<After>) -> Json<Any> {
    Json(json!(door.sim.calls_after(after.after)))
}

async fn clear_books(State(door): State<Door>) -> Json<Any> {
    door.sim.clear_books();
    Json(json!([]))
}

async fn counters(State(door): State<Door>) -> Json<Any> {
    let mut counters = json!(door.sim.counters());
    counters["pending"] = json!(door.sim.pending());
    Json(counters)
}
