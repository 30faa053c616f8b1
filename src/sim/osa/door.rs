//! The controller's door: what the application may ask of OSA, and the book of who asked.

use std::io;
use std::time::Instant;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::HeaderMap;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, put};
use axum::{Router, serve};
use chrono::Utc;
use serde_json::Value;
use tokio::net::TcpListener;

use super::caller::text;
use super::denied::Denied;
use super::faults::{Fault, Side};
use super::listener::{Doorstep, Peer};
use super::log::Call;
use super::sim::OsaSim;
use super::{read, write};

/// No request is read beyond this.
const LONGEST_REQUEST: usize = 1 << 20;

/// Serves the controller until OSA stops.
pub(super) fn open(sim: &OsaSim, listener: TcpListener) -> io::Result<()> {
    let router = Router::new()
        .route("/aps/2/resources", get(read::list))
        .route("/aps/2/resources/{id}", get(read::one).put(write::configure))
        .route("/aps/2/resources/{id}/{relation}", get(read::related))
        .route("/aps/2/application/{service}/{id}", put(write::push))
        .fallback(|| async { Denied::not_found("OSA has no such path") })
        .layer(from_fn_with_state(sim.clone(), keep))
        .with_state(sim.clone());
    let doorstep = Doorstep::new(sim, listener)?;
    let serving = serve(doorstep, router.into_make_service_with_connect_info::<Peer>());
    let serving = async move { serving.await };
    tokio::spawn(sim.stop.clone().run_until_cancelled_owned(serving));
    Ok(())
}

/// Every call passes here: it may be struck by a fault, must prove who makes it, and is written down.
async fn keep(
    State(sim): State<OsaSim>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LONGEST_REQUEST).await else {
        return Denied::invalid("the body is longer than 1 MiB").into_response();
    };
    let mut call = entry(parts.method.as_str(), &parts.uri.to_string(), &parts.headers, &body);
    let fault = sim.faults.any(Side::FromApp, &ON_CALLS);
    let response = match (early(fault), sim.caller(&peer, &parts.method, &parts.uri, &parts.headers)) {
        (Some(denied), _) | (None, Err(denied)) => denied.into_response(),
        (None, Ok(caller)) => {
            call.instance = caller.instance;
            let mut request = Request::from_parts(parts, Body::from(body));
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
    };
    let response = late(fault, response);
    (call.status, call.fault) = (Some(response.status().as_u16()), fault);
    call.millis = started.elapsed().as_millis().try_into().unwrap_or(u64::MAX);
    // Before any hanging: a caller who gives up takes the rest of this function with him.
    sim.log.add(call);
    if fault == Some(Fault::Timeout) {
        tokio::time::sleep(sim.options.hang).await;
    }
    response
}

/// The faults that strike calls; those of the connection have struck before.
const ON_CALLS: [Fault; 4] = [Fault::BadRequest, Fault::Forbidden, Fault::Timeout, Fault::ServerError];

fn early(fault: Option<Fault>) -> Option<Denied> {
    match fault {
        Some(Fault::BadRequest) => Some(Denied::Early(400, "BadRequest", "try again".to_owned())),
        Some(Fault::Forbidden) => Some(Denied::Early(403, "Forbidden", "access denied".to_owned())),
        _ => None,
    }
}

fn late(fault: Option<Fault>, response: Response) -> Response {
    match fault {
        Some(Fault::Timeout | Fault::ServerError) => {
            Denied::Early(503, "Unavailable", "OSA is busy".to_owned()).into_response()
        }
        _ => response,
    }
}

fn entry(method: &str, path: &str, headers: &HeaderMap, body: &Bytes) -> Call {
    let header = |name| text(headers, name).map(str::to_owned);
    Call {
        at: Utc::now(),
        side: Side::FromApp,
        method: method.to_owned(),
        path: path.to_owned(),
        phase: None,
        transaction: header("aps-transaction-id"),
        acting_as: header("aps-resource-id"),
        body: serde_json::from_slice(body).unwrap_or_default(),
        status: None,
        answer: Value::Null,
        error: None,
        fault: None,
        millis: 0,
        instance: None,
    }
}
