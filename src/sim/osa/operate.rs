//! An operation becomes a task, and the task ends.

use std::sync::{Arc, Mutex};

use reqwest::Method;
use serde_json::{Map, Value, json};
use tokio::sync::watch;
use uuid::Uuid;

use super::drive;
use super::instance::Instance;
use super::names::Service;
use super::operation::{Change, Operation};
use super::refused::Refused;
use super::sim::OsaSim;
use super::task::{Task, TaskRecord, TaskState};
use super::world::{Slot, World};

/// All that is needed to call the application for an operation.
pub(super) struct Job {
    pub operation: Operation,
    pub instance: Arc<Instance>,
    pub transaction: Uuid,
    /// The account on whose behalf it is done.
    pub actor: Uuid,
    /// The properties as they were before the task: of the resource, or of the subscription it suspends.
    pub before: Mutex<Map<String, Value>>,
}

impl OsaSim {
    /// Starts an operation as a task.
    pub(super) fn begin(&self, operation: Operation) -> Result<Task, Refused> {
        let mut world = self.world();
        world.admit(&operation)?;
        let id = world.tasks.last_key_value().map_or(1, |(last, _)| last + 1);
        let record = TaskRecord::new(id, operation.resource, operation.name);
        let job = Arc::new(world.job(operation, record.transaction)?);
        world.apply(id, &job);
        let (record, watched) = watch::channel(record);
        world.tasks.insert(id, Slot { record, job: job.clone() });
        world.forget_tasks(self.options.remember);
        drop(world);
        drive::start(self, id, job);
        Ok(Task::new(watched))
    }

    /// Runs a failed task again, from the start.
    pub fn rerun(&self, task: u64) -> Result<Task, Refused> {
        let mut world = self.world();
        let slot = world.tasks.get(&task).ok_or(Refused::NoTask { task })?;
        if slot.record.borrow().state != TaskState::Failed {
            return Err(Refused::NotFailed { task });
        }
        world.admit(&slot.job.operation)?;
        slot.record.send_modify(TaskRecord::run_again);
        let (job, watched) = (slot.job.clone(), slot.record.subscribe());
        world.apply(task, &job);
        drop(world);
        drive::start(self, task, job);
        Ok(Task::new(watched))
    }

    /// The body of the calls of a run: the resource itself for POST and PUT, with the keys for an install.
    pub(super) fn body(&self, job: &Job) -> Option<Value> {
        let operation = &job.operation;
        if !matches!(operation.change, Change::Create(_) | Change::Configure(_)) {
            return operation.body.clone();
        }
        let mut view = self.resource(operation.resource)?.view();
        if operation.method == Method::POST && operation.service() == Service::MozyPro.name() {
            let whole = job.instance.identity.whole_pem();
            view["aps"]["x509"] = json!({"self": whole, "controller": self.controller_certificate()});
        }
        Some(view)
    }

    /// Ends a task: keeps what it changed and merges the answer, or takes back what it changed.
    pub(super) fn settle(&self, task: u64, job: &Job, error: Option<String>, answer: Value) {
        let mut world = self.world();
        match error {
            None => world.keep(job, &answer),
            Some(_) => world.take_back(job),
        }
        world.busy.retain(|_, holder| *holder != task);
        world.transactions.remove(&job.transaction);
        if let Some(slot) = world.tasks.get(&task) {
            // The application may repeat its globals in the answer.
            let shown = if job.operation.is_secret() { Value::Null } else { answer };
            slot.record.send_modify(|record| record.end(error, shown));
        }
    }
}

impl World {
    /// Forgets the oldest ended tasks beyond so many.
    fn forget_tasks(&mut self, remember: usize) {
        let surplus = self.tasks.len().saturating_sub(remember);
        let ended = |slot: &Slot| slot.record.borrow().state != TaskState::Running;
        let old: Vec<u64> =
            self.tasks.iter().filter(|(_, slot)| ended(slot)).take(surplus).map(|(id, _)| *id).collect();
        self.tasks.retain(|id, _| !old.contains(id));
    }
}
