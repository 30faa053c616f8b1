//! A copy of the world that learns of every change a while later: what a read sees that is not up to date.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};

use super::Change;
use crate::sim::mozy::world::World;

/// The copy, and the changes it has not heard of yet.
pub(super) struct Replica {
    pub world: World,
    lag: TimeDelta,
    backlog: VecDeque<(DateTime<Utc>, Change)>,
}

impl Replica {
    /// A copy that is behind by that many milliseconds, at most a day.
    pub fn new(world: World, lag_ms: u64) -> Replica {
        let lag = TimeDelta::milliseconds(i64::try_from(lag_ms.min(86_400_000)).unwrap_or(0));
        Replica { world, lag, backlog: VecDeque::new() }
    }

    pub fn push(&mut self, at: DateTime<Utc>, change: &Change) {
        self.backlog.push_back((at, change.clone()));
    }

    /// Makes the changes that are old enough. The same changes in the same order end the same, faults too.
    pub fn catch_up(&mut self, now: DateTime<Utc>) {
        while let Some((at, change)) = self.backlog.pop_front_if(|(at, _)| *at + self.lag <= now) {
            self.world.set_time(at);
            let _same_as_before = change.apply(&mut self.world);
        }
        self.world.take_events();
        self.world.set_time(now - self.lag);
    }
}
