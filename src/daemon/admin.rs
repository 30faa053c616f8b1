//! The faces for operators on `admin.listen`: metrics, health, and the API below `/api`.

use crate::metrics::Metrics;
use crate::store::Store;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// A worker loop that has not moved for so long is not alive.
const STILL: Duration = Duration::from_secs(30);

/// What the faces show.
#[derive(Clone)]
pub struct Faces {
    /// The store.
    pub store: Store,
    /// What Prometheus sees.
    pub metrics: Arc<Metrics>,
    /// When the loop last moved.
    pub pulse: Arc<Pulse>,
    /// Whether leases could be taken.
    pub claimed: Arc<AtomicBool>,
}

/// When the worker loop last moved.
pub struct Pulse(std::sync::Mutex<Instant>);

impl Default for Pulse {
    fn default() -> Self {
        Self(std::sync::Mutex::new(Instant::now()))
    }
}

impl Pulse {
    /// It moves.
    pub fn beat(&self) {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Instant::now();
    }

    fn still_for(&self) -> Duration {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).elapsed()
    }
}

/// `/metrics`, `/livez` and `/readyz`.
pub fn router(faces: Faces) -> Router {
    // One scrape at a time: encoding takes a thread.
    let scrape = Arc::new(Mutex::new(()));
    Router::new()
        .route("/metrics", get(move |State(faces): State<Faces>| metrics(faces, Arc::clone(&scrape))))
        .route("/livez", get(livez))
        .route("/readyz", get(readyz))
        .method_not_allowed_fallback(wrong_method)
        .with_state(faces)
}

async fn wrong_method() -> Response {
    (StatusCode::METHOD_NOT_ALLOWED, "this is only read, by GET\n").into_response()
}

async fn metrics(faces: Faces, scrape: Arc<Mutex<()>>) -> Response {
    let _one = scrape.lock().await;
    match tokio::task::spawn_blocking(move || faces.metrics.encode()).await {
        Ok(Ok(text)) => {
            ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
        }
        _ => (StatusCode::INTERNAL_SERVER_ERROR, "metrics could not be encoded\n").into_response(),
    }
}

/// The loop moves. Never depends on Mozy, OSA or the database.
async fn livez(State(faces): State<Faces>) -> Response {
    let still = faces.pulse.still_for();
    if still < STILL {
        "ok\n".into_response()
    } else {
        let why = format!("the worker loop has not moved for {} s\n", still.as_secs());
        (StatusCode::SERVICE_UNAVAILABLE, why).into_response()
    }
}

/// Database, migrations, first leases taken.
async fn readyz(State(faces): State<Faces>) -> Response {
    let not = |why: String| (StatusCode::SERVICE_UNAVAILABLE, why).into_response();
    match faces.store.pending().await {
        Err(error) => not(format!("the database cannot be used: {error}\n")),
        Ok(pending) if !pending.is_empty() => {
            not(format!("{} migrations are missing: run `mozyd migrate`\n", pending.len()))
        }
        Ok(_) if !faces.claimed.load(Ordering::Relaxed) => not("no lease was taken yet\n".into()),
        Ok(_) => "ok\n".into_response(),
    }
}
