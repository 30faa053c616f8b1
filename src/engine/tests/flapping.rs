//! Flaps: what keeps coming back is named and left alone, for longer each time; and it stands in nobody's way for whom the
//! thing itself is there.

use super::make::*;
use super::mozy::*;
use super::world::{INTERVAL, World};
use crate::domain::LicenceKind::Desktop;
use crate::domain::{Amount, ConditionType, Gb, Reason, SubscriptionId};
use crate::plan::call::PoolChange;
use crate::plan::guard::{Limit, Limits};
use crate::plan::{Call, Class};
use crate::sim::mozy::parts;
use chrono::TimeDelta;
use std::time::Duration;
use uuid::Uuid;

const ANN: &str = "ann@acme.test";
const BEN: &str = "ben@acme.test";

fn with_ann(world: &World) -> SubscriptionId {
    made(world, direct("Acme", 1000).with_user(user_with(ANN, &[(Desktop, 20)])))
}

fn blocked(world: &World, id: SubscriptionId, thing: Uuid) -> Option<Reason> {
    world.base.lock().rows[&id].verdicts[&thing].blocked.as_ref().map(|(reason, _)| *reason)
}

/// Looks every quarter of an hour until something flaps.
fn until_it_flaps(world: &World, id: SubscriptionId) {
    for _ in 0..8 {
        world.cycle(id);
        world.sim.advance(INTERVAL);
    }
    assert!(world.finding(id, ConditionType::Flapping).status, "{}", world.story());
    assert_eq!(world.finding(id, ConditionType::InSync).reason, Reason::VendorRejected);
}

#[test]
fn a_name_that_mozy_makes_its_own_of_stands_in_nobodys_way() {
    let world = World::new(Default::default());
    let id = with_ann(&world);
    world.door.bend(|call| match call {
        Call::UpdateUser { id, full_name, .. } => {
            let full_name = full_name.as_ref().map(|name| name.chars().take(3).collect());
            Some(Call::UpdateUser { id: *id, login: None, full_name })
        }
        Call::UpdatePartner { .. } => None,
        other => Some(other.clone()),
    });
    world.wish(id, |wish| {
        wish.subscription.company = "Acme Ltd".into();
        wish.user_mut(ANN).display_name = "Ann Smith".into();
    });
    until_it_flaps(&world, id);
    let user = world.desired(id).users[0].id.0;
    assert_eq!((blocked(&world, id, user), blocked(&world, id, id.0)), (None, None));
}

#[test]
fn a_limit_that_mozy_caps_is_kept_and_told() {
    let world = World::new(Default::default());
    let id = with_ann(&world);
    world.door.bend(|call| match call {
        Call::Provision(change) => Some(Call::Provision(PoolChange { licences: 0, ..change.clone() })),
        other => Some(other.clone()),
    });
    world.wish(id, |wish| wish.pool_mut(Desktop).licences = Amount::Limit(9));
    until_it_flaps(&world, id);
    assert_eq!(blocked(&world, id, id.0), None);
}

#[test]
fn a_limit_that_mozy_caps_is_left_alone_while_something_is_held() {
    let mut world = World::new(Default::default());
    let id = made(&world, direct("Acme", 1000).with_user(user(ANN)).with_user(user(BEN)));
    world.door.bend(|call| match call {
        Call::Provision(change) => Some(Call::Provision(PoolChange { licences: 0, ..change.clone() })),
        other => Some(other.clone()),
    });
    world.wish(id, |wish| wish.pool_mut(Desktop).licences = Amount::Limit(9));
    until_it_flaps(&world, id);
    world.rules.limits = Limits([(Class::Delete, Limit { percent: 0, min: 1 })].into());
    world.wish(id, |wish| [ANN, BEN].into_iter().for_each(|login| wish.remove_user(login)));
    world.door.take_writes();
    for _ in 0..3 {
        assert_eq!(world.cycle(id).held.unwrap().len(), 1);
        assert!(world.finding(id, ConditionType::Flapping).status);
        assert_eq!(world.base.lock().rows[&id].pauses.len(), 1);
        world.sim.advance(INTERVAL);
    }
    world.assert_writes(&[]);
}

#[test]
fn nothing_is_counted_on_that_mozy_never_keeps() {
    let world = World::new(Default::default());
    let id = with_ann(&world);
    world.door.bend(|call| match call {
        Call::Provision(change) => Some(Call::Provision(PoolChange { quota: Gb(0), ..change.clone() })),
        other => Some(other.clone()),
    });
    world.wish(id, |wish| wish.pool_mut(Desktop).quota = Amount::Limit(150));
    until_it_flaps(&world, id);
    world.door.take_writes();
    world.wish(id, |wish| wish.users.push(user_with(BEN, &[(Desktop, 70), (Desktop, 40)])));
    world.cycle(id);
    world.assert_writes(&["create user ben@acme.test in home", "assign Desktop 70 to ben@acme.test"]);
    let licence = world.desired(id).users[1].licences[1].id.0;
    assert_eq!(blocked(&world, id, licence), Some(Reason::QuotaExceedsPurchase));
}

#[test]
fn a_status_that_does_not_stay_stands_in_the_way() {
    let world = World::new(Default::default());
    let id = with_ann(&world);
    world.door.bend(|call| match call {
        Call::SetUserStatus { .. } => None,
        other => Some(other.clone()),
    });
    world.wish(id, |wish| wish.user_mut(ANN).suspended = true);
    until_it_flaps(&world, id);
    let user = world.desired(id).users[0].id.0;
    assert_eq!(blocked(&world, id, user), Some(Reason::VendorRejected));
}

#[test]
fn raising_to_a_total_twice_is_no_flap_of_lowering_to_it() {
    let world = World::new(Default::default());
    let id = with_ann(&world);
    world.sim.advance(TimeDelta::hours(25));
    let becomes = |operation: &str, expected: &[&str]| {
        let home = world.desired(id).subscription.home_group.unwrap().0;
        let pool = [
            ("user_group_id", home.into()),
            ("license_type", "Desktop".into()),
            ("licenses", 1.into()),
            ("quota", 0.into()),
        ];
        panel(&world, operation, parts(pool));
        world.sim.advance(TimeDelta::minutes(2));
        world.cycle(id);
        world.assert_writes(expected);
    };
    becomes("resource.Release", &["provision Desktop 1+0 in home"]);
    becomes("resource.Release", &["provision Desktop 1+0 in home"]);
    becomes("resource.Provision", &["release Desktop 1+0 in home"]);
    becomes("resource.Provision", &["release Desktop 1+0 in home"]);
    becomes("resource.Provision", &[]);
    assert!(world.finding(id, ConditionType::Flapping).status);
}

#[test]
fn each_pause_is_twice_as_long_up_to_a_day_with_one_try_after_it() {
    let mut world = World::new(Default::default());
    world.rules.flap_pause = Duration::from_secs(3600);
    let id = with_ann(&world);
    world.door.bend(|call| match call {
        Call::UpdateUser { .. } => None,
        other => Some(other.clone()),
    });
    world.wish(id, |wish| wish.user_mut(ANN).display_name = "Ann Smith".into());
    let mut tries = Vec::new();
    for _ in 0..7 * 24 * 4 {
        world.cycle(id);
        let writes = world.door.take_writes().len();
        tries.extend(std::iter::repeat_n(world.now(), writes));
        world.sim.advance(INTERVAL);
    }
    let hours: Vec<i64> = tries.windows(2).map(|two| (two[1] - two[0]).num_hours()).collect();
    assert_eq!(hours, [0, 1, 2, 4, 8, 16, 24, 24, 24, 24, 24], "two at first, and then one at a time");
    // What it was to be is what it is: nothing is left alone any more.
    world.door.unbend();
    world.sim.advance(TimeDelta::days(2));
    world.run();
    world.assert_agreement();
    world.sim.advance(TimeDelta::days(2));
    world.cycle(id);
    assert_eq!(world.base.lock().rows[&id].pauses, []);
}

#[test]
fn a_move_that_does_not_stay_holds_up_nobodys_stock() {
    let world = World::new(Default::default());
    let mut wish = direct("Acme", 1000).with_group(group("Sales")).with_user(user(BEN));
    let mut ann = user_with(ANN, &[(Desktop, 20)]);
    ann.group = Some(wish.group_id("Sales"));
    wish.users.push(ann);
    let id = made(&world, wish);
    let home = world.desired(id).subscription.home_group.unwrap().0;
    for _ in 0..3 {
        update(&world, "user.Update", user_id(&world, ANN), "user_group_id", home.into());
        world.sim.advance(TimeDelta::minutes(2));
        world.cycle(id);
    }
    assert!(world.finding(id, ConditionType::Flapping).status, "{}", world.story());
    world.sim.advance(TimeDelta::minutes(2));
    world.door.take_writes();
    world.wish(id, |wish| {
        for login in [ANN, BEN] {
            wish.user_mut(login).licences.push(licence(&format!("more of {login}"), Desktop, 10));
        }
    });
    world.cycle(id);
    // Hers would go to a group in which she is not.
    world.assert_writes(&["assign Desktop 10 to ben@acme.test"]);
}
