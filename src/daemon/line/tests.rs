//! The line keeps to the budget, to who goes first, and to what Mozy asked.

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn line(rate: f64, places: u32) -> (Line<&'static str>, Instant) {
    let now = Instant::now();
    let mut line = Line::new(now);
    line.share(Share { rate, places }, now, SECOND * 1000, now);
    (line, now)
}

#[test]
fn nobody_goes_faster_than_the_budget() {
    let (mut line, start) = line(10.0, 100);
    (0..1000).for_each(|_| line.join("read", Turn::Patient));
    let mut let_in = 0;
    for step in 0..500 {
        let now = start + Duration::from_millis(20) * step;
        while let Some((_, turn)) = line.next(now) {
            let_in += 1;
            line.leaves(turn);
        }
    }
    // Ten seconds, and the first at once.
    assert!((98..=101).contains(&let_in), "{let_in}");
}

#[test]
fn no_second_has_more_calls_than_the_budget_allows() {
    for (rate, most) in [(20.0, 20), (100.0, 100), (1000.0, 1000), (3.0, 3)] {
        let (mut line, start) = line(rate, 50);
        (0..10_000).for_each(|_| line.join("read", Turn::Patient));
        let mut times = Vec::new();
        // Nobody called for a minute; then everybody does.
        for step in 0..2000 {
            let now = start + SECOND * 60 + Duration::from_millis(1) * step;
            while let Some((_, turn)) = line.next(now) {
                times.push(now);
                line.leaves(turn);
            }
        }
        let within =
            |from: &Instant| times.iter().filter(|at| **at >= *from && **at < *from + SECOND).count();
        let busiest = times.iter().map(within).max().unwrap();
        assert!(busiest <= most, "{busiest} calls in a second at {rate}");
    }
}

/// A look at one subscription takes five or six calls; what it finds is corrected at once, not after as many parts of a second.
#[test]
fn after_a_rest_a_whole_look_goes_at_once() {
    let (mut line, start) = line(20.0, 8);
    (0..10).for_each(|_| line.join("read", Turn::Urgent));
    let now = start + SECOND * 60;
    assert_eq!((0..10).filter(|_| line.next(now).is_some()).count(), 8);
}

#[test]
fn a_write_waits_for_no_read_of_a_person() {
    let (mut line, now) = line(1000.0, 4);
    (0..100).for_each(|_| line.join("look", Turn::Urgent));
    line.join("write", Turn::Write);
    assert_eq!(line.next(now), Some(("write", Turn::Write)));
    assert_eq!(line.next(now), Some(("look", Turn::Urgent)));
}

#[test]
fn one_place_is_kept_for_what_is_urgent_and_it_goes_first() {
    let (mut line, now) = line(1000.0, 3);
    (0..5).for_each(|_| line.join("read", Turn::Patient));
    let read = Some(("read", Turn::Patient));
    assert_eq!([line.next(now), line.next(now), line.next(now)], [read, read, None]);
    line.join("write", Turn::Write);
    assert_eq!(line.next(now), Some(("write", Turn::Write)));
    line.join("write", Turn::Write);
    assert_eq!(line.next(now), None);
    line.leaves(Turn::Patient);
    assert_eq!(line.next(now + Duration::from_millis(1)), Some(("write", Turn::Write)));
}

#[test]
fn what_is_not_urgent_still_moves() {
    let (mut line, now) = line(1000.0, 2);
    (0..100).for_each(|_| line.join("write", Turn::Write));
    (0..100).for_each(|_| line.join("read", Turn::Patient));
    let mut reads = 0;
    for step in 0..80 {
        let (what, turn) = line.next(now + Duration::from_millis(1) * step).unwrap();
        reads += u32::from(what == "read");
        line.leaves(turn);
    }
    assert_eq!(reads, 10);
}

#[test]
fn a_pause_and_a_lost_share_close_it() {
    let (mut line, now) = line(10.0, 4);
    line.join("read", Turn::Patient);
    line.stands(Standing::default().throttled(Some(SECOND * 2)), now);
    assert_eq!((line.next(now), line.wait(now)), (None, Wait::Paused(SECOND * 2)));
    assert!(line.next(now + SECOND * 3).is_some());
    line.join("read", Turn::Patient);
    line.stands(Standing::default(), now);
    line.leave(now);
    assert_eq!((line.next(now), line.wait(now)), (None, Wait::Share));
    assert!(line.asks(now) && !line.asks(now));
    assert_eq!(line.wait(now), Wait::Until(now + ASK_AGAIN));
}

#[test]
fn after_a_pause_it_goes_slowly_at_first() {
    let (mut line, start) = line(64.0, 8);
    line.stands(Standing::default().throttled(None), start);
    let mut in_a_second = |from: Instant| {
        let mut count = 0;
        for step in 0..100 {
            line.join("read", Turn::Patient);
            while let Some((_, turn)) = line.next(from + Duration::from_millis(10) * step) {
                count += 1;
                line.leaves(turn);
            }
        }
        count
    };
    let (early, late) = (in_a_second(start + SECOND * 2), in_a_second(start + SECOND * 40));
    assert!(early < 80 && late >= 64 && early > 10, "{early} then {late}");
}

#[test]
fn whoever_waits_knows_until_when() {
    let (mut line, now) = line(2.0, 4);
    (0..3).for_each(|_| line.join("read", Turn::Patient));
    assert!(line.next(now).is_some() && line.next(now).is_none());
    assert_eq!(line.wait(now), Wait::Until(now + SECOND / 2));
    assert!(line.next(now + SECOND / 2).is_some());
}

/// Also who has no place at all just now was told so, and his turn comes.
#[test]
fn a_share_of_nothing_is_a_share() {
    let (mut line, now) = line(1.0, 0);
    line.join("read", Turn::Patient);
    assert!(line.next(now).is_none() && line.wait(now) == Wait::Share);
    let later = now + SECOND * 20;
    assert_eq!((line.untold(now, later), line.untold(later, later)), (SECOND * 20, Duration::ZERO));
    line.share(Share { rate: 1.0, places: 0 }, later, SECOND, later);
    assert_eq!(line.untold(now, later + SECOND), SECOND);
    assert_eq!(Line::<()>::new(now).untold(now, later), SECOND * 20);
}
