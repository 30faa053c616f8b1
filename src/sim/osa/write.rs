//! What the application writes to OSA: a push, which stays here, and a configure, which comes back to it.

use axum::Json;
use axum::extract::{Extension, Path, State};
use serde_json::Value;
use uuid::Uuid;

use super::caller::Caller;
use super::denied::Denied;
use super::names::Service;
use super::operation::Operation;
use super::read::id_of;
use super::refused::Refused;
use super::resource::Resource;
use super::sim::OsaSim;
use super::world::World;

/// `PUT /aps/2/application/{service}/{id}`: the APS copy is changed, and nobody is called.
pub(super) async fn push(
    State(sim): State<OsaSim>,
    Extension(caller): Extension<Caller>,
    Path((service, id)): Path<(String, String)>,
    Json(body): Json<Value>,
) -> Result<Json<Value>, Denied> {
    let id = id_of(&id)?;
    let mut world = sim.world();
    if writable(&world, &caller, id)?.name() != service {
        return Err(Denied::not_found(format!("{id} is not a resource of {service}")));
    }
    let resource = world.resources.get_mut(&id).ok_or_else(|| Denied::not_found("it was removed"))?;
    resource.merge(&body);
    Ok(Json(resource.view()))
}

/// `PUT /aps/2/resources/{id}`: a configure like any other, so it goes to the application.
pub(super) async fn configure(
    State(sim): State<OsaSim>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Json(body): Json<Value>,
) -> Result<Json<Value>, Denied> {
    let id = id_of(&id)?;
    let (service, edits) = {
        let world = sim.world();
        let service = writable(&world, &caller, id)?;
        (service, world.resources.get(&id).map(|resource| resource.merged(&body)).unwrap_or_default())
    };
    let operation = Operation::configure(service, id, edits).named("configure by the application");
    sim.begin(operation).map_err(|refused| match refused {
        Refused::Busy { .. } => Denied::conflict(refused.to_string()),
        refused => Denied::invalid(refused.to_string()),
    })?;
    Ok(Json(sim.resource(id).as_ref().map(Resource::view).unwrap_or_default()))
}

/// Only resources of the caller's own instance are his to write.
fn writable(world: &World, caller: &Caller, id: Uuid) -> Result<Service, Denied> {
    let resource = world.readable(caller, id)?;
    resource.service().ok_or_else(|| Denied::forbidden(format!("{id} is not the application's")))
}
