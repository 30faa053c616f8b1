//! What the guard holds stays held, also while nothing can be planned.

use super::make::*;
use super::mozy::*;
use super::world::World;
use crate::domain::ConditionType;
use crate::plan::Class;
use crate::plan::guard::{Limit, Limits};
use crate::sim::mozy::{FaultKind, FaultRule, Switches};

#[test]
fn a_doubt_that_must_be_waited_for_does_not_end_it() {
    let mut world = World::new(Switches::default());
    let wish = ["ann@acme.test", "ben@acme.test"]
        .into_iter()
        .fold(direct("Acme", 1000), |wish, login| wish.with_user(user(login)));
    let id = made(&world, wish);
    world.rules.limits = Limits([(Class::Delete, Limit { percent: 0, min: 1 })].into());
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
