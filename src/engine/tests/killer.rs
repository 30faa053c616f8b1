//! Where the daemon dies: at one of six points around one step, for good. What was awaited there never comes back.

use std::future::pending;
use std::sync::{Arc, Mutex};

/// The points around a step at which a process can die.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// The step is planned, and nothing is written.
    BeforeIntent,
    /// The step is committed, and not called.
    Intended,
    /// The call is on its way; Mozy acts when we are gone.
    Sent,
    /// Mozy has acted; the answer is on its way.
    Acted,
    /// The answer is here; the outcome is not committed.
    Answered,
    /// The outcome is committed.
    Settled,
}

impl Point {
    pub const ALL: [Self; 6] =
        [Self::BeforeIntent, Self::Intended, Self::Sent, Self::Acted, Self::Answered, Self::Settled];
}

/// When to die, and whether it has come to that. Clones are the same.
#[derive(Debug, Clone, Default)]
pub struct Killer(Arc<Mutex<Sentence>>);

#[derive(Debug, Default)]
struct Sentence {
    at: Option<(String, Point)>,
    /// So many steps of that kind pass by first.
    after: usize,
    dead: bool,
}

impl Killer {
    /// The `nth` step of this kind, counted from 0, kills at that point.
    pub fn aim(&self, kind: String, nth: usize, point: Point) {
        *self.0.lock().unwrap() = Sentence { at: Some((kind, point)), after: nth, dead: false };
    }

    /// Whether it would die here; asked once per step and point.
    pub fn strikes(&self, kind: &str, point: Point) -> bool {
        let mut sentence = self.0.lock().unwrap();
        if !sentence.at.as_ref().is_some_and(|(aimed, at)| aimed == kind && *at == point) {
            return false;
        }
        if sentence.after > 0 {
            sentence.after -= 1;
            return false;
        }
        sentence.at = None;
        sentence.dead = true;
        true
    }

    /// Dies here, if this is the place.
    pub async fn pass(&self, kind: &str, point: Point) {
        if self.strikes(kind, point) {
            self.die().await;
        }
    }

    /// Nothing comes after this.
    pub async fn die(&self) {
        pending::<()>().await;
    }

    pub fn is_dead(&self) -> bool {
        self.0.lock().unwrap().dead
    }

    /// A new process: whether the old one died.
    pub fn revive(&self) -> bool {
        std::mem::take(&mut self.0.lock().unwrap().dead)
    }

    /// Whether it has not come to that.
    pub fn is_pending(&self) -> bool {
        self.0.lock().unwrap().at.is_some()
    }
}

/// Runs a future whose every part is ready at once; `None` when the killer got it first.
pub fn run<T>(killer: &Killer, future: impl Future<Output = T>) -> Option<T> {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    loop {
        match future.as_mut().poll(&mut context) {
            std::task::Poll::Ready(value) => return Some(value),
            std::task::Poll::Pending if killer.is_dead() => return None,
            std::task::Poll::Pending => {}
        }
    }
}
