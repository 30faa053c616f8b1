//! How long ago something was by the database's clock, less what that was stepped forward by: an hour that never passed
//! ends no settle time and no patience. (Back: see `pull_in`.)

use chrono::{DateTime, TimeDelta, Utc};
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Less is no step, but two clocks that run differently.
const TOLERANCE: TimeDelta = TimeDelta::seconds(1);

/// So many steps are remembered.
const STEPS: usize = 64;

/// The database's clock as this process has seen it beside its own, which only ever runs.
#[derive(Debug, Default)]
pub(super) struct Clock(Mutex<Seen>);

#[derive(Debug, Default)]
struct Seen {
    /// What it said last, and a moment before it was asked.
    last: Option<(DateTime<Utc>, Instant)>,
    steps: VecDeque<Step>,
}

#[derive(Debug, Clone, Copy)]
struct Step {
    by: TimeDelta,
    /// Whatever was written with an earlier time was written before it.
    until: DateTime<Utc>,
    seen: Instant,
}

impl Clock {
    /// Notes what the database's clock said after it was `asked`.
    pub fn said(&self, now: DateTime<Utc>, asked: Instant) {
        self.said_at(now, asked, Instant::now());
    }

    fn said_at(&self, now: DateTime<Utc>, asked: Instant, answered: Instant) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((said, then)) = seen.last {
            // Not less than what really passed in between.
            let passed = TimeDelta::from_std(answered.duration_since(then)).unwrap_or(TimeDelta::MAX);
            let by = (now - said).checked_sub(&passed).unwrap_or(TimeDelta::MIN);
            if by > TOLERANCE {
                tracing::warn!(seconds = by.num_seconds(), "the database's clock was stepped forward");
                seen.steps.truncate(STEPS - 1);
                seen.steps.push_front(Step { by, until: now - by, seen: answered });
            }
            // Several are asked at once, and the answers overtake each other.
            if then > asked {
                return;
            }
        }
        seen.last = Some((now, asked));
    }

    /// How much of the time since then never passed.
    pub fn stepped_since(&self, then: DateTime<Utc>) -> TimeDelta {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.steps.iter().filter(|step| then <= step.until).map(|step| step.by).sum()
    }

    /// By how much it was stepped in the last `span`.
    pub fn stepped_within(&self, span: Duration) -> Duration {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let steps = seen.steps.iter().filter(|step| step.seen.elapsed() < span);
        steps.map(|step| step.by).sum::<TimeDelta>().to_std().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: TimeDelta = TimeDelta::hours(1);

    /// Time that passes, and a database's clock that may be stepped.
    struct Time {
        clock: Clock,
        begun: Instant,
        now: DateTime<Utc>,
        passed: Duration,
    }

    impl Time {
        fn begin() -> Self {
            let (clock, passed) = (Clock::default(), Duration::ZERO);
            let time = Self { clock, begun: Instant::now(), now: Utc::now(), passed };
            time.look();
            time
        }

        fn pass(&mut self, seconds: u64) {
            self.passed += Duration::from_secs(seconds);
            self.now += Duration::from_secs(seconds);
        }

        fn look(&self) {
            let at = self.begun + self.passed;
            self.clock.said_at(self.now, at, at + Duration::from_millis(3));
        }

        /// How old what was written then is taken for, s.
        fn age(&self, then: DateTime<Utc>) -> i64 {
            (self.now - then - self.clock.stepped_since(then)).num_seconds()
        }
    }

    #[test]
    fn an_hour_that_never_passed_makes_nothing_older() {
        let mut time = Time::begin();
        time.pass(7);
        time.look();
        let first = time.now;
        time.pass(5);
        let second = time.now;
        time.pass(1);
        time.now += HOUR;
        time.pass(1);
        let third = time.now;
        time.look();
        assert_eq!((time.age(first), time.age(second), time.age(third)), (7, 2, 0));
        time.pass(30);
        time.look();
        assert_eq!((time.age(first), time.age(third)), (37, 30));
        time.now += HOUR * 2;
        time.look();
        assert_eq!((time.age(first), time.age(third)), (37, 30));
        let stepped = time.clock.stepped_within(Duration::from_secs(3600));
        assert_eq!(stepped.as_secs_f64().round(), 3.0 * 3600.0);
    }

    #[test]
    fn a_clock_that_only_runs_is_never_stepped() {
        let mut time = Time::begin();
        for seconds in [0, 1, 600, 86_400, 0, 3] {
            time.pass(seconds);
            time.look();
        }
        // An answer that was overtaken, and one that took long.
        time.clock.said_at(
            time.now - TimeDelta::seconds(2),
            time.begun + time.passed - Duration::from_secs(2),
            time.begun + time.passed,
        );
        time.pass(60);
        time.clock.said_at(time.now - TimeDelta::seconds(50), time.begun, time.begun + time.passed);
        time.look();
        assert_eq!(time.clock.stepped_since(time.now - TimeDelta::days(30)), TimeDelta::zero());
    }
}
