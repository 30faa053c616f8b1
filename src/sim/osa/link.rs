//! Links come and go: the application is told, and whatever it answers, 200 keeps the link.

use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

use super::operation::{Change, Operation};
use super::refused::Refused;
use super::sim::OsaSim;
use super::task::Task;

impl OsaSim {
    /// Links a resource of the application: `POST /{service}/{id}/{relation}`.
    pub fn link(&self, resource: Uuid, relation: &str, target: Uuid) -> Result<Task, Refused> {
        let service = self.service_of(resource)?;
        let operation = Operation::custom("link", service, resource, Method::POST, relation);
        let change = Change::Link { relation: relation.to_owned(), target };
        self.begin(operation.with_body(json!({"aps": {"id": target}})).changing(change))
    }

    /// Takes a link away: `DELETE /{service}/{id}/{relation}/{target}`.
    pub fn unlink(&self, resource: Uuid, relation: &str, target: Uuid) -> Result<Task, Refused> {
        let service = self.service_of(resource)?;
        let rest = format!("{relation}/{target}");
        let operation = Operation::custom("unlink", service, resource, Method::DELETE, &rest);
        self.begin(operation.changing(Change::Unlink { relation: relation.to_owned(), target }))
    }
}
