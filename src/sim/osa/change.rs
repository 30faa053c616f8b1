//! What an operation changes in APS: at once, when it is done, and back when it failed.

use std::sync::{MutexGuard, PoisonError};

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::operate::Job;
use super::operation::Change;
use super::resource::{Resource, Status};
use super::world::World;

impl World {
    /// What changes when a task starts.
    pub fn apply(&mut self, task: u64, job: &Job) {
        let id = job.operation.resource;
        self.transactions.insert(job.transaction);
        if !job.operation.is_event() {
            self.busy.insert(id, task);
        }
        match &job.operation.change {
            Change::Create(new) => {
                self.insert((**new).clone());
            }
            Change::Configure(edits) => self.edit(id, Status::Configuring, |resource| {
                *before(job) = resource.set(edits);
            }),
            Change::Remove => self.edit(id, Status::Unprovisioning, Resource::touch),
            Change::Disable(disabled) => {
                let edits = Map::from_iter([("disabled".to_owned(), json!(disabled))]);
                self.set_subscription(job, &edits);
            }
            Change::Link { .. } | Change::Unlink { .. } | Change::Nothing | Change::Event => {}
        }
    }

    /// What changes when a task is done. An answer that is one of an operation of the type's own is not merged.
    pub fn keep(&mut self, job: &Job, answer: &Value) {
        let id = job.operation.resource;
        match &job.operation.change {
            Change::Create(_) | Change::Configure(_) => self.edit(id, Status::Ready, |r| r.merge(answer)),
            Change::Remove => self.remove(id),
            Change::Link { relation, target } => {
                self.edit(id, Status::Ready, |resource| resource.relate(relation, *target));
            }
            Change::Unlink { relation, target } => {
                self.edit(id, Status::Ready, |resource| resource.unrelate(relation, *target));
            }
            Change::Disable(_) | Change::Nothing | Change::Event => {}
        }
    }

    /// What changes when a task failed.
    pub fn take_back(&mut self, job: &Job) {
        let id = job.operation.resource;
        match &job.operation.change {
            Change::Create(_) => self.remove(id),
            Change::Configure(_) => self.edit(id, Status::Ready, |resource| {
                resource.set(&before(job));
            }),
            Change::Remove => self.edit(id, Status::Ready, Resource::touch),
            Change::Disable(_) => {
                let before = before(job).clone();
                self.set_subscription(job, &before);
            }
            Change::Link { .. } | Change::Unlink { .. } | Change::Nothing | Change::Event => {}
        }
    }

    /// Changes a resource, if it is still there.
    pub fn edit(&mut self, id: Uuid, status: Status, change: impl FnOnce(&mut Resource)) {
        if let Some(resource) = self.resources.get_mut(&id) {
            change(resource);
            resource.status = status;
        }
    }

    fn remove(&mut self, id: Uuid) {
        let dependents = self.dependents(id);
        self.resources.retain(|other, _| *other != id && !dependents.contains(other));
    }

    /// Changes the subscription of the tenant that a task is about, and keeps what it was.
    fn set_subscription(&mut self, job: &Job, edits: &Map<String, Value>) {
        let tenant = self.resources.get(&job.operation.resource);
        if let Some(subscription) = tenant.and_then(|tenant| tenant.link("subscription")) {
            self.edit(subscription, Status::Ready, |resource| *before(job) = resource.set(edits));
        }
    }
}

/// The properties as they were before the task.
fn before(job: &Job) -> MutexGuard<'_, Map<String, Value>> {
    job.before.lock().unwrap_or_else(PoisonError::into_inner)
}
