//! What OSA asked for by operations that leave nothing in its own resources, from its book of calls.

use std::collections::{HashMap, HashSet};

use serde_json::Value;
use uuid::Uuid;

use crate::sim::osa::{Call, OsaSim, Side};

/// The last word on each.
#[derive(Debug, Default)]
pub struct Wishes {
    /// Tenants whose sync is on.
    pub sync: HashMap<Uuid, bool>,
    /// Users that are suspended.
    pub suspended: HashSet<Uuid>,
}

impl Wishes {
    /// As the calls that OSA remembers were answered.
    pub fn of(osa: &OsaSim) -> Self {
        let mut wishes = Self::default();
        let done = |call: &Call| call.side == Side::ToApp && call.status == Some(200);
        osa.log().iter().filter(|call| done(call)).for_each(|call| wishes.hear(call));
        wishes
    }

    fn hear(&mut self, call: &Call) {
        let (path, query) = call.path.split_once('?').unwrap_or((&call.path, ""));
        let mut parts = path.trim_start_matches('/').split('/').skip(1);
        let (id, operation) = (parts.next().and_then(|id| id.parse().ok()), parts.next());
        let (Some(id), Some(operation)) = (id, operation) else { return };
        match operation {
            "disableuser" => drop(self.suspended.insert(id)),
            "enableuser" => drop(self.suspended.remove(&id)),
            "setEnableDisableSync" => {
                let before = self.sync.get(&id).copied().unwrap_or(false);
                self.sync.insert(id, switch(query, &call.body).unwrap_or(!before));
            }
            _ => {}
        }
    }
}

fn switch(query: &str, body: &Value) -> Option<bool> {
    let in_query = query.split('&').find_map(|pair| pair.strip_prefix("enableSync="));
    in_query.and_then(|word| word.parse().ok()).or_else(|| body.get("enableSync")?.as_bool())
}
