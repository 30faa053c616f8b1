//! A resource of APS: who it is, how it stands, what it has and what it is linked to.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::names::{Counter, Service};

/// How a resource stands with APS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Status {
    /// It was posted and is not there yet.
    #[serde(rename = "aps:provisioning")]
    Provisioning,
    /// Nothing is under way.
    #[serde(rename = "aps:ready")]
    Ready,
    /// A change was put and is not done yet.
    #[serde(rename = "aps:configuring")]
    Configuring,
    /// It is being removed.
    #[serde(rename = "aps:unprovisioning")]
    Unprovisioning,
}

/// A resource as APSC stores it.
#[derive(Clone)]
pub struct Resource {
    /// `aps.id`.
    pub id: Uuid,
    /// `aps.type`.
    pub type_id: &'static str,
    /// `aps.status`.
    pub status: Status,
    /// `aps.revision`, one more with every change.
    pub revision: u64,
    /// `aps.modified`.
    pub modified: DateTime<Utc>,
    /// The properties, counters among them.
    pub properties: Map<String, Value>,
    /// The links by relation.
    pub links: BTreeMap<String, Vec<Uuid>>,
    /// Resources are listed in the order in which they were made.
    pub(super) made: u64,
}

/// Properties hold globals such as the API key, so only the identity is shown.
impl fmt::Debug for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Resource({} {} {:?})", self.type_id, self.id, self.status)
    }
}

impl Resource {
    /// A new resource with a new id.
    pub(super) fn new(type_id: &'static str, status: Status, properties: Value) -> Self {
        let properties = match properties {
            Value::Object(map) => map,
            _ => Map::new(),
        };
        let (id, modified) = (Uuid::new_v4(), Utc::now());
        Self { id, type_id, status, revision: 1, modified, properties, links: BTreeMap::new(), made: 0 }
    }

    /// The same with one more link.
    pub(super) fn linked(mut self, relation: &str, target: Uuid) -> Self {
        self.relate(relation, target);
        self
    }

    /// Adds a link; one that is there already stays.
    pub(super) fn relate(&mut self, relation: &str, target: Uuid) {
        let targets = self.links.entry(relation.to_owned()).or_default();
        if !targets.contains(&target) {
            targets.push(target);
        }
    }

    /// Takes a link away.
    pub(super) fn unrelate(&mut self, relation: &str, target: Uuid) {
        if let Some(targets) = self.links.get_mut(relation) {
            targets.retain(|other| *other != target);
        }
        self.links.retain(|_, targets| !targets.is_empty());
    }

    /// The service it belongs to; none for what is OSA's own.
    pub fn service(&self) -> Option<Service> {
        Service::of_type(self.type_id)
    }

    /// The first target of a relation.
    pub fn link(&self, relation: &str) -> Option<Uuid> {
        self.links.get(relation).and_then(|targets| targets.first()).copied()
    }

    /// The representation that goes over the wire.
    pub fn view(&self) -> Value {
        let mut view = Map::new();
        view.insert("aps".to_owned(), self.aps());
        view.extend(self.properties.clone());
        for (relation, targets) in &self.links {
            view.insert(relation.clone(), links_view(targets));
        }
        Value::Object(view)
    }

    /// The representation for people: without the API key.
    pub fn shown(&self) -> Value {
        let mut view = self.view();
        if let Some(key) = view.get_mut("api_key") {
            *key = json!("(hidden)");
        }
        view
    }

    fn aps(&self) -> Value {
        json!({
            "id": self.id,
            "type": self.type_id,
            "status": self.status,
            "revision": self.revision,
            "modified": self.modified.to_rfc3339_opts(SecondsFormat::Secs, true),
        })
    }

    /// Notes a change.
    pub(super) fn touch(&mut self) {
        self.revision += 1;
        self.modified = Utc::now();
    }

    /// Sets properties to what is given; a counter given without usage keeps the one it has. Answers what was
    /// there before, so that it can be set back the same way.
    pub(super) fn set(&mut self, edits: &Map<String, Value>) -> Map<String, Value> {
        let mut before = Map::new();
        for (name, value) in edits {
            let value = with_usage(name, value, self.properties.get(name));
            let old = self.properties.insert(name.clone(), value);
            before.insert(name.clone(), limit_only(name, old.unwrap_or(Value::Null)));
        }
        self.touch();
        before
    }

    /// Merges a body that the application sent into the properties. `aps` and links are not its to change.
    pub(super) fn merge(&mut self, body: &Value) {
        self.properties.extend(self.merged(body));
        self.touch();
    }

    /// The properties that merging a body would change, as they would be then.
    pub(super) fn merged(&self, body: &Value) -> Map<String, Value> {
        let mut merged = self.mergeable(body);
        for (name, value) in &mut merged {
            let mut whole = self.properties.get(name).cloned().unwrap_or_default();
            merge_into(&mut whole, value);
            *value = whole;
        }
        merged
    }

    /// The part of a body that may be merged. A counter that the subscription does not contain is not there.
    fn mergeable(&self, body: &Value) -> Map<String, Value> {
        let Some(body) = body.as_object() else { return Map::new() };
        let link = |name: &str, value: &Value| {
            name == "aps" || self.links.contains_key(name) || value.get("aps").is_some()
        };
        let foreign = |name: &str| Counter::named(name).is_some() && !self.properties.contains_key(name);
        let merged = body.iter().filter(|(name, value)| !link(name, value) && !foreign(name));
        merged.map(|(name, value)| (name.clone(), value.clone())).collect()
    }
}

fn links_view(targets: &[Uuid]) -> Value {
    match targets {
        [one] => json!({"aps": {"id": one}}),
        many => many.iter().map(|id| json!({"aps": {"id": id}})).collect(),
    }
}

fn with_usage(name: &str, value: &Value, current: Option<&Value>) -> Value {
    let mut value = value.clone();
    let usage = current.and_then(|counter| counter.get("usage"));
    if let (Some(_), Some(new), Some(usage)) = (Counter::named(name), value.as_object_mut(), usage) {
        new.entry("usage").or_insert_with(|| usage.clone());
    }
    value
}

fn limit_only(name: &str, mut value: Value) -> Value {
    if let (Some(_), Some(counter)) = (Counter::named(name), value.as_object_mut()) {
        counter.remove("usage");
    }
    value
}

/// Objects are merged key by key, anything else is replaced.
fn merge_into(target: &mut Value, source: &Value) {
    match (target, source) {
        (Value::Object(target), Value::Object(source)) => {
            for (name, value) in source {
                target.insert(name.clone(), value.clone());
            }
        }
        (target, source) => *target = source.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant() -> Resource {
        let properties = json!({"desktopQuota": {"limit": 10, "usage": 3}, "partnerId": "7"});
        Resource::new(Service::MozyProAccount.type_id(), Status::Ready, properties)
            .linked("account", Uuid::new_v4())
    }

    #[test]
    fn a_limit_is_replaced_and_set_back_but_usage_stays() {
        let mut tenant = tenant();
        let edits = json!({"desktopQuota": {}});
        let before = tenant.set(edits.as_object().unwrap());
        assert_eq!(tenant.properties["desktopQuota"], json!({"usage": 3}));
        tenant.merge(&json!({"desktopQuota": {"usage": 5}}));
        tenant.set(&before);
        assert_eq!(tenant.properties["desktopQuota"], json!({"limit": 10, "usage": 5}));
    }

    #[test]
    fn merging_leaves_aps_and_links_alone() {
        let mut tenant = tenant();
        let (id, account) = (tenant.id, tenant.link("account"));
        tenant.merge(&json!({"aps": {"id": "x"}, "account": {"aps": {"id": "y"}}, "partnerId": "8"}));
        assert_eq!((tenant.id, tenant.link("account")), (id, account));
        assert_eq!(tenant.view()["partnerId"], "8");
        assert_eq!(tenant.view()["aps"]["revision"], 2);
    }

    #[test]
    fn the_api_key_is_not_shown() {
        let globals = Resource::new(Service::MozyPro.type_id(), Status::Ready, json!({"api_key": "s3cret"}));
        assert!(!globals.shown().to_string().contains("s3cret"));
        assert!(!format!("{globals:?}").contains("s3cret"));
    }
}
