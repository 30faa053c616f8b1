//! How OSA says no, in both shapes that are seen in the field.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// An answer of APSC that is an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Denied {
    /// Answered before a resource was looked at: `{"error","message"}`.
    Early(u16, &'static str, String),
    /// Answered by the resource: `{"code","type","message"}`.
    Late(u16, &'static str, String),
}

impl Denied {
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::Late(403, "APS::Util::AccessViolation", message.into())
    }

    pub fn not_found(message: impl Into<String>) -> Self {
        Self::Late(404, "APS::Util::ObjectNotFound", message.into())
    }

    pub fn invalid(message: impl Into<String>) -> Self {
        Self::Late(400, "APS::Util::InvalidArgument", message.into())
    }

    pub fn conflict(message: impl Into<String>) -> Self {
        Self::Late(409, "APS::Util::Conflict", message.into())
    }
}

impl IntoResponse for Denied {
    fn into_response(self) -> Response {
        let (status, body) = match self {
            Self::Early(code, error, message) => (code, json!({"error": error, "message": message})),
            Self::Late(code, kind, message) => {
                (code, json!({"code": code, "type": kind, "message": message}))
            }
        };
        (StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), Json(body))
            .into_response()
    }
}
