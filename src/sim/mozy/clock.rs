//! The simulator's clock: Mozy's own time, which a test can stop and advance.

use chrono::{DateTime, Datelike, DurationRound, TimeDelta, Utc};

/// Where the time comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Clock {
    /// The machine's clock, moved forward by this much.
    Running(TimeDelta),
    /// Stands still until it is advanced, so that a test decides what happens when.
    Manual(DateTime<Utc>),
}

impl Clock {
    /// The time, in whole milliseconds.
    pub(super) fn now(&self) -> DateTime<Utc> {
        let now = match self {
            Clock::Running(ahead) => Utc::now() + *ahead,
            Clock::Manual(now) => *now,
        };
        now.duration_trunc(TimeDelta::milliseconds(1)).unwrap_or(now)
    }

    /// Moves the clock forward, by at most a century at once and not past the year 3000.
    pub(super) fn advance(&mut self, by: TimeDelta) {
        let by = by.clamp(TimeDelta::zero(), TimeDelta::days(36_500));
        if self.now().year() + 101 > 3000 {
            return;
        }
        match self {
            Clock::Running(ahead) => *ahead += by,
            Clock::Manual(now) => *now += by,
        }
    }
}
