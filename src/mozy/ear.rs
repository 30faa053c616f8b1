//! What one caller has heard from Mozy, as one number: it tells whether everything is as it was, without knowing what.

use crate::ports::look::Echo;
use std::hash::{BuildHasher, RandomState};
use std::sync::{LazyLock, Mutex, PoisonError};
use xxhash_rust::xxh3::{xxh3_64_with_seed, xxh3_128_with_seed};

/// Not guessed by whoever chooses names and addresses that stand in answers: equal numbers are no accident of his making.
static SEED: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one("ear"));

/// Hears every answer to one caller. Deaf as soon as one call gave none that could be used.
#[derive(Debug)]
pub struct Ear(Mutex<Option<Echo>>);

impl Default for Ear {
    fn default() -> Self {
        Self(Mutex::new(Some(Echo::default())))
    }
}

impl Ear {
    /// All that was heard; `None` if a call failed.
    pub fn echo(&self) -> Option<Echo> {
        *self.lock()
    }

    /// A call failed.
    pub(super) fn miss(&self) {
        *self.lock() = None;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Echo>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One call, as it is heard.
pub(super) struct Call<'a> {
    ear: &'a Ear,
    sent: u64,
}

impl<'a> Call<'a> {
    /// What was sent.
    pub(super) fn of(ear: &'a Ear, envelope: &str) -> Self {
        Self { ear, sent: xxh3_64_with_seed(envelope.as_bytes(), *SEED) }
    }

    /// What came back.
    pub(super) fn answered(self, answer: &[u8]) {
        let digest = xxh3_128_with_seed(answer, self.sent);
        let mut heard = self.ear.lock();
        *heard = heard.map(|echo| echo.and(digest));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn echo(calls: &[(&str, &[u8])]) -> Option<Echo> {
        let ear = Ear::default();
        calls.iter().for_each(|(envelope, answer)| Call::of(&ear, envelope).answered(answer));
        ear.echo()
    }

    #[test]
    fn only_the_same_calls_with_the_same_answers_sound_the_same() {
        let both = echo(&[("a", b"1"), ("b", b"2")]);
        assert_eq!(both, echo(&[("b", b"2"), ("a", b"1")]), "in whatever order");
        for other in [
            echo(&[]),
            echo(&[("a", b"1")]),
            echo(&[("a", b"2"), ("b", b"1")]),
            echo(&[("a", b"1"), ("b", b"2"), ("b", b"2")]),
            echo(&[("a", b"1"), ("b", b"")]),
        ] {
            assert_ne!(both, other);
        }
    }

    #[test]
    fn who_missed_one_answer_heard_nothing() {
        let ear = Ear::default();
        ear.miss();
        Call::of(&ear, "a").answered(b"1");
        assert_eq!(ear.echo(), None);
    }
}
