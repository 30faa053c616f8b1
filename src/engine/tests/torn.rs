//! What was read of two moments, or contradicts itself: nothing is known of it, billed by it or planned from it.

use super::make::*;
use super::mozy::*;
use super::world::World;
use crate::domain::LicenceKind::Desktop;
use crate::domain::pool::Stock;
use crate::domain::{ConditionType, Gb, PerKind, SubscriptionId};
use crate::ports::CycleResult;
use crate::ports::report::Seen;
use chrono::TimeDelta;

const ANN: &str = "ann@acme.test";

fn with_ann(world: &World) -> SubscriptionId {
    made(world, direct("Acme", 1000).with_user(user_with(ANN, &[(Desktop, 20)])))
}

fn nothing(_: PerKind<Stock>) -> PerKind<Stock> {
    PerKind::default()
}

#[test]
fn resources_that_tell_of_fewer_keys_than_there_are_are_no_answer() {
    let fewer = |mut stock: PerKind<Stock>| {
        stock.desktop.licences -= 1;
        stock
    };
    let unassigned = |mut stock: PerKind<Stock>| {
        stock.desktop.reserved = 0;
        stock
    };
    for counts in [nothing, fewer, unassigned] {
        let world = World::new(Default::default());
        let id = with_ann(&world);
        world.sim.advance(TimeDelta::seconds(100));
        world.door.count(Some(Box::new(counts)));
        for _ in 0..3 {
            let report = world.cycle(id);
            assert_eq!(
                (report.result, report.usage, report.seen),
                (CycleResult::Failed, None, Seen::Nothing)
            );
            world.sim.advance(TimeDelta::seconds(10));
        }
        world.assert_writes(&[]);
        assert!(!world.finding(id, ConditionType::UsageFresh).status);
        world.door.count(None);
        world.run();
        world.assert_writes(&[]);
        world.assert_agreement();
        assert!(world.finding(id, ConditionType::UsageFresh).status);
    }
}

#[test]
fn soon_after_a_write_a_contradiction_is_looked_at_again_and_nothing_is_said_of_it() {
    let world = World::new(Default::default());
    let id = with_ann(&world);
    world.sim.advance(TimeDelta::seconds(100));
    world.wish(id, |wish| wish.user_mut(ANN).licences[0].quota = Gb(25));
    world.cycle(id);
    world.door.count(Some(Box::new(nothing)));
    let report = world.cycle(id);
    assert_eq!((report.result, report.usage, &report.seen), (CycleResult::Waiting, None, &Seen::Nothing));
    assert!(report.findings.is_empty() && report.verdicts.is_empty(), "{report:?}");
    assert!(report.again.is_some_and(|again| again.as_secs() < 5));
    // Not for ever: what stays so is told.
    world.sim.advance(TimeDelta::seconds(100));
    assert_eq!(world.cycle(id).result, CycleResult::Failed);
    world.door.count(None);
    world.run();
    world.assert_writes(&["resize key of ann@acme.test to 25"]);
    world.assert_agreement();
}

#[test]
fn numbers_from_before_our_own_write_are_read_again_soon() {
    let world = World::new(Default::default());
    let id = with_ann(&world);
    world.wish(id, |wish| wish.user_mut(ANN).licences[0].removed = true);
    world.door.count(Some(Box::new(|mut stock| {
        (stock.desktop.reserved, stock.desktop.distributed) = (1, Gb(20));
        stock
    })));
    let report = world.cycle(id);
    world.assert_writes(&["clear key of ann@acme.test"]);
    assert!(report.again.is_some_and(|again| again.as_secs() < 5), "{report:?}");
    world.door.count(None);
    let report = world.cycle(id);
    assert_eq!(report.usage.unwrap().pools.desktop.assigned, 0);
    world.assert_agreement();
}
