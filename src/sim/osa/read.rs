//! What the application reads of OSA: a resource, a relation, a listing.

use axum::Json;
use axum::extract::{Extension, Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use uuid::Uuid;

use super::caller::Caller;
use super::denied::Denied;
use super::page::page;
use super::resource::Resource;
use super::rql::Query;
use super::sim::OsaSim;

/// `GET /aps/2/resources/{id}`
pub(super) async fn one(
    State(sim): State<OsaSim>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
) -> Result<Json<Value>, Denied> {
    let query = query(raw)?;
    let world = sim.world();
    Ok(Json(query.project(world.readable(&caller, id_of(&id)?)?.view())))
}

/// `GET /aps/2/resources/{id}/{relation}`
pub(super) async fn related(
    State(sim): State<OsaSim>,
    Extension(caller): Extension<Caller>,
    Path((id, relation)): Path<(String, String)>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Denied> {
    let query = query(raw)?;
    let world = sim.world();
    let found = world.related(&caller, id_of(&id)?, &relation)?;
    Ok(paged(found, &query, sim.options.page_size))
}

/// `GET /aps/2/resources`
pub(super) async fn list(
    State(sim): State<OsaSim>,
    Extension(caller): Extension<Caller>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Denied> {
    let query = query(raw)?;
    let world = sim.world();
    let found = world.select(|resource| world.readable(&caller, resource.id).is_ok());
    Ok(paged(found, &query, sim.options.page_size))
}

/// The id in a path.
pub(super) fn id_of(text: &str) -> Result<Uuid, Denied> {
    Uuid::parse_str(text).map_err(|_| Denied::not_found(format!("'{text}' is not an id")))
}

fn query(raw: Option<String>) -> Result<Query, Denied> {
    Query::parse(&raw.unwrap_or_default()).map_err(Denied::invalid)
}

fn paged(found: Vec<&Resource>, query: &Query, most: usize) -> Response {
    let matching = found.into_iter().filter(|resource| query.matches(resource)).collect();
    let page = page(matching, query, most);
    let views: Vec<Value> = page.items.iter().map(|resource| query.project(resource.view())).collect();
    ([("Content-Range", page.range)], Json(views)).into_response()
}
