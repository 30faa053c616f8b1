//! What OSA only says back is no wish: it sends all that it holds of a user, also what has changed here since it was told.

use serde_json::{Map, Value};

use super::properties::user::is_wished;
use super::types::{Patch, User};

/// What of it OSA can wish for.
pub(super) fn held<'a>(all: impl Iterator<Item = (&'a String, &'a Value)>) -> Map<String, Value> {
    let wished = all.filter(|(name, _)| is_wished(name));
    wished.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// What OSA holds, as it would say it.
pub(super) fn user(told: &Map<String, Value>) -> User {
    serde_json::from_value(Value::Object(told.clone())).unwrap_or_default()
}

/// What OSA says, without what it holds anyway.
pub(super) fn without(said: User, known: User) -> User {
    User {
        login: new(said.login, &known.login),
        display_name: new(said.display_name, &known.display_name),
        group: new(said.group, &known.group),
        enable_sync: new(said.enable_sync, &known.enable_sync),
        sync_quota: new(said.sync_quota, &known.sync_quota),
        ..said
    }
}

fn new<T: PartialEq>(said: Patch<T>, known: &Patch<T>) -> Patch<T> {
    if said == *known { Patch::Keep } else { said }
}
