//! Doubts: what may have happened is looked for where it would be, and for as long as it may still happen.

use super::killer::Point;
use super::make::*;
use super::mozy::*;
use super::world::World;
use crate::domain::LicenceKind::Desktop;
use crate::sim::mozy::{FaultKind, FaultRule, parts};
use chrono::TimeDelta;
use std::time::Duration;

const POOLS: [&str; 2] = ["provision Desktop 5+100 in home", "provision Server 5+100 in home"];

fn unanswered(write: &str) -> String {
    format!("{write} (unanswered)")
}

#[test]
fn another_admin_chosen_while_the_partner_may_have_been_made_makes_no_second_one() {
    for fault in [FaultKind::AnswerLost, FaultKind::LateCommit { ms: 40_000 }] {
        let world = World::new(Default::default());
        let id = world.order(direct("Acme", 1000));
        world.sim.add_fault(FaultRule::once("partner.Create", fault)).unwrap();
        world.cycle(id);
        world.wish(id, |wish| wish.subscription.admin.email = "second@acme.test".into());
        world.run();
        let create = unanswered("create partner Acme of admin@acme.test");
        world.assert_writes(&[&create, POOLS[0], POOLS[1]]);
        world.assert_agreement();
        // Who is admin at Mozy is admin here, so that he finds his panel.
        assert_eq!(world.desired(id).subscription.admin.email, "admin@acme.test");
    }
}

#[test]
fn another_admin_chosen_while_the_partner_was_not_made_is_made_admin() {
    let world = World::new(Default::default());
    let id = world.order(direct("Acme", 1000));
    world.sim.add_fault(FaultRule::once("partner.Create", FaultKind::CutBefore)).unwrap();
    world.cycle(id);
    world.wish(id, |wish| wish.subscription.admin.email = "second@acme.test".into());
    world.run();
    let create = unanswered("create partner Acme of admin@acme.test");
    world.assert_writes(&[&create, "create partner Acme of second@acme.test", POOLS[0], POOLS[1]]);
    world.assert_agreement();
    assert_eq!(world.desired(id).subscription.admin.email, "second@acme.test");
}

#[test]
fn a_customers_group_that_was_deleted_and_made_again_without_an_answer_is_found() {
    let world = World::new(Default::default());
    let shop = made(&world, reseller("Resell", 1000));
    let id = made(&world, customer("Cust", 2000, shop));
    let group = world.desired(id).subscription.home_group.unwrap();
    panel(&world, "user_group.Delete", parts([("id", group.0.into())]));
    world.sim.advance(TimeDelta::seconds(100));
    world.sim.add_fault(FaultRule::once("user_group.Create", FaultKind::AnswerLost)).unwrap();
    world.run();
    let writes = world.door.take_writes();
    let creates = writes.iter().filter(|write| write.starts_with("create group Cust"));
    assert_eq!(creates.count(), 1, "{writes:?}");
    world.assert_agreement();
    assert_ne!(world.desired(id).subscription.home_group, Some(group));
}

/// The settle time counts from when the answer was given up: the call may have waited for long before it was sent.
#[test]
fn what_was_sent_late_may_land_late() {
    let world = World::new(Default::default());
    let id = world.order(direct("Acme", 1000));
    world.sim.add_fault(FaultRule::once("resource.Provision", FaultKind::LateCommit { ms: 40_000 })).unwrap();
    let mut waits = true;
    world.door.meddle(move |what, sim| {
        if what.starts_with("provision") && std::mem::take(&mut waits) {
            sim.advance(TimeDelta::seconds(50));
        }
    });
    world.cycle(id);
    world.run();
    world.assert_writes(&["create partner Acme of admin@acme.test", &unanswered(POOLS[0]), POOLS[1]]);
    world.assert_agreement();
}

/// Of a step whose daemon was killed nobody knows how long its answer was waited for.
#[test]
fn what_was_in_flight_is_left_alone_for_as_long_as_it_could_be_waited_for_as_well() {
    let mut world = World::new(Default::default());
    (world.rules.settle, world.rules.longest_call) = (Duration::from_secs(2), Duration::from_secs(4));
    let id = world.order(direct("Acme", 1000));
    world.base.killer.aim("provision".into(), 0, Point::Sent);
    assert!(world.try_cycle(id).is_none());
    // It lands three seconds after it was sent.
    world.sim.advance(TimeDelta::milliseconds(2_500));
    world.cycle(id);
    world.run();
    world.assert_writes(&["create partner Acme of admin@acme.test", POOLS[1]]);
    world.assert_agreement();
}

/// What seems to be of the future would be looked at again only then, or after an interval.
#[test]
fn a_clock_that_was_stepped_back_makes_no_doubt_last_longer() {
    let world = World::new(Default::default());
    let id = world.order(direct("Acme", 1000));
    world.sim.add_fault(FaultRule::once("resource.Provision", FaultKind::LateCommit { ms: 40_000 })).unwrap();
    world.cycle(id);
    for entry in &mut world.base.lock().rows.get_mut(&id).unwrap().entries {
        entry.at += TimeDelta::hours(1);
    }
    let again = world.cycle(id).again.unwrap();
    assert!(again <= world.rules.settle, "{again:?}");
}

/// A list that says too little is no proof that nobody was given a key.
#[test]
fn nobody_is_given_a_second_key_while_the_first_may_be_his() {
    let world = World::new(Default::default());
    let id = made(&world, direct("Acme", 1000).with_user(user("ann@acme.test")));
    world.wish(id, |wish| wish.users[0].licences.push(licence("key", Desktop, 20)));
    world.sim.add_fault(FaultRule::once("resource.UpdateLicenses", FaultKind::AnswerLost)).unwrap();
    world.cycle(id);
    world.sim.advance(TimeDelta::minutes(5));
    world.door.hide(&["licences"]);
    world.cycle(id);
    world.door.hide(&[]);
    world.run();
    world.assert_agreement();
    assert_eq!(world.sim.licenses_of("ann@acme.test").len(), 1, "{}", world.story());
}
