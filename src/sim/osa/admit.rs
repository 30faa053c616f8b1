//! What APS lets begin: known resources, whose owners are ready, one task at a time.

use std::sync::Mutex;

use serde_json::Map;
use uuid::Uuid;

use super::names::Service;
use super::operate::Job;
use super::operation::{Change, Operation};
use super::refused::Refused;
use super::resource::{Resource, Status};
use super::world::World;

impl World {
    /// Whether an operation may begin now.
    pub fn admit(&self, operation: &Operation) -> Result<(), Refused> {
        let resource = operation.resource;
        match &operation.change {
            Change::Create(new) => self.owners_ready(new)?,
            _ => self.known(operation)?,
        }
        match self.busy.get(&resource) {
            Some(task) if !operation.is_event() => Err(Refused::Busy { resource, task: *task }),
            _ => Ok(()),
        }
    }

    fn known(&self, operation: &Operation) -> Result<(), Refused> {
        let known = self.resources.get(&operation.resource).and_then(Resource::service);
        match known.is_some_and(|known| known.name() == operation.service()) {
            true => Ok(()),
            false => Err(Refused::Unknown { what: "the resource", id: operation.resource }),
        }
    }

    fn owners_ready(&self, new: &Resource) -> Result<(), Refused> {
        for on in self.owners(new) {
            let owner = self.resources.get(&on).ok_or(Refused::Unknown { what: "the owner", id: on })?;
            if matches!(owner.status, Status::Provisioning | Status::Unprovisioning) {
                return Err(Refused::NotReady { resource: new.id, on });
            }
        }
        Ok(())
    }

    /// All that is needed to do it.
    pub fn job(&self, operation: Operation, transaction: Uuid) -> Result<Job, Refused> {
        let unknown = || Refused::Unknown { what: "the instance of", id: operation.resource };
        let (instance, actor) = self.place(&operation).ok_or_else(unknown)?;
        let instance = self.instances.get(&instance).cloned().ok_or_else(unknown)?;
        Ok(Job { operation, instance, transaction, actor, before: Mutex::new(Map::new()) })
    }

    /// The instance and the account that an operation belongs to.
    fn place(&self, operation: &Operation) -> Option<(Uuid, Uuid)> {
        let id = operation.resource;
        match &operation.change {
            Change::Create(new) if new.service() == Some(Service::MozyPro) => Some((id, self.provider)),
            Change::Create(new) => self.place_of_new(new),
            _ => Some((self.instance_of(id)?, self.account_of(id)?)),
        }
    }

    /// A new resource is not in the world yet, what it is linked to is.
    fn place_of_new(&self, new: &Resource) -> Option<(Uuid, Uuid)> {
        let instance = self.owners(new).find_map(|owner| self.instance_of(owner))?;
        let account = new.link("account").or_else(|| self.owners(new).find_map(|o| self.account_of(o)))?;
        Some((instance, account))
    }
}
