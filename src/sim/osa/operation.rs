//! What OSA may be asked to do to a resource, as one value: the call to the application and the change in APS.

use reqwest::Method;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::names::Service;
use super::resource::Resource;

/// What an operation changes in APS.
#[derive(Clone, Debug)]
pub(super) enum Change {
    /// The resource is new; it is taken back if the task fails.
    Create(Box<Resource>),
    /// Its properties are set to these; they are set back if the task fails.
    Configure(Map<String, Value>),
    /// It is removed, with all that depends on it.
    Remove,
    /// Its subscription is disabled or enabled.
    Disable(bool),
    /// It has one more link.
    Link { relation: String, target: Uuid },
    /// It has one link less.
    Unlink { relation: String, target: Uuid },
    /// Nothing.
    Nothing,
    /// Nothing, and it is no task that holds the resource: the news of a change elsewhere.
    Event,
}

/// An operation on a resource.
#[derive(Clone)]
pub(super) struct Operation {
    pub name: &'static str,
    pub resource: Uuid,
    pub method: Method,
    /// Path below the application's endpoint, and the query.
    pub path: String,
    /// The body where it is not the resource itself.
    pub body: Option<Value>,
    pub change: Change,
}

impl Operation {
    pub fn create(name: &'static str, service: Service, resource: Resource) -> Self {
        let (id, path) = (resource.id, service.name().to_owned());
        Self::new(name, id, Method::POST, path, Change::Create(Box::new(resource)))
    }

    pub fn configure(service: Service, resource: Uuid, edits: Map<String, Value>) -> Self {
        let path = format!("{}/{resource}", service.name());
        Self::new("configure", resource, Method::PUT, path, Change::Configure(edits))
    }

    pub fn remove(service: Service, resource: Uuid) -> Self {
        let path = format!("{}/{resource}", service.name());
        Self::new("unprovision", resource, Method::DELETE, path, Change::Remove)
    }

    /// An operation of the type's own: `rest` is the name and what follows, a query too.
    pub fn custom(name: &'static str, service: Service, resource: Uuid, method: Method, rest: &str) -> Self {
        let path = format!("{}/{resource}/{rest}", service.name());
        Self::new(name, resource, method, path, Change::Nothing)
    }

    pub fn named(self, name: &'static str) -> Self {
        Self { name, ..self }
    }

    pub fn with_body(self, body: Value) -> Self {
        Self { body: Some(body), ..self }
    }

    pub fn changing(self, change: Change) -> Self {
        Self { change, ..self }
    }

    /// The service it is about.
    pub fn service(&self) -> &str {
        self.path.split('/').next().unwrap_or_default()
    }

    /// Whether its body holds the globals and must not be written down.
    pub fn is_secret(&self) -> bool {
        self.service() == Service::MozyPro.name()
    }

    /// Whether it is an event rather than a task on the resource.
    pub fn is_event(&self) -> bool {
        matches!(self.change, Change::Event)
    }

    fn new(name: &'static str, resource: Uuid, method: Method, path: String, change: Change) -> Self {
        Self { name, resource, method, path, body: None, change }
    }
}
