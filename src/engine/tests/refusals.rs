//! Refusals: what Mozy refused is asked for again after a pause that grows, never at every look, and never given up.

use super::make::*;
use super::mozy::*;
use super::world::World;
use crate::domain::{ConditionType, Reason, SubscriptionId};
use crate::sim::mozy::{FaultKind, FaultRule, parts};
use chrono::TimeDelta;

const ANN: &str = "ann@acme.test";
const SMITH: &str = "smith@acme.test";
const ACME: &str = "create partner Acme of admin@acme.test";

/// Seconds between the tries, when it is looked at whenever it wants to be, and every second besides.
fn gaps(world: &World, id: SubscriptionId, seconds: i64) -> Vec<i64> {
    let (mut tries, end) = (Vec::new(), world.now() + TimeDelta::seconds(seconds));
    world.door.take_writes();
    while world.now() < end {
        let report = world.cycle(id);
        let written = world.door.take_writes().len();
        tries.extend(std::iter::repeat_n(world.now(), written));
        let again = TimeDelta::from_std(report.again.expect("it comes back")).unwrap();
        assert!(again <= TimeDelta::hours(1));
        world.sim.advance((again / 2).max(TimeDelta::seconds(1)));
    }
    tries.windows(2).map(|two| ((two[1] - two[0]).num_seconds() + 5) / 10 * 10).collect()
}

#[test]
fn a_refused_partner_is_tried_again_after_pauses_that_grow_and_made_when_the_address_is_free() {
    let world = World::new(Default::default());
    let other = foreign_partner(&world, house(&world), "Other", "admin@acme.test");
    let id = world.order(direct("Acme", 1000));
    assert_eq!(gaps(&world, id, 3 * 3600), [30, 60, 120, 240, 480, 960, 1920, 3600]);
    assert_eq!(world.finding(id, ConditionType::Provisioned).reason, Reason::AdminEmailInUse);
    // A changed wish is tried at once, and its pauses begin anew.
    world.wish(id, |wish| wish.subscription.company = "Acme Inc".into());
    assert_eq!(gaps(&world, id, 100), [30, 60]);
    panel(&world, "partner.Delete", parts([("id", other.into())]));
    for _ in 0..3 {
        let again = world.cycle(id).again.unwrap_or_default();
        world.sim.advance(TimeDelta::from_std(again).unwrap());
    }
    world.run();
    world.assert_agreement();
}

#[test]
fn a_rename_that_is_refused_is_not_sent_at_every_look() {
    let world = World::new(Default::default());
    let id = made(&world, direct("Acme", 1000).with_user(user(ANN)));
    let home = world.sim.partner_named("Acme").unwrap().default_group_id;
    panel(&world, "user.Create", parts([("user_group_id", home.into()), ("username", SMITH.into())]));
    world.wish(id, |wish| wish.user_mut(ANN).login = SMITH.into());
    assert_eq!(gaps(&world, id, 500), [30, 60, 120, 240]);
    assert_eq!(world.finding(id, ConditionType::InSync).reason, Reason::UserEmailInUse);
    panel(&world, "user.Delete", parts([("id", user_id(&world, SMITH).into())]));
    world.sim.advance(TimeDelta::minutes(10));
    world.run();
    world.assert_agreement();
}

/// Whoever is outside our tree cannot be seen: the fault alone tells, and its words are nobody's to rely on.
#[test]
fn a_fault_whatever_its_words_is_an_address_in_use_and_is_tried_again() {
    let world = World::new(Default::default());
    let id = world.order(direct("Acme", 1000).with_user(user(ANN)));
    world.door.refuse_once("create_partner", "internal error");
    world.cycle(id);
    world.assert_writes(&[&format!("{ACME} (refused)")]);
    assert_eq!(world.finding(id, ConditionType::Provisioned).reason, Reason::AdminEmailInUse);
    world.sim.advance(TimeDelta::seconds(35));
    world.door.refuse_once("create_user", "try again later");
    world.cycle(id);
    assert_eq!(world.finding(id, ConditionType::InSync).reason, Reason::UserEmailInUse);
    world.sim.advance(TimeDelta::seconds(35));
    world.run();
    world.assert_agreement();
}

#[test]
fn an_address_is_in_use_only_if_somebody_could_look() {
    let world = World::new(Default::default());
    foreign_partner(&world, house(&world), "Other", "admin@acme.test");
    let id = world.order(direct("Acme", 1000));
    let mut looks = 0;
    world.door.meddle(move |what, sim| {
        looks += i32::from(what == "find_partners");
        if what == "find_partners" && looks == 2 {
            sim.add_fault(FaultRule::once("partner.Get", FaultKind::CutBefore)).unwrap();
        }
    });
    world.cycle(id);
    world.assert_writes(&[&format!("{ACME} (refused)")]);
    assert_eq!(world.finding(id, ConditionType::Provisioned).reason, Reason::VendorRejected);
}
