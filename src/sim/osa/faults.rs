//! What may go wrong on purpose, on either side, by chance from a seed or the next so many times.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde::{Deserialize, Serialize};

/// Which calls a fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Side {
    /// The calls that OSA makes to the application.
    ToApp,
    /// The calls that the application makes to OSA.
    FromApp,
}

/// A fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Fault {
    /// Either side: answered 400 on the way, the called never saw it.
    BadRequest,
    /// Either side: answered 403 on the way, the called never saw it.
    Forbidden,
    /// Either side: the called did what was asked, the caller is told 503.
    ServerError,
    /// Either side: the called did what was asked, the caller hears nothing.
    Timeout,
    /// Either side: no connection.
    Refused,
    /// Either side: our certificate is one that has expired.
    ExpiredCertificate,
    /// To the application: a POST is sent twice, one after the other.
    DuplicatePost,
    /// To the application: a POST is sent twice at once.
    ConcurrentPost,
    /// To the application: a POST or PUT that was done is followed by a PUT with nothing changed.
    IdlePut,
    /// To the application: the first call already says `async`.
    PollFirst,
    /// To the application: a poll comes at once, without waiting for the timeout.
    EarlyPoll,
    /// To the application: a poll comes after three times the timeout.
    LatePoll,
    /// To the application: one more poll after the task was done, before the next operation may start.
    StrayPoll,
    /// To the application: an event is never delivered.
    LostEvent,
    /// To the application: an event is delivered twice.
    RepeatedEvent,
}

/// How often each fault strikes. Each has its own dice, so its nth chance comes out the same for a seed
/// whatever else happens meanwhile.
pub struct Faults {
    seed: u64,
    dice: Mutex<BTreeMap<(Side, Fault), Die>>,
}

struct Die {
    rate: f64,
    owed: u32,
    struck: u64,
    rng: StdRng,
}

impl Faults {
    pub(super) fn new(seed: u64) -> Self {
        Self { seed, dice: Mutex::default() }
    }

    /// Lets a fault strike with this probability, 0 to 1, from now on.
    pub fn rate(&self, side: Side, fault: Fault, rate: f64) {
        self.die(side, fault, |die| die.rate = rate.clamp(0.0, 1.0));
    }

    /// Lets a fault strike the next `times` times it can.
    pub fn next(&self, side: Side, fault: Fault, times: u32) {
        self.die(side, fault, |die| die.owed = times);
    }

    /// No fault strikes any more.
    pub fn clear(&self) {
        self.lock().values_mut().for_each(|die| (die.rate, die.owed) = (0.0, 0));
    }

    /// How often a fault struck.
    pub fn struck(&self, side: Side, fault: Fault) -> u64 {
        self.lock().get(&(side, fault)).map_or(0, |die| die.struck)
    }

    /// Throws the dice.
    pub(super) fn strike(&self, side: Side, fault: Fault) -> bool {
        self.lock().get_mut(&(side, fault)).is_some_and(Die::throw)
    }

    /// The first of these faults that strikes.
    pub(super) fn any(&self, side: Side, faults: &[Fault]) -> Option<Fault> {
        faults.iter().copied().find(|fault| self.strike(side, *fault))
    }

    fn die(&self, side: Side, fault: Fault, change: impl FnOnce(&mut Die)) {
        let seed = self.seed ^ ((side as u64) << 32 | (fault as u64) << 40);
        let new = || Die { rate: 0.0, owed: 0, struck: 0, rng: StdRng::seed_from_u64(seed) };
        change(self.lock().entry((side, fault)).or_insert_with(new));
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<(Side, Fault), Die>> {
        self.dice.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Die {
    fn throw(&mut self) -> bool {
        let strikes = match self.owed.checked_sub(1) {
            Some(left) => {
                self.owed = left;
                true
            }
            None => self.rng.random_bool(self.rate),
        };
        self.struck += u64::from(strikes);
        strikes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn throws(faults: &Faults) -> Vec<bool> {
        (0..64).map(|_| faults.strike(Side::ToApp, Fault::Timeout)).collect()
    }

    #[test]
    fn the_same_seed_strikes_the_same_whatever_else_is_thrown() {
        let (one, other) = (Faults::new(7), Faults::new(7));
        one.rate(Side::ToApp, Fault::Timeout, 0.5);
        other.rate(Side::ToApp, Fault::Timeout, 0.5);
        other.rate(Side::FromApp, Fault::Refused, 0.5);
        other.strike(Side::FromApp, Fault::Refused);
        let struck = throws(&one);
        assert_eq!(struck, throws(&other));
        assert!(struck.contains(&true) && struck.contains(&false));
    }

    #[test]
    fn next_strikes_exactly_so_often_and_clear_ends_it() {
        let faults = Faults::new(1);
        faults.next(Side::ToApp, Fault::Timeout, 2);
        assert_eq!(throws(&faults).iter().filter(|struck| **struck).count(), 2);
        assert_eq!(faults.struck(Side::ToApp, Fault::Timeout), 2);
        faults.rate(Side::ToApp, Fault::Timeout, 1.0);
        faults.clear();
        assert!(!faults.strike(Side::ToApp, Fault::Timeout));
    }
}
