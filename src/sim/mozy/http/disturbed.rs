//! What a fault rule does to an answer on its way out.

use std::{convert::Infallible, time::Duration};

use axum::{
    body::{Body, Bytes, to_bytes},
    http::{
        HeaderValue, StatusCode,
        header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER},
        response::Parts,
    },
    response::{Html, IntoResponse, Response},
};
use chrono::{TimeDelta, Utc};
use futures_util::stream;
use tokio::time::sleep;

use super::{Door, line::Line};
use crate::sim::mozy::disturb::{Disturbance, FaultKind, RetryAfter};

/// How long an answer that never comes is held before the connection is cut.
const HOLD: Duration = Duration::from_secs(600);

/// How many bytes drip at once.
const DROP: usize = 16;

/// The answer as the client gets it. No answer at all cuts the connection.
pub(super) async fn disturb(
    door: &Door,
    line: &Line,
    disturbance: Disturbance,
    answer: Option<Response>,
) -> Response {
    if disturbance.latency_ms > 0 {
        hold(door, Duration::from_millis(disturbance.latency_ms)).await;
    }
    match (disturbance.line, answer) {
        (None, Some(answer)) => answer,
        (Some(FaultKind::Status { code, retry_after, html, .. }), _) => page(code, retry_after, html),
        (Some(FaultKind::TruncatedXml), Some(answer)) => truncated(answer).await,
        (Some(FaultKind::WrongContentType), Some(answer)) => mislabelled(answer),
        (Some(FaultKind::SlowDrip { ms }), Some(answer)) => {
            dripping(door, answer, Duration::from_millis(ms)).await
        }
        (Some(FaultKind::LateCommit { .. }), _) => {
            hold(door, HOLD).await;
            cut(line)
        }
        _ => cut(line),
    }
}

/// Waits, but not longer than the server lives.
async fn hold(door: &Door, time: Duration) {
    tokio::select! {
        () = sleep(time) => {}
        () = door.stop.cancelled() => {}
    }
}

/// The answer is never written: the connection is cut first.
fn cut(line: &Line) -> Response {
    line.cut();
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

fn page(code: u16, retry_after: Option<RetryAfter>, html: bool) -> Response {
    let status = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let text = format!("<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>\n");
    let mut response = match html {
        true => (status, Html(text)).into_response(),
        false => (status, "").into_response(),
    };
    let wait = retry_after.map(|wait| match wait {
        RetryAfter::Seconds(seconds) => seconds.to_string(),
        RetryAfter::Date(seconds) => {
            let date = Utc::now() + TimeDelta::seconds(seconds.into());
            date.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
        }
    });
    if let Some(wait) = wait.and_then(|wait| HeaderValue::from_str(&wait).ok()) {
        response.headers_mut().insert(RETRY_AFTER, wait);
    }
    response
}

async fn bytes(answer: Response) -> (Parts, Bytes) {
    let (mut parts, body) = answer.into_parts();
    parts.headers.remove(CONTENT_LENGTH);
    (parts, to_bytes(body, usize::MAX).await.unwrap_or_default())
}

/// A complete HTTP answer whose XML ends half-way.
async fn truncated(answer: Response) -> Response {
    let (parts, bytes) = bytes(answer).await;
    Response::from_parts(parts, Body::from(bytes.slice(..bytes.len() * 2 / 3)))
}

fn mislabelled(mut answer: Response) -> Response {
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    answer
}

async fn dripping(door: &Door, answer: Response, pause: Duration) -> Response {
    let (parts, bytes) = bytes(answer).await;
    let stop = door.stop.clone();
    let drops = stream::unfold(bytes, move |mut left| {
        let stop = stop.clone();
        async move {
            if left.is_empty() {
                return None;
            }
            tokio::select! {
                () = sleep(pause) => {}
                () = stop.cancelled() => {}
            }
            let drop = left.split_to(DROP.min(left.len()));
            Some((Ok::<_, Infallible>(drop), left))
        }
    });
    Response::from_parts(parts, Body::from_stream(drops))
}
