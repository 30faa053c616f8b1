//! One SOAP call over HTTP: envelope in, call, envelope out, disturbed as the rules say.

use axum::{
    body::Bytes,
    extract::{ConnectInfo, Path, State},
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};

use super::{Door, disturbed::disturb, line::Line, read, write};
use crate::sim::mozy::{
    fault::{Cause, Fault},
    operation::{Operation, service_operations},
    switches::{ArgumentBinding, BadKey, FaultHttpStatus, Switches},
    value::Value,
};

/// `POST /api/{version}/{service}/api`.
pub(super) async fn call(
    State(door): State<Door>,
    ConnectInfo(line): ConnectInfo<Line>,
    Path((_version, service)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if service_operations(&service).is_none() {
        return StatusCode::NOT_FOUND.into_response();
    }
    let switches = door.sim.switches();
    let by_name = switches.argument_binding == ArgumentBinding::ByName;
    let request = read::read(&body, by_name);
    let found = request.and_then(|request| Ok((operation(&service, &request.method, &headers)?, request)));
    let (operation, request) = match found {
        Ok(found) => found,
        Err(fault) => return envelope(Err(&fault), "", &switches),
    };
    let exchange = door.sim.core().perform(&request.api_key, operation, request.parts, true);
    let answer =
        exchange.result.as_ref().map(|result| envelope(result.as_ref(), operation.method, &switches));
    disturb(&door, &line, exchange.disturbance, answer).await
}

/// The body names the method; a SOAPAction that names another is a fault, none or an empty one is not.
fn operation(service: &str, method: &str, headers: &HeaderMap) -> Result<&'static Operation, Fault> {
    let action = headers.get("soapaction").and_then(|action| action.to_str().ok()).unwrap_or_default();
    let action = action.trim_matches('"');
    let named = action.rsplit(['/', '#']).next().unwrap_or_default();
    if !named.is_empty() && named != method {
        return Err(Fault::invalid(format!("SOAPAction says {named}, the body {method}")));
    }
    Operation::find(&format!("{service}.{method}"))
}

fn envelope(result: Result<&Value, &Fault>, method: &str, switches: &Switches) -> Response {
    let (status, xml) = match result {
        Ok(value) => (StatusCode::OK, write::answer(method, value, switches)),
        Err(fault) if fault.cause == Cause::BadKey && switches.bad_key == BadKey::Http401 => {
            return StatusCode::UNAUTHORIZED.into_response();
        }
        Err(fault) => (fault_status(switches), write::fault(&fault.text)),
    };
    (status, [(CONTENT_TYPE, "text/xml; charset=utf-8")], xml).into_response()
}

fn fault_status(switches: &Switches) -> StatusCode {
    match switches.fault_http_status {
        FaultHttpStatus::ServerError => StatusCode::INTERNAL_SERVER_ERROR,
        FaultHttpStatus::Ok => StatusCode::OK,
    }
}
