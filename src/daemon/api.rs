//! The operator's API below `/api/v1`: the same answers as the verbs, for programs (interface.md, HTTP).
//!
//! `openapi.json` beside this file describes it. The document is kept by hand: a generator would have to derive on the
//! floors below and double what is built, while a test drives every route from the document, checks each answer against
//! its schema, and finds every route in it.

mod customers;
mod plans;
mod query;
mod subscriptions;
mod trouble;

use super::live::Live;
use super::panel::ControlPanel;
use super::vendors::Vendors;
use crate::config::{Config, Secret};
use crate::store::Store;
use axum::extract::{Request, State};
use axum::handler::Handler;
use axum::http::{Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use axum::{Json, Router};
use ring::digest;
use serde_json::{Value, json};
use std::sync::Arc;
use trouble::Trouble;

/// A page holds at most so many.
const LARGEST_PAGE: u32 = 1000;

/// Who acts, where nobody says.
const BY: &str = "the API";

/// A page holds so many unless asked otherwise.
const PAGE: u32 = 100;

/// What it all looks like, for programs.
const DOCUMENT: &str = include_str!("api/openapi.json");

/// What the API works with.
#[derive(Clone)]
pub struct Api {
    /// The configuration, as it is now.
    pub live: Live,
    /// The store.
    pub store: Store,
    /// Mozy.
    pub vendors: Arc<Vendors>,
    /// What is made while somebody waits.
    pub panel: ControlPanel,
    /// The bearer token; without one anybody on this host may ask.
    pub token: Option<Secret>,
}

impl Api {
    fn config(&self) -> Arc<Config> {
        self.live.now()
    }
}

type Answer = Result<Json<Value>, Trouble>;

/// A way to ask for something.
struct Route {
    #[cfg_attr(not(test), expect(dead_code, reason = "the document is compared with it"))]
    method: Method,
    path: &'static str,
    handler: MethodRouter<Api>,
}

impl Route {
    fn get<T: 'static>(path: &'static str, handler: impl Handler<T, Api>) -> Self {
        Self { method: Method::GET, path, handler: get(handler) }
    }

    fn post<T: 'static>(path: &'static str, handler: impl Handler<T, Api>) -> Self {
        Self { method: Method::POST, path, handler: post(handler) }
    }
}

/// Every route; the document describes each.
fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/v1/openapi.json", document),
        Route::get("/api/v1/subscriptions", subscriptions::list),
        Route::get("/api/v1/subscriptions/{id}", subscriptions::one),
        Route::get("/api/v1/subscriptions/{id}/plan", subscriptions::plan),
        Route::get("/api/v1/subscriptions/{id}/events", subscriptions::events),
        Route::post("/api/v1/subscriptions/{id}/refresh", subscriptions::refresh),
        Route::post("/api/v1/subscriptions/{id}/pause", subscriptions::pause),
        Route::post("/api/v1/subscriptions/{id}/resume", subscriptions::resume),
        Route::get("/api/v1/plans/held", plans::held),
        Route::post("/api/v1/plans/{hash}/approve", plans::approve),
        Route::get("/api/v1/resellers/{id}/customers", customers::list),
    ]
}

/// The routes below `/api/v1`. Whoever has no token learns nothing, not even what there is.
pub fn router(api: Api) -> Router {
    let routed = |router: Router<Api>, route: Route| router.route(route.path, route.handler);
    routes()
        .into_iter()
        .fold(Router::new(), routed)
        .method_not_allowed_fallback(wrong_method)
        .fallback(nothing_here)
        .layer(middleware::from_fn_with_state(api.clone(), admit))
        .with_state(api)
}

async fn document(_: query::Nothing) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT).into_response()
}

async fn wrong_method(request: Request) -> Trouble {
    Trouble::Method(format!("{} is not supported at {}", request.method(), request.uri().path()))
}

async fn nothing_here(request: Request) -> Trouble {
    Trouble::NotFound(format!("there is nothing at {}", request.uri().path()))
}

async fn admit(State(api): State<Api>, request: Request, next: Next) -> Response {
    let Some(token) = &api.token else { return next.run(request).await };
    let given = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given = given.and_then(|value| value.split_once(' '));
    let given = given.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("Bearer"));
    let given = given.map_or("", |(_, token)| token.trim_start());
    // Digests are compared, so that the time it takes tells nothing of the token.
    let digest = |text: &str| digest::digest(&digest::SHA256, text.as_bytes());
    if digest(given).as_ref() == digest(token.expose()).as_ref() {
        next.run(request).await
    } else {
        let error = json!({"error": "the bearer token of admin.token_file is needed"});
        (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, "Bearer")], Json(error)).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_route_is_in_the_document_and_nothing_else() {
        let document: Value = serde_json::from_str(DOCUMENT).unwrap();
        let mut told = BTreeSet::new();
        for (path, methods) in document["paths"].as_object().unwrap() {
            let methods = methods.as_object().unwrap().keys().filter(|key| *key != "parameters");
            told.extend(methods.map(|method| (method.to_uppercase(), path.clone())));
        }
        let served = routes().into_iter().map(|route| (route.method.to_string(), route.path.to_owned()));
        let served: BTreeSet<(String, String)> = served.collect();
        assert_eq!(told, served);
    }
}
