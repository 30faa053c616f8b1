//! Links that nothing depends on come and go, and the application is told.

use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

use super::names::Service;
use super::operation::{Change, Operation};
use super::refused::Refused;
use super::sim::OsaSim;
use super::task::Task;
use super::world::OWNERS;

impl OsaSim {
    /// Links a resource of the application: `POST /{service}/{id}/{relation}`.
    pub fn link(&self, resource: Uuid, relation: &str, target: Uuid) -> Result<Task, Refused> {
        let service = self.linkable(resource, relation)?;
        let operation = Operation::custom("link", service, resource, Method::POST, relation);
        let change = Change::Link { relation: relation.to_owned(), target };
        self.begin(operation.with_body(json!({"aps": {"id": target}})).changing(change))
    }

    /// Takes a link away: `DELETE /{service}/{id}/{relation}/{target}`.
    pub fn unlink(&self, resource: Uuid, relation: &str, target: Uuid) -> Result<Task, Refused> {
        let service = self.linkable(resource, relation)?;
        let rest = format!("{relation}/{target}");
        let operation = Operation::custom("unlink", service, resource, Method::DELETE, &rest);
        self.begin(operation.changing(Change::Unlink { relation: relation.to_owned(), target }))
    }

    /// What a resource was made with and depends on stays with it.
    fn linkable(&self, resource: Uuid, relation: &str) -> Result<Service, Refused> {
        match OWNERS.contains(&relation) {
            true => Err(Refused::Invalid(format!("the link '{relation}' stays as long as the resource"))),
            false => self.service_of(resource),
        }
    }
}
