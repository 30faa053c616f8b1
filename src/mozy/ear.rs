//! What one caller has heard from Mozy, as one number: it tells whether everything is as it was, without knowing what.

use crate::ports::look::Echo;
use ring::digest::{Context, SHA256};
use std::sync::{Mutex, PoisonError};

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
    digest: Context,
}

impl<'a> Call<'a> {
    /// What was sent.
    pub(super) fn of(ear: &'a Ear, envelope: &str) -> Self {
        let mut digest = Context::new(&SHA256);
        digest.update(envelope.as_bytes());
        Self { ear, digest }
    }

    /// What came back.
    pub(super) fn answered(mut self, answer: &[u8]) {
        self.digest.update(answer);
        let digest = self.digest.finish();
        let half = digest.as_ref().first_chunk().map_or(0, |half| u128::from_le_bytes(*half));
        let mut heard = self.ear.lock();
        *heard = heard.map(|echo| echo.and(half));
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
