//! A task of OSA: one operation on one resource, what was said about it, and how it ended.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use tokio::sync::watch;
use uuid::Uuid;

use super::faults::Fault;

/// How a task stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TaskState {
    /// The application is being asked, or answered 202 and will be asked again.
    Running,
    /// 200, 201 or 204.
    Done,
    /// 4xx, 5xx or no answer. It can be run again.
    Failed,
}

/// Which of the two phases a call belongs to (`APS-Request-Phase`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// The first call.
    Sync,
    /// The same call again.
    Async,
}

impl Phase {
    /// The header's value.
    pub fn name(self) -> &'static str {
        match self {
            Phase::Sync => "sync",
            Phase::Async => "async",
        }
    }
}

/// One thing the application said (or failed to say) about a task.
#[derive(Clone, Debug, Serialize)]
pub struct Note {
    /// When the answer came.
    pub at: DateTime<Utc>,
    /// The phase of the call.
    pub phase: Phase,
    /// The status, if there was an answer.
    pub status: Option<u16>,
    /// `APS-Info`.
    pub info: Option<String>,
    /// `APS-Retry-Timeout`, seconds.
    pub retry_after: Option<u64>,
    /// What went wrong, for a person.
    pub error: Option<String>,
    /// The fault that struck this call.
    pub fault: Option<Fault>,
    /// True for a call that OSA made by mistake; its answer decides nothing.
    pub stray: bool,
}

/// A task as a person sees it in OSA.
#[derive(Clone, Debug, Serialize)]
pub struct TaskRecord {
    /// The number of the task.
    pub id: u64,
    /// `APS-Transaction-ID` of every call of this task.
    pub transaction: Uuid,
    /// What it is about.
    pub resource: Uuid,
    /// What is done.
    pub operation: &'static str,
    /// How it stands.
    pub state: TaskState,
    /// How often it was run.
    pub runs: u32,
    /// Everything that was said, oldest first.
    pub notes: Vec<Note>,
    /// The body of the last answer; null if there was none.
    pub answer: Value,
    /// Why it failed.
    pub error: Option<String>,
    /// When it was first run.
    pub started: DateTime<Utc>,
    /// When it last ended.
    pub ended: Option<DateTime<Utc>>,
}

/// A polled task keeps this many notes, the newest.
const NOTES: usize = 1000;

impl TaskRecord {
    pub(super) fn new(id: u64, resource: Uuid, operation: &'static str) -> Self {
        Self {
            id,
            transaction: Uuid::new_v4(),
            resource,
            operation,
            state: TaskState::Running,
            runs: 1,
            notes: Vec::new(),
            answer: Value::Null,
            error: None,
            started: Utc::now(),
            ended: None,
        }
    }

    /// Whether it ended well.
    pub fn is_done(&self) -> bool {
        self.state == TaskState::Done
    }

    /// The status of the answer that decided it.
    pub fn status(&self) -> Option<u16> {
        self.notes.iter().rev().find(|note| !note.stray).and_then(|note| note.status)
    }

    /// The texts of `APS-Info`, oldest first.
    pub fn infos(&self) -> Vec<&str> {
        self.notes.iter().filter_map(|note| note.info.as_deref()).collect()
    }

    pub(super) fn run_again(&mut self) {
        self.state = TaskState::Running;
        self.runs += 1;
        (self.error, self.ended) = (None, None);
    }

    pub(super) fn end(&mut self, error: Option<String>, answer: Value) {
        self.state = if error.is_none() { TaskState::Done } else { TaskState::Failed };
        (self.error, self.answer, self.ended) = (error, answer, Some(Utc::now()));
    }

    pub(super) fn add(&mut self, note: Note) {
        if self.notes.len() == NOTES {
            self.notes.remove(0);
        }
        self.notes.push(note);
    }
}

/// What a task left when it ended: its record, in state done or failed.
pub type TaskResult = TaskRecord;

/// A handle on a task that was started.
#[derive(Clone, Debug)]
pub struct Task {
    record: watch::Receiver<TaskRecord>,
}

impl Task {
    pub(super) fn new(record: watch::Receiver<TaskRecord>) -> Self {
        Self { record }
    }

    /// The task as it stands now.
    pub fn record(&self) -> TaskRecord {
        self.record.borrow().clone()
    }

    /// The number of the task.
    pub fn id(&self) -> u64 {
        self.record.borrow().id
    }

    /// What it is about; for a new resource, its id.
    pub fn resource(&self) -> Uuid {
        self.record.borrow().resource
    }

    /// Waits until `holds` is true of the task, for example until something was said.
    pub async fn until(&self, holds: impl FnMut(&TaskRecord) -> bool) -> TaskRecord {
        let mut record = self.record.clone();
        let seen = record.wait_for(holds).await.map(|record| record.clone());
        seen.unwrap_or_else(|_| self.record())
    }

    /// Waits until the task ends, well or not.
    pub async fn done(&self) -> TaskResult {
        self.until(|record| record.state != TaskState::Running).await
    }
}
