//! What a call from OSA is answered when it is understood: done, done with properties, or not yet (contract §3).

use std::time::Duration;

use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

const RETRY_TIMEOUT: HeaderName = HeaderName::from_static("aps-retry-timeout");
const INFO: HeaderName = HeaderName::from_static("aps-info");
/// Longest text shown on OSA's task, in characters.
const LONGEST_INFO: usize = 400;

/// A successful answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// 201: provisioned; what we learned on the way.
    Created(Value),
    /// 200 with JSON: properties, usage, or a URL as a JSON string.
    Found(Value),
    /// 200 without a body.
    Done,
    /// 204: removed, or it was not there.
    Removed,
    /// 202: the wish is written; OSA asks again after `retry`, and shows `info` on its task meanwhile.
    Pending {
        /// Until the next poll; sent as whole seconds, rounded up, at least 1.
        retry: Duration,
        /// For an operator's eyes; sent as printable ASCII, since it is a header.
        info: String,
    },
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        match self {
            Self::Created(properties) => (StatusCode::CREATED, Json(properties)).into_response(),
            Self::Found(value) => Json(value).into_response(),
            Self::Done => StatusCode::OK.into_response(),
            Self::Removed => StatusCode::NO_CONTENT.into_response(),
            Self::Pending { retry, info } => pending(retry, &info),
        }
    }
}

fn pending(retry: Duration, info: &str) -> Response {
    let seconds = u64::max(1, retry.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX));
    let mut response = (StatusCode::ACCEPTED, Json(json!({}))).into_response();
    response.headers_mut().insert(RETRY_TIMEOUT, HeaderValue::from(seconds));
    response.headers_mut().insert(INFO, header_text(info));
    response
}

fn header_text(text: &str) -> HeaderValue {
    let printable: String =
        text.chars().take(LONGEST_INFO).map(|c| if matches!(c, ' '..='~') { c } else { '?' }).collect();
    HeaderValue::from_str(printable.trim()).unwrap_or_else(|_| HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pending_says_when_to_ask_again_and_why() {
        let answer = Answer::Pending { retry: Duration::from_millis(1500), info: "Müller\r\nX: y".into() };
        let response = answer.into_response();
        assert_eq!(response.status(), 202);
        assert_eq!(response.headers()["aps-retry-timeout"], "2");
        assert_eq!(response.headers()["aps-info"], "M?ller??X: y");
    }

    #[test]
    fn a_retry_is_never_at_once() {
        let response = Answer::Pending { retry: Duration::ZERO, info: String::new() }.into_response();
        assert_eq!(response.headers()["aps-retry-timeout"], "1");
    }

    #[test]
    fn statuses() {
        assert_eq!(Answer::Created(json!({"partnerId": 1})).into_response().status(), 201);
        assert_eq!(Answer::Found(json!("https://x")).into_response().status(), 200);
        assert_eq!(Answer::Done.into_response().status(), 200);
        assert_eq!(Answer::Removed.into_response().status(), 204);
    }
}
