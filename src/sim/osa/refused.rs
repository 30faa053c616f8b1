//! Why OSA does not start an operation.

use uuid::Uuid;

/// An operation that OSA refused; the application was not asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is no such resource, or it is of another kind.
    #[error("looking for {what} {id}: there is none, look at the list of resources")]
    Unknown {
        /// What was looked for.
        what: &'static str,
        /// By which id.
        id: Uuid,
    },
    /// A task is under way on the resource.
    #[error("starting an operation on {resource}: task {task} is under way, wait until it ends")]
    Busy {
        /// The resource.
        resource: Uuid,
        /// The task.
        task: u64,
    },
    /// What it depends on is not there yet or is being removed.
    #[error("starting an operation on {resource}: it depends on {on}, which is not ready, wait until it is")]
    NotReady {
        /// The resource.
        resource: Uuid,
        /// What it depends on.
        on: Uuid,
    },
    /// A task that did not fail cannot be run again.
    #[error("running task {task} again: only a failed task can be, this one has not failed")]
    NotFailed {
        /// The task.
        task: u64,
    },
    /// There is no such task.
    #[error("looking for task {task}: there is none, or it was forgotten, look at the list of tasks")]
    NoTask {
        /// The number.
        task: u64,
    },
    /// The order makes no sense.
    #[error("reading what is asked: {0}")]
    Invalid(String),
}
