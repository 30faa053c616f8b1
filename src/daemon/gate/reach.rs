//! Whether Mozy answers this daemon. Calls in a row without an answer have Mozy itself looked at, and only such a look says
//! that it is down here, as long as the next one is not answered (design, rule 10). No clock of its own.

use crate::domain::budget::{DOWN_AFTER, next_look};
use std::time::{Duration, Instant};

/// What this daemon knows of its way to Mozy.
#[derive(Debug, Default)]
pub struct Reach {
    /// Calls in a row that got no answer.
    silent: u32,
    /// Somebody here looks.
    looking: bool,
    down: Option<Down>,
}

/// Mozy does not answer here.
#[derive(Debug, Clone, Copy)]
struct Down {
    since: Instant,
    next_look: Instant,
    /// It answers another daemon, which then does the work.
    elsewhere: bool,
}

/// How a daemon stands that Mozy did not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Silence {
    /// Mozy is down for all that is known.
    Down,
    /// Mozy answers others.
    CutOff,
}

impl Reach {
    /// Mozy answered; says how it stood until then, if it did not answer.
    pub fn answered(&mut self) -> Option<Silence> {
        self.silent = 0;
        let was = self.silence();
        self.down = None;
        was
    }

    /// A call was not answered; true when Mozy itself should be looked at.
    pub fn unanswered(&mut self) -> bool {
        self.silent = self.silent.saturating_add(1);
        self.down.is_none() && self.is_silent()
    }

    /// Whether none of the last calls was answered.
    fn is_silent(&self) -> bool {
        self.silent >= DOWN_AFTER
    }

    /// Whether somebody here should look now; true for one at a time.
    pub fn takes_look(&mut self, now: Instant) -> bool {
        let due = self.down.map_or(self.is_silent(), |down| down.next_look <= now);
        if !due || self.looking {
            return false;
        }
        self.looking = true;
        true
    }

    /// A look is over; the next one is the later, the longer Mozy is down.
    pub fn looked(&mut self, now: Instant) {
        self.looking = false;
        if let Some(down) = &mut self.down {
            down.next_look = now + next_look(now - down.since);
        }
    }

    /// Mozy itself did not answer, nor has it answered anybody here meanwhile: it is down; true if that is news.
    /// `elsewhere`: it answers others.
    pub fn breaks(&mut self, elsewhere: bool, now: Instant) -> bool {
        let news = self.down.is_none() && self.is_silent();
        if news {
            self.down = Some(Down { since: now, next_look: now, elsewhere });
        }
        news
    }

    /// Whether it answers others meanwhile; true if that is news. Then it is looked at again at once: it may be well.
    pub fn answers_elsewhere(&mut self, yes: bool, now: Instant) -> bool {
        let Some(down) = &mut self.down else { return false };
        let news = down.elsewhere != yes;
        down.elsewhere = yes;
        if news && yes {
            down.next_look = now;
        }
        news
    }

    /// How it stands, if Mozy does not answer here.
    pub fn silence(&self) -> Option<Silence> {
        self.down.map(|down| if down.elsewhere { Silence::CutOff } else { Silence::Down })
    }

    /// In how long it is looked at again, while it does not answer here.
    pub fn next_look(&self, now: Instant) -> Option<Duration> {
        self.down.map(|down| down.next_look.saturating_duration_since(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// Down since `now`, and looked at then.
    fn down(now: Instant) -> Reach {
        let mut reach = Reach::default();
        let looks = (0..DOWN_AFTER).map(|_| reach.unanswered()).collect::<Vec<_>>();
        assert_eq!(looks.iter().position(|look| *look), Some(looks.len() - 1));
        assert!(reach.takes_look(now) && reach.breaks(false, now) && !reach.breaks(true, now));
        reach.looked(now);
        reach
    }

    #[test]
    fn one_looks_at_a_time_and_ever_less_often() {
        let now = Instant::now();
        let mut reach = down(now);
        assert_eq!(reach.next_look(now), Some(SECOND));
        assert!(!reach.takes_look(now + SECOND / 2));
        assert!(reach.takes_look(now + SECOND) && !reach.takes_look(now + SECOND));
        reach.looked(now + SECOND);
        assert!(!reach.takes_look(now + SECOND));
        let late = now + SECOND * 3600;
        assert!(reach.takes_look(late));
        reach.looked(late);
        assert_eq!(reach.next_look(late), Some(SECOND * 15));
        assert_eq!((reach.answered(), reach.answered()), (Some(Silence::Down), None));
        assert!(!reach.takes_look(late + SECOND * 60) && reach.next_look(late).is_none());
    }

    #[test]
    fn that_it_answers_others_is_a_reason_to_look_at_once() {
        let now = Instant::now();
        let mut reach = down(now);
        assert!(!reach.answers_elsewhere(false, now));
        assert!(reach.answers_elsewhere(true, now) && !reach.answers_elsewhere(true, now));
        assert!(reach.takes_look(now), "it may be well again");
        reach.looked(now);
        assert!(!reach.takes_look(now));
        assert_eq!(reach.silence(), Some(Silence::CutOff));
        assert!(reach.answers_elsewhere(false, now) && !reach.takes_look(now));
        assert_eq!(reach.silence(), Some(Silence::Down));
        assert!(!Reach::default().answers_elsewhere(true, now));
    }
}
