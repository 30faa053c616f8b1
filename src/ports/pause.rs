//! A pause: what did not help is left alone for a while, and for longer each time, but never given up: a field that keeps
//! coming back, or a wish that Mozy refused (design, rules 10 and 13).

use crate::domain::{Reason, StepId};
use crate::plan::{Step, Subject};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// An hour after a pause has ended, or as long again, nothing came of it: it is forgotten.
const MEMORY: i64 = 3600;

/// What is left alone, and until when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// About what.
    pub subject: Subject,
    /// The kind of step that did not help.
    pub kind: String,
    /// Which field it set; none for a wish that was refused.
    pub field: String,
    /// What it set it to, or the generation of the wish: another is another matter.
    pub value: String,
    /// The last step that did not help.
    pub step: StepId,
    /// When that was.
    pub at: DateTime<Utc>,
    /// For so many seconds.
    pub seconds: i64,
    /// Why Mozy refused it, if it did.
    pub refused: Option<(Reason, String)>,
}

impl Pause {
    /// When it ends.
    pub fn until(&self) -> DateTime<Utc> {
        self.at + TimeDelta::seconds(self.seconds)
    }

    /// Whether it is about steps like this.
    pub fn is_about(&self, step: &Step, field: &str, value: &str) -> bool {
        (self.subject, &*self.kind) == (step.subject, step.action.kind())
            && (&*self.field, &*self.value) == (field, value)
    }

    /// It was tried once more, and did not help: twice as long.
    pub fn grow(&mut self, step: StepId, at: DateTime<Utc>, ceiling: TimeDelta) {
        (self.step, self.at) = (step, at);
        self.seconds = self.seconds.saturating_mul(2).min(ceiling.num_seconds().max(self.seconds));
    }

    /// Whether it ended so long ago that it counts no more.
    pub fn is_past(&self, now: DateTime<Utc>) -> bool {
        now - self.until() > TimeDelta::seconds(self.seconds.max(MEMORY))
    }
}
