//! Whatever goes wrong in a call from OSA leaves as `{"code","error","message"}` with the same status (contract §3).

use std::borrow::Cow;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// Longest message sent, in characters; what a caller sent may be quoted in it.
const LONGEST_MESSAGE: usize = 500;

const DATABASE: &str = "DatabaseUnavailable";

/// An answer that is not a success: a status, a short fixed name, and a sentence for a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ApsError {
    status: StatusCode,
    reason: Cow<'static, str>,
    message: String,
    /// The methods that there are, if another was asked for.
    allow: Option<HeaderValue>,
}

impl ApsError {
    fn new(status: StatusCode, reason: impl Into<Cow<'static, str>>, message: impl AsRef<str>) -> Self {
        let message = printable(message.as_ref(), LONGEST_MESSAGE);
        Self { status, reason: reason.into(), message, allow: None }
    }

    /// 400: the call cannot be understood; `message` names the header, field or position.
    pub fn bad_request(message: impl AsRef<str>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BadRequest", message)
    }

    /// 401: the call is not signed, or not by who it says.
    pub fn unauthorized(message: impl AsRef<str>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "Unauthorized", message)
    }

    /// 403: the caller is not the controller of this instance.
    pub fn forbidden(message: impl AsRef<str>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "Forbidden", message)
    }

    /// 404: no such service, resource or operation.
    pub fn not_found(message: impl AsRef<str>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "NotFound", message)
    }

    /// 405: the path exists, but not with this method, only with those in `allow`.
    pub fn unsupported_method(message: impl AsRef<str>, allow: &[&str]) -> Self {
        let allow = HeaderValue::from_str(&allow.join(", ")).ok();
        Self { allow, ..Self::new(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", message) }
    }

    /// 408: the caller did not send what it announced.
    pub fn too_slow(message: impl AsRef<str>) -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "RequestTimeout", message)
    }

    /// 409: a wish that cannot be fulfilled, with one of the fixed reasons of `interface.md`.
    pub fn refusal(reason: impl Into<Cow<'static, str>>, message: impl AsRef<str>) -> Self {
        Self::new(StatusCode::CONFLICT, reason, message)
    }

    /// 413: the body is larger than `limit` bytes.
    pub fn too_large(limit: usize) -> Self {
        let message = format!("the body is larger than {limit} bytes; send a smaller one");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "PayloadTooLarge", message)
    }

    /// 503: something we need is out of reach just now, e.g. `VendorUnreachable`.
    pub fn unavailable(reason: impl Into<Cow<'static, str>>, message: impl AsRef<str>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, reason, message)
    }

    /// 503: the database cannot be used just now.
    pub fn database() -> Self {
        Self::unavailable(DATABASE, "the database cannot be used just now; call again")
    }

    /// Whether nothing is wrong but the database.
    pub fn is_database(&self) -> bool {
        self.reason == DATABASE
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The fixed name sent as `error`.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl IntoResponse for ApsError {
    fn into_response(self) -> Response {
        let body = json!({"code": self.status.as_u16(), "error": self.reason, "message": self.message});
        let mut response = (self.status, Json(body)).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("OAuth"));
        }
        if let Some(allow) = self.allow {
            response.headers_mut().insert(header::ALLOW, allow);
        }
        response
    }
}

/// `text` on one line, at most `longest` characters: what others sent is quoted, never obeyed.
pub(super) fn printable(text: &str, longest: usize) -> String {
    text.chars().take(longest).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_error_is_json_with_the_status_as_its_code() {
        let response = ApsError::refusal("GroupNotEmpty", "the group still has 3 users").into_response();
        assert_eq!(response.status(), 409);
        let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        assert_eq!(
            serde_json::from_slice::<serde_json::Value>(&body).unwrap(),
            json!({"code": 409, "error": "GroupNotEmpty", "message": "the group still has 3 users"})
        );
    }

    #[test]
    fn what_is_quoted_is_cut_and_kept_on_one_line() {
        let error = ApsError::bad_request(format!("a\r\n{}", "ü".repeat(10_000)));
        assert_eq!(error.to_string().chars().count(), LONGEST_MESSAGE);
        assert!(error.to_string().starts_with("a  ü"));
    }

    #[test]
    fn an_unsigned_call_is_told_how_to_sign() {
        let response = ApsError::unauthorized("no signature").into_response();
        assert_eq!(response.headers()[header::WWW_AUTHENTICATE], "OAuth");
    }
}
