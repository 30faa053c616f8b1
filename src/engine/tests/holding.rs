//! What the guard holds stays held, also while nothing can be planned.

use super::make::*;
use super::mozy::*;
use super::world::World;
use crate::domain::LicenceKind::Desktop;
use crate::domain::{ConditionType, Desired, SubscriptionId};
use crate::plan::Class;
use crate::plan::guard::{Limit, Limits};
use crate::sim::mozy::{FaultKind, FaultRule, Switches};
use chrono::TimeDelta;

const ANN: &str = "ann@acme.test";
const BEN: &str = "ben@acme.test";

/// One delete at a time.
fn world() -> World {
    let mut world = World::new(Switches::default());
    world.rules.limits = Limits([(Class::Delete, Limit { percent: 0, min: 1 })].into());
    world
}

/// Wishes two things away, one just after the other: the second is held, and so it stays.
fn second_is_held(world: &World, id: SubscriptionId, remove: [fn(&mut Desired); 2]) {
    remove.into_iter().for_each(|remove| {
        world.wish(id, remove);
        world.cycle(id);
    });
    world.sim.advance(TimeDelta::minutes(1));
    assert_eq!(world.cycle(id).held.unwrap().len(), 1);
    world.door.take_writes();
}

/// While what Mozy said it did does not show, nothing that was held goes on, nor afterwards.
fn stays_held_meanwhile(world: &World, id: SubscriptionId, expected: &[&str]) {
    world.door.bend(|_| None);
    let waiting = world.cycle(id);
    assert_eq!(waiting.held, None, "not all was planned, so nothing is said of what is held");
    assert!(world.finding(id, ConditionType::Held).status);
    world.door.unbend();
    world.run();
    world.assert_writes(expected);
    assert_eq!(world.cycle(id).held.unwrap().len(), 1);
    assert!(world.finding(id, ConditionType::Held).status);
}

#[test]
fn a_write_about_the_account_that_does_not_show_does_not_end_it() {
    let world = world();
    let wish = direct("Acme", 1000).with_user(user("ann@acme.test")).with_user(user("ben@acme.test"));
    let id = made(&world, wish);
    second_is_held(
        &world,
        id,
        [|wish| wish.remove_user("ann@acme.test"), |wish| wish.remove_user("ben@acme.test")],
    );
    world.wish(id, |wish| wish.subscription.company = "Acme Ltd".into());
    let rename = "update partner Acme: name Acme Ltd";
    stays_held_meanwhile(&world, id, &[rename, rename]);
    assert!(world.sim.user_named("ben@acme.test").is_some());
}

#[test]
fn a_pool_that_a_held_group_waits_for_does_not_end_it() {
    let world = world();
    let id = made(&world, direct("Acme", 1000).with_group(group("Sales")).with_group(group("Research")));
    second_is_held(
        &world,
        id,
        [|wish| wish.group_mut("Sales").removed = true, |wish| wish.group_mut("Research").removed = true],
    );
    world.wish(id, |wish| *wish.pool_mut(Desktop) = pool(6, 100));
    let more = "provision Desktop 1+0 in home";
    stays_held_meanwhile(&world, id, &[more, more]);
}

#[test]
fn a_doubt_that_must_be_waited_for_does_not_end_it() {
    let world = world();
    let wish = ["ann@acme.test", "ben@acme.test"]
        .into_iter()
        .fold(direct("Acme", 1000), |wish, login| wish.with_user(user(login)));
    let id = made(&world, wish);
    world.wish(id, |desired| {
        ["ann@acme.test", "ben@acme.test"].iter().for_each(|login| desired.remove_user(login))
    });
    assert_eq!(world.cycle(id).held.unwrap().len(), 1);
    world.door.strike(
        "create_user".into(),
        0,
        FaultRule::once("writes", FaultKind::LateCommit { ms: 60_000 }),
    );
    world.wish(id, |desired| desired.users.push(user("cid@acme.test")));
    world.cycle(id);
    let waiting = world.cycle(id);
    assert_eq!(waiting.held, None, "nothing was planned, so nothing is said of what is held");
    assert!(
        world.finding(id, ConditionType::InDoubt).status && world.finding(id, ConditionType::Held).status
    );
    assert!(!world.finding(id, ConditionType::InSync).status);
}

/// A key goes to its user's address: under one that he is not given yet it would be a stranger's.
#[test]
fn a_key_waits_for_an_address_that_is_held() {
    let mut world = World::new(Default::default());
    let id = made(&world, direct("Acme", 1000).with_user(user(ANN)).with_user(user(BEN)));
    world.rules.limits = Limits([(Class::Update, Limit { percent: 0, min: 1 })].into());
    world.wish(id, |wish| {
        wish.user_mut(BEN).login = "ben@new.test".into();
        wish.user_mut(ANN).login = "ann@new.test".into();
        wish.user_mut("ann@new.test").licences.push(licence("first", Desktop, 10));
    });
    for _ in 0..2 {
        assert_eq!(world.cycle(id).held.unwrap().len(), 1);
        world.assert_writes(&[]);
    }
    world.rules.limits = Limits::default();
    world.base.lock().rows.get_mut(&id).unwrap().held.clear();
    world.run();
    assert_eq!(world.door.take_writes().len(), 3);
    world.assert_agreement();
}
