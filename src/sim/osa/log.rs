//! The book of every call in either direction, newest last, bounded.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::faults::{Fault, Side};

/// One call.
#[derive(Clone, Debug, Serialize)]
pub struct Call {
    /// When it ended.
    pub at: DateTime<Utc>,
    /// Who called whom.
    pub side: Side,
    /// The method.
    pub method: String,
    /// Path and query, below the application's endpoint or from the root of OSA's.
    pub path: String,
    /// `APS-Request-Phase`, to the application only.
    pub phase: Option<&'static str>,
    /// `APS-Transaction-ID` as sent.
    pub transaction: Option<String>,
    /// `APS-Resource-ID` as sent by the application.
    pub acting_as: Option<String>,
    /// The body that was sent; null where it is about the application itself, whose globals are secret.
    pub body: Value,
    /// The status as the caller saw it.
    pub status: Option<u16>,
    /// The answer's body, from the application only.
    pub answer: Value,
    /// Why there was no answer.
    pub error: Option<String>,
    /// The fault that struck it.
    pub fault: Option<Fault>,
    /// How long it took, milliseconds.
    pub millis: u64,
    /// The instance it was made for, where known.
    pub instance: Option<Uuid>,
}

/// The last calls.
pub(super) struct Log {
    capacity: usize,
    calls: Mutex<VecDeque<Call>>,
}

impl Log {
    pub fn new(capacity: usize) -> Self {
        Self { capacity, calls: Mutex::default() }
    }

    pub fn add(&self, call: Call) {
        let mut calls = self.lock();
        if calls.len() >= self.capacity {
            calls.pop_front();
        }
        calls.push_back(call);
    }

    pub fn calls(&self) -> Vec<Call> {
        self.lock().iter().cloned().collect()
    }

    pub fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Call>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
