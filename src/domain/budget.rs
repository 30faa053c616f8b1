//! The budget of a Mozy credential, as arithmetic: who may use which part of it, how fast it is used again after Mozy
//! asked us to wait or was down, and when Mozy that is down is looked at again (design, rule 9).

use std::time::Duration;

/// So many calls in a row without an answer, and Mozy is down.
pub const DOWN_AFTER: u32 = 5;

/// No pause is longer, whatever Mozy says.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(600);

/// A call waits for its turn at the gate, and a write is in the ledger by then: it is never sent later than this after it
/// was intended. At the lowest rate that can be configured that is several turns.
pub const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// The slowest that we ever go, as a part of the budget.
const SLOWEST: f64 = 1.0 / 64.0;

/// With which part we begin when Mozy was down.
const AFRESH: f64 = 1.0 / 8.0;

/// In how many seconds the pace grows by the whole budget.
const GROWTH: f64 = 30.0;

/// How many seconds we pause by ourselves, at full pace; twice as long at half the pace.
const OWN_PAUSE: f64 = 0.5;

/// The shortest and the longest time between two looks at a Mozy that is down.
const LOOKS: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(15));

/// How long after a look at a Mozy that has been down for so long comes the next one.
pub fn next_look(down: Duration) -> Duration {
    (down / 4).clamp(LOOKS.0, LOOKS.1)
}

/// A budget, or a daemon's part of it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Share {
    /// Calls a second.
    pub rate: f64,
    /// Calls at once.
    pub places: u32,
}

impl Share {
    /// The fair part of the `nth` of so many daemons. Places that cannot be divided go round with the turns.
    pub fn part(self, nth: usize, among: usize, turn: u64) -> Self {
        let among = among.max(1) as u64;
        let (each, over) = (u64::from(self.places) / among, u64::from(self.places) % among);
        let places = each + u64::from((nth as u64 + turn) % among < over);
        Self { rate: self.rate / among as f64, places: u32::try_from(places).unwrap_or(u32::MAX) }
    }

    /// What others leave of it.
    pub fn without(self, others: &[Self]) -> Self {
        others.iter().fold(self, |left, other| Self {
            rate: (left.rate - other.rate).max(0.0),
            places: left.places.saturating_sub(other.places),
        })
    }

    /// The smaller of each.
    pub fn at_most(self, other: Self) -> Self {
        Self { rate: self.rate.min(other.rate), places: self.places.min(other.places) }
    }
}

/// How a credential stands with Mozy, seen from now. All daemons share it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Standing {
    /// Seconds since calls were resumed; below zero while they are paused.
    pub resumed: f64,
    /// The part of the budget that we began with then.
    pub pace: f64,
}

impl Default for Standing {
    fn default() -> Self {
        Self { resumed: 0.0, pace: 1.0 }
    }
}

impl Standing {
    /// How it stands so much later, if nothing else happens.
    pub fn later(self, span: Duration) -> Self {
        Self { resumed: self.resumed + span.as_secs_f64(), ..self }
    }

    /// How long calls are still paused.
    pub fn paused(self) -> Option<Duration> {
        (self.resumed < 0.0).then(|| Duration::from_secs_f64(-self.resumed))
    }

    /// Which part of the budget may be used now.
    pub fn pace_now(self) -> f64 {
        (self.pace + self.resumed.max(0.0) / GROWTH).min(1.0)
    }

    /// Mozy asked for fewer calls, and perhaps said for how long: we pause, and go on at half the pace. What else was
    /// under way when it asked is told the same, which is no further reason to slow down.
    pub fn throttled(self, asked: Option<Duration>) -> Self {
        let again = self.resumed < 0.0;
        let pace = if again { self.pace } else { (self.pace_now() / 2.0).max(SLOWEST) };
        let asked = asked.map(|asked| asked.min(LONGEST_PAUSE).as_secs_f64());
        let pause = asked.unwrap_or(if again { 0.0 } else { OWN_PAUSE / pace });
        Self { resumed: self.resumed.min(-pause), pace }
    }

    /// Mozy was down and answers again: we begin slowly.
    pub fn mended(self) -> Self {
        Self { pace: self.pace_now().min(AFRESH), resumed: self.resumed.min(0.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn places_that_cannot_be_divided_go_round() {
        let whole = Share { rate: 20.0, places: 8 };
        assert_eq!(whole.part(0, 1, 7), whole);
        assert_eq!(whole.part(1, 2, 7), Share { rate: 10.0, places: 4 });
        let one = Share { rate: 1.0, places: 1 };
        let holders = |turn| (0..3).filter(|nth| one.part(*nth, 3, turn).places == 1).collect::<Vec<_>>();
        assert_eq!((holders(0), holders(1), holders(2)), (vec![0], vec![2], vec![1]));
    }

    proptest! {
        #[test]
        fn parts_make_the_whole(places in 0u32..50, rate in 0.1f64..1000.0, among in 1usize..9, turn: u64) {
            let whole = Share { rate, places };
            let parts: Vec<Share> = (0..among).map(|nth| whole.part(nth, among, turn / 2)).collect();
            prop_assert_eq!(parts.iter().map(|part| part.places).sum::<u32>(), places);
            let left = whole.without(&parts);
            prop_assert!(left.places == 0 && left.rate < 1e-9);
        }

        /// Daemons come, go and renew in any order: what they hold is never more than there is.
        #[test]
        fn nobody_is_given_what_others_hold(
            places in 1u32..20,
            asks in proptest::collection::vec((0usize..4, any::<bool>(), 0u64..8), 1..60),
        ) {
            let whole = Share { rate: 10.0, places };
            let mut held: Vec<Option<Share>> = vec![None; 4];
            for (who, stays, turn) in asks {
                held[who] = None;
                if stays {
                    let others: Vec<Share> = held.iter().flatten().copied().collect();
                    let nth = held[..who].iter().flatten().count();
                    held[who] = Some(whole.part(nth, others.len() + 1, turn).at_most(whole.without(&others)));
                }
                let all: Vec<Share> = held.iter().flatten().copied().collect();
                prop_assert!(all.iter().map(|share| share.places).sum::<u32>() <= places);
                prop_assert!(all.iter().map(|share| share.rate).sum::<f64>() <= 10.0 + 1e-9);
            }
        }
    }

    #[test]
    fn a_pause_halves_the_pace_once_and_it_grows_back() {
        let paused = Standing::default().throttled(None);
        assert_eq!((paused.paused(), paused.pace_now()), (Some(SECOND), 0.5));
        let told_again = paused.throttled(None).throttled(Some(SECOND / 2));
        assert_eq!(told_again, paused);
        let longer = paused.throttled(Some(SECOND * 7));
        assert_eq!((longer.paused(), longer.pace_now()), (Some(SECOND * 7), 0.5));
        let resumed = paused.later(SECOND);
        assert_eq!((resumed.paused(), resumed.pace_now()), (None, 0.5));
        assert!(resumed.later(SECOND).pace_now() > 0.5 && resumed.later(SECOND).pace_now() < 1.0);
        assert_eq!(resumed.later(SECOND * 15).pace_now(), 1.0);
        let twice = resumed.throttled(None);
        assert_eq!((twice.paused(), twice.pace_now()), (Some(SECOND * 2), 0.25));
    }

    #[test]
    fn pauses_and_paces_are_bounded() {
        let mut standing = Standing::default();
        for _ in 0..20 {
            standing = standing.throttled(None);
            standing = standing.later(standing.paused().unwrap());
        }
        assert_eq!(standing.pace, SLOWEST);
        assert_eq!(Standing::default().throttled(Some(SECOND * 86_400)).paused(), Some(LONGEST_PAUSE));
    }

    #[test]
    fn after_it_was_down_we_begin_slowly() {
        let mended = Standing::default().mended();
        assert_eq!((mended.pace_now(), mended.paused()), (AFRESH, None));
        let paused = Standing::default().throttled(Some(SECOND * 7));
        assert_eq!(paused.mended().paused(), Some(SECOND * 7), "what Mozy asked for holds");
        let looks = [0, 3, 20, 3600].map(|down| next_look(SECOND * down));
        assert_eq!(looks, [SECOND, SECOND, SECOND * 5, SECOND * 15]);
    }
}
