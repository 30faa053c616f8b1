//! Why a request to the operator's API is not answered as asked: always JSON, `{"error": "what is wrong"}`.

use crate::ports::panel::PanelError;
use crate::store::StoreError;
use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// Why a request is not answered as asked.
#[derive(Debug)]
pub enum Trouble {
    /// 404: it is not here.
    NotFound(String),
    /// 405: nothing is done so here.
    Method(String),
    /// 400: it makes no sense.
    BadRequest(String),
    /// 503: the database, or Mozy, is needed and away.
    Unavailable(String),
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let (status, message) = match self {
            Self::NotFound(message) => (StatusCode::NOT_FOUND, message),
            Self::Method(message) => (StatusCode::METHOD_NOT_ALLOWED, message),
            Self::BadRequest(message) => (StatusCode::BAD_REQUEST, message),
            Self::Unavailable(message) => (StatusCode::SERVICE_UNAVAILABLE, message),
        };
        (status, Json(json!({"error": message}))).into_response()
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
