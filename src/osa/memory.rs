//! What was looked up at OSA is remembered while OSA polls, so that a poll asks nothing and a first call asks anew.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use uuid::Uuid;

/// How long something is remembered unless told otherwise: longer than an operation is polled by default.
const FOR: Duration = Duration::from_secs(15 * 60);
/// Most that is remembered; past it all is forgotten, which costs some questions and nothing else.
const MOST: usize = 4096;

/// Remembers one kind of things by an APS id.
#[derive(Debug)]
pub(super) struct Memory<T> {
    lasts: Duration,
    known: Mutex<HashMap<Uuid, (Instant, T)>>,
}

impl<T> Default for Memory<T> {
    fn default() -> Self {
        Self::lasting(FOR)
    }
}

impl<T> Memory<T> {
    /// One that remembers for so long.
    pub fn lasting(lasts: Duration) -> Self {
        Self { lasts, known: Mutex::default() }
    }
}

impl<T: Clone> Memory<T> {
    pub fn get(&self, id: Uuid) -> Option<T> {
        let known = self.lock();
        let (since, thing) = known.get(&id)?;
        (since.elapsed() < self.lasts).then(|| thing.clone())
    }

    pub fn put(&self, id: Uuid, thing: T) {
        let mut known = self.lock();
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(id, (Instant::now(), thing));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, (Instant, T)>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_bounded_and_goes_on_remembering() {
        let memory = Memory::default();
        for number in 0..=MOST as u128 {
            memory.put(Uuid::from_u128(number), number);
        }
        assert_eq!(memory.get(Uuid::from_u128(MOST as u128)), Some(MOST as u128));
        assert!(memory.lock().len() <= MOST);
    }
}
