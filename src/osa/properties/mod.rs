//! What we say of a thing, one file per kind: in an answer all of it, in a push what OSA does not know (contract §2, §5).
//!
//! OSA sends back what it was told, as if it were wished for. So what is wished for is said as it is wished, and only
//! what OSA cannot wish for is said as it was seen. What is not known is left out.

pub mod group;
pub mod licence;
pub mod tenant;
pub mod user;

#[cfg(test)]
pub(super) mod tests;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value};

use super::route::Service;
use crate::domain::snapshot::Snapshot;
use crate::domain::{InstanceId, Thing};
use crate::ports::desk::{Desk, DeskError};

/// Reads what there is to say of a thing; `None` if it is not known to the instance.
///
/// # Errors
/// If the desk cannot be used.
pub async fn read<D: Desk>(desk: &D, instance: InstanceId, thing: Thing) -> Result<Option<Value>, DeskError> {
    if let Thing::Tenant(id) = thing {
        return Ok(desk.tenant(instance, id).await?.as_ref().map(tenant::properties));
    }
    let Some(subscription) = desk.owner(instance, thing).await? else { return Ok(None) };
    Ok(desk.snapshot(subscription).await?.and_then(|snapshot| of_part(&snapshot, thing)))
}

/// Reads what there is to push: what OSA cannot know of itself; nothing of what is to be removed. What it alone wishes for
/// is left out, for it may be changing that at this very moment, and would then wish for what it had before.
///
/// # Errors
/// If the desk cannot be used.
pub async fn learned<D: Desk>(
    desk: &D,
    instance: InstanceId,
    thing: Thing,
) -> Result<Option<Value>, DeskError> {
    let Some(subscription) = desk.owner(instance, thing).await? else { return Ok(None) };
    if let Thing::Tenant(_) = thing {
        return Ok(read(desk, instance, thing).await?.map(|all| without(all, tenant::WISHED)));
    }
    let told = match thing {
        Thing::User(id) => desk.told(id).await?,
        Thing::Tenant(_) | Thing::Group(_) | Thing::Licence(_) => Map::new(),
    };
    Ok(desk.snapshot(subscription).await?.and_then(|snapshot| news(&snapshot, thing, &told)))
}

fn news(snapshot: &Snapshot, thing: Thing, told: &Map<String, Value>) -> Option<Value> {
    let all = of_part(snapshot, thing)?;
    Some(match thing {
        Thing::Tenant(_) => without(all, tenant::WISHED),
        Thing::Group(_) => without(all, group::WISHED),
        Thing::Licence(_) => without(all, licence::WISHED),
        Thing::User(_) => user::news(all, snapshot.desired.subscription.sync, told),
    })
}

fn without(mut properties: Value, names: &[&str]) -> Value {
    if let Value::Object(properties) = &mut properties {
        properties.retain(|name, _| !names.contains(&name.as_str()));
    }
    properties
}

fn of_part(snapshot: &Snapshot, thing: Thing) -> Option<Value> {
    match thing {
        Thing::Tenant(_) => None,
        Thing::Group(id) => group::properties(snapshot, id),
        Thing::User(id) => user::properties(snapshot, id),
        Thing::Licence(id) => licence::properties(snapshot, id),
    }
}

/// The service whose resource a thing is.
pub(super) fn service(thing: Thing) -> Service {
    match thing {
        Thing::Tenant(_) => Service::Tenant,
        Thing::Group(_) => Service::Group,
        Thing::User(_) => Service::User,
        Thing::Licence(_) => Service::Licence,
    }
}

/// Leaves out what is `null`: OSA's types do not allow it, and what is not known is not said.
fn known(mut properties: Value) -> Value {
    if let Value::Object(properties) = &mut properties {
        properties.retain(|_, value| !value.is_null());
    }
    properties
}

fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
