//! When a subscription is looked at next: its own slot in the interval by a stable hash, or a retry that backs off.

use crate::domain::budget::LONGEST_PAUSE;
use crate::domain::{Reason, SubscriptionId};
use crate::ports::{CycleReport, CycleResult};
use crate::store::{Claimed, Lane, Next};
use std::time::{Duration, SystemTime};

/// The first retry; each further one waits twice as long, up to a ceiling.
const FIRST_RETRY: Duration = Duration::from_secs(1);

/// A cycle that only waits for its own write to show looks again at least so often.
const LONGEST_GLANCE: Duration = Duration::from_secs(5);

/// So many tries a person's change has ahead of all else, which takes longer than OSA waits by default; afterwards it is a
/// retry like others.
const TRIES: u32 = 10;

/// The part of the interval that belongs to a subscription: the same after every restart, so there is no stampede.
pub fn slot(id: SubscriptionId, interval: Duration) -> Duration {
    let hash = id.0.as_u128() as u64 ^ (id.0.as_u128() >> 64) as u64;
    let spread = hash.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 11;
    interval.mul_f64(spread as f64 / (1u64 << 53) as f64)
}

/// How long until a subscription's next slot, `since_epoch` being now.
pub fn until_slot(id: SubscriptionId, interval: Duration, since_epoch: Duration) -> Duration {
    let (slot, interval) = (slot(id, interval).as_nanos(), interval.as_nanos().max(1));
    let into = since_epoch.as_nanos() % interval;
    let wait = (slot + interval - into) % interval;
    let wait = if wait == 0 { interval } else { wait };
    Duration::from_nanos(u64::try_from(wait).unwrap_or(u64::MAX))
}

/// When a subscription is looked at again after a cycle.
pub fn next(claimed: &Claimed, report: &CycleReport, interval: Duration) -> Next {
    let attempts = u32::try_from(claimed.attempts).unwrap_or(0);
    match retry(report, attempts, interval) {
        Some(due_in) => Next { due_in, lane: retry_lane(claimed.lane, attempts, report) },
        None => Next { due_in: ordinary(claimed.lease.subscription, interval), lane: Lane::Sweep },
    }
}

/// A person's change that could not be made goes on ahead of what failed of the sweep.
fn retry_lane(lane: Lane, attempts: u32, report: &CycleReport) -> Lane {
    let waits = lane == Lane::Change && attempts < TRIES && !needs_somebody(report);
    if waits { Lane::Change } else { Lane::Retry }
}

/// In how long its own slot of the interval comes.
pub fn ordinary(id: SubscriptionId, interval: Duration) -> Duration {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    until_slot(id, interval, now)
}

/// Nobody waits for longer than this until he is looked at again.
pub fn longest(interval: Duration) -> Duration {
    interval.max(LONGEST_PAUSE)
}

/// How long until the retry of a cycle that ended like this, after `attempts` others in a row; `None` when it needs
/// none and its ordinary slot is next.
pub fn retry(report: &CycleReport, attempts: u32, ceiling: Duration) -> Option<Duration> {
    let grown = |first: Duration| first.saturating_mul(1 << attempts.min(16));
    match (report.result, report.again) {
        (CycleResult::Agreed | CycleResult::Changed, None) => None,
        // Asking again soon changes nothing: somebody must act, and a changed wish wakes it at once.
        (_, None) if needs_somebody(report) => Some(ceiling),
        // What Mozy answers so whenever it is asked would slow down all others for good.
        (_, Some(again)) if report.throttled => Some(grown(FIRST_RETRY).max(again).min(ceiling)),
        // Whatever it waits for, and however far a clock was stepped, its numbers are read once per interval.
        (_, Some(again)) => Some(grown(again).min(again.max(LONGEST_GLANCE)).min(ceiling)),
        (_, None) => Some(grown(FIRST_RETRY).min(ceiling)),
    }
}

fn needs_somebody(report: &CycleReport) -> bool {
    report.findings.iter().any(|finding| finding.reason == Reason::GuardHeld)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ConditionType;
    use crate::ports::report::Finding;
    use uuid::Uuid;

    fn found(reason: Reason, again: Option<u64>) -> CycleReport {
        let finding = Finding { kind: ConditionType::InSync, status: false, reason, message: String::new() };
        let again = again.map(Duration::from_secs);
        CycleReport { findings: vec![finding], again, ..CycleReport::new(CycleResult::Failed, 1) }
    }

    #[test]
    fn an_address_that_is_in_use_is_looked_at_again_when_it_is_tried_again_and_what_is_held_is_not() {
        let ceiling = Duration::from_secs(900);
        let retry =
            |reason, again, attempts| retry(&found(reason, again), attempts, ceiling).unwrap().as_secs();
        assert_eq!(retry(Reason::AdminEmailInUse, Some(30), 0), 30);
        assert_eq!(retry(Reason::UserEmailInUse, Some(30), 9), 30);
        assert_eq!(retry(Reason::UserEmailInUse, Some(3600), 9), 900);
        // Nobody tries one that was seen to be in use, but it may be free by now.
        assert_eq!(retry(Reason::AdminEmailInUse, None, 2), 4);
        assert_eq!(retry(Reason::AdminEmailInUse, None, 20), 900);
        assert_eq!(retry(Reason::GuardHeld, None, 0), 900);
    }

    #[test]
    fn what_mozy_always_asks_to_wait_for_is_asked_for_less_and_less_often() {
        let throttled = |seconds, attempts| {
            let again = Some(Duration::from_secs(seconds));
            let report = CycleReport { again, throttled: true, ..CycleReport::new(CycleResult::Failed, 1) };
            retry(&report, attempts, Duration::from_secs(900)).unwrap().as_secs()
        };
        assert_eq!((throttled(0, 0), throttled(0, 6), throttled(0, 20)), (1, 64, 900));
        assert_eq!((throttled(30, 0), throttled(30, 6), throttled(3600, 0)), (30, 64, 900));
    }

    #[test]
    fn a_persons_change_that_fails_goes_ahead_of_the_sweep_for_a_while() {
        let lane = |lane, attempts, reason| retry_lane(lane, attempts, &found(reason, None));
        assert_eq!(lane(Lane::Change, 0, Reason::VendorUnreachable), Lane::Change);
        assert_eq!(lane(Lane::Change, 10, Reason::VendorUnreachable), Lane::Retry);
        assert_eq!(lane(Lane::Change, 0, Reason::GuardHeld), Lane::Retry);
        assert_eq!(lane(Lane::Sweep, 0, Reason::VendorUnreachable), Lane::Retry);
    }

    #[test]
    fn every_subscription_is_due_once_per_interval_and_they_are_spread() {
        let interval = Duration::from_secs(900);
        let slots: Vec<Duration> =
            (0..1000).map(|_| slot(SubscriptionId(Uuid::new_v4()), interval)).collect();
        assert!(slots.iter().all(|slot| *slot < interval));
        let early = slots.iter().filter(|slot| **slot < interval / 2).count();
        assert!((350..650).contains(&early), "{early} of 1000 are in the first half");
    }

    fn waiting(again: Option<Duration>) -> CycleReport {
        CycleReport { again, ..CycleReport::new(CycleResult::Waiting, 1) }
    }

    #[test]
    fn who_waits_for_somebody_else_asks_less_and_less_often() {
        let interval = Duration::from_secs(900);
        let waits: Vec<u64> =
            (0..12).map(|attempts| retry(&waiting(None), attempts, interval).unwrap().as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
    }

    #[test]
    fn no_wait_outlasts_an_interval_whatever_the_clock_did() {
        let (hours, minute) = (Duration::from_secs(7200), Duration::from_secs(60));
        assert_eq!(retry(&waiting(Some(hours)), 0, minute), Some(minute));
        assert_eq!(retry(&waiting(Some(hours)), 0, hours / 2), Some(hours / 2));
        assert_eq!(retry(&waiting(Some(minute)), 3, hours), Some(minute));
    }

    #[test]
    fn the_next_slot_is_never_now_and_never_later_than_an_interval() {
        let (id, interval) = (SubscriptionId(Uuid::from_u128(7)), Duration::from_secs(10));
        for at in 0..100 {
            let wait = until_slot(id, interval, Duration::from_millis(at * 137));
            assert!(wait > Duration::ZERO && wait <= interval, "{wait:?}");
        }
        let then = until_slot(id, interval, Duration::from_secs(3)) + Duration::from_secs(3);
        assert_eq!(until_slot(id, interval, then), interval);
    }
}
