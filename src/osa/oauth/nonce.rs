//! A signed request is believed once: its nonce is remembered for as long as its timestamp would be accepted.

use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, PoisonError};

use futures_util::future::BoxFuture;

use super::WINDOW;

/// What makes a signed request the only one of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Nonce<'a> {
    /// The consumer key.
    pub key: &'a str,
    /// Unix time in seconds, as the sender says; within [`WINDOW`] of ours.
    pub timestamp: u64,
    /// Chosen by the sender, never twice with the same timestamp.
    pub nonce: &'a str,
}

/// The memory cannot say whether a nonce is new, so the request must not be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cannot remember more signed requests just now; try again in some minutes")]
pub struct NonceError;

/// Remembers which nonces were used. In memory it is [`Nonces`]; several daemons may share another.
pub trait NonceMemory: Send + Sync {
    /// Whether this is its first use, and if so, remembers it. Only asked about requests with a valid signature.
    ///
    /// # Errors
    /// If the memory is full or out of reach.
    fn first_use<'a>(&'a self, nonce: Nonce<'a>, now: u64) -> BoxFuture<'a, Result<bool, NonceError>>;
}

/// The nonces of this process. A restart forgets them, so a replay within [`WINDOW`] of one is not noticed.
#[derive(Debug)]
pub struct Nonces {
    hasher: RandomState,
    capacity: usize,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    /// Keyed hashes by timestamp: forgetting is dropping whole seconds.
    seconds: BTreeMap<u64, HashSet<u64>>,
    len: usize,
    /// What was signed before this was forgotten, and is too old even if the clock steps back.
    forgotten: u64,
}

impl Nonces {
    /// Remembers at most `capacity` nonces, about 20 bytes each.
    pub fn new(capacity: usize) -> Self {
        Self { hasher: RandomState::new(), capacity, seen: Mutex::default() }
    }
}

impl Default for Nonces {
    /// Room for more than 5,000 requests a second over the whole window.
    fn default() -> Self {
        Self::new(2_000_000)
    }
}

impl NonceMemory for Nonces {
    fn first_use<'a>(&'a self, nonce: Nonce<'a>, now: u64) -> BoxFuture<'a, Result<bool, NonceError>> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.forget(now.saturating_sub(WINDOW));
        let verdict = seen.remember(nonce.timestamp, self.hasher.hash_one(nonce), self.capacity);
        Box::pin(std::future::ready(verdict))
    }
}

impl Seen {
    fn forget(&mut self, before: u64) {
        if before > self.forgotten {
            let kept = self.seconds.split_off(&before);
            let dropped = std::mem::replace(&mut self.seconds, kept);
            self.len -= dropped.values().map(HashSet::len).sum::<usize>();
            self.forgotten = before;
        }
    }

    fn remember(&mut self, timestamp: u64, hash: u64, capacity: usize) -> Result<bool, NonceError> {
        if timestamp < self.forgotten || self.seconds.get(&timestamp).is_some_and(|s| s.contains(&hash)) {
            return Ok(false);
        }
        if self.len >= capacity {
            return Err(NonceError);
        }
        self.seconds.entry(timestamp).or_default().insert(hash);
        self.len += 1;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_000_000;

    async fn first(nonces: &Nonces, timestamp: u64, nonce: &str, now: u64) -> Result<bool, NonceError> {
        nonces.first_use(Nonce { key: "k", timestamp, nonce }, now).await
    }

    #[tokio::test]
    async fn once_is_once_for_as_long_as_the_timestamp_is_accepted() {
        let nonces = Nonces::default();
        assert_eq!(first(&nonces, NOW, "a", NOW).await, Ok(true));
        assert_eq!(first(&nonces, NOW, "a", NOW + WINDOW).await, Ok(false));
        assert_eq!(first(&nonces, NOW, "b", NOW).await, Ok(true));
        assert_eq!(first(&nonces, NOW + 1, "a", NOW).await, Ok(true));
        assert_eq!(nonces.first_use(Nonce { key: "l", timestamp: NOW, nonce: "a" }, NOW).await, Ok(true));
    }

    #[tokio::test]
    async fn it_is_bounded_refuses_when_full_and_has_room_again() {
        let nonces = Nonces::new(2);
        assert_eq!(first(&nonces, NOW, "a", NOW).await, Ok(true));
        assert_eq!(first(&nonces, NOW, "b", NOW).await, Ok(true));
        assert_eq!(first(&nonces, NOW, "c", NOW).await, Err(NonceError));
        assert_eq!(first(&nonces, NOW, "a", NOW).await, Ok(false));
        let later = NOW + WINDOW + 1;
        assert_eq!(first(&nonces, later, "c", later).await, Ok(true));
        assert_eq!(nonces.seen.lock().unwrap().len, 1);
    }

    #[tokio::test]
    async fn a_clock_that_steps_back_forgets_nothing() {
        let nonces = Nonces::default();
        assert_eq!(first(&nonces, NOW, "a", NOW).await, Ok(true));
        assert_eq!(first(&nonces, NOW + 2 * WINDOW, "b", NOW + 2 * WINDOW).await, Ok(true));
        assert_eq!(first(&nonces, NOW, "a", NOW).await, Ok(false));
    }
}
