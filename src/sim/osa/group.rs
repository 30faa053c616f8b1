//! What is done to a user group.

use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::names::Service;
use super::operation::Operation;
use super::refused::Refused;
use super::resource::{Resource, Status};
use super::sim::OsaSim;
use super::task::Task;

const GROUP: Service = Service::MozyProAccountGroup;

/// A group to be made.
#[derive(Clone, Debug, Deserialize)]
pub struct NewGroup {
    /// Of which tenant.
    pub tenant: Uuid,
    /// `name`.
    pub name: String,
}

impl OsaSim {
    /// Makes a group: `POST /mozyProAccountGroup`. The task's resource is the group.
    pub fn create_group(&self, new: &NewGroup) -> Result<Task, Refused> {
        let group = Resource::new(GROUP.type_id(), Status::Provisioning, json!({"name": new.name}))
            .linked("mozyProAccount", new.tenant);
        self.begin(Operation::create("create group", GROUP, group))
    }

    /// Renames a group.
    pub fn rename_group(&self, group: Uuid, name: &str) -> Result<Task, Refused> {
        self.edit(GROUP, group, "name", json!(name))
    }

    /// Deletes a group.
    pub fn delete_group(&self, group: Uuid) -> Result<Task, Refused> {
        self.begin(Operation::remove(GROUP, group).named("delete group"))
    }
}
