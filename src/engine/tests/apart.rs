//! What fails takes along what needs it, and nothing else of the same customer.

use super::make::*;
use super::mozy::*;
use super::world::{World, under_every_switch};
use crate::domain::LicenceKind::Desktop;
use crate::domain::user::User;
use crate::domain::{ConditionType, Gb, Reason};
use crate::sim::mozy::{Activation, MachineDeleteClearsEmail, Status, Switches, parts};
use chrono::TimeDelta;

const ANN: &str = "ann@acme.test";
const BEN: &str = "ben@acme.test";

#[test]
fn whoever_is_refused_a_new_address_is_suspended_and_given_gb_all_the_same() {
    under_every_switch(|world| {
        let id = made(
            world,
            direct("Acme", 1000).with_user(user_with(ANN, &[(Desktop, 20)])).with_user(user(BEN)),
        );
        world.wish(id, |wish| {
            let ann = wish.user_mut(ANN);
            ann.login = BEN.to_owned();
            ann.suspended = true;
            ann.licences[0].quota = Gb(25);
            ann.licences.push(licence("another", Desktop, 10));
        });
        world.cycle(id);
        assert_eq!(world.sim.user_named(ANN).unwrap().status, Status::Suspended, "{}", world.story());
        assert_eq!(key_of(&world.sim, ANN).quota_desired, Some(25));
        assert!(world.sim.licenses_of(BEN).is_empty(), "a key went to an address that is somebody else's");
        assert_eq!(world.finding(id, ConditionType::InSync).reason, Reason::UserEmailInUse);
        world.wish(id, |wish| {
            wish.users.iter_mut().find(|user| user.suspended).unwrap().login = "new@acme.test".to_owned();
        });
        world.run();
        world.assert_agreement();
    });
}

#[test]
fn a_customer_is_suspended_though_the_change_before_it_is_refused() {
    under_every_switch(|world| {
        let mut wish = direct("Acme", 1000);
        wish.subscription.sync = true;
        let id = made(world, wish);
        let partner = world.sim.partner_named("Acme").unwrap();
        let theirs = [("user_group_id", partner.default_group_id.into()), ("username", "x@acme.test".into())];
        let theirs = panel(world, "user.Create", parts(theirs));
        update(world, "user.Update", theirs, "enable_sync", true.into());
        world.wish(id, |wish| {
            wish.switch_sync(false);
            wish.subscription.suspended = true;
        });
        world.cycle(id);
        world.cycle(id);
        assert_eq!(world.sim.partner(partner.id).unwrap().status, Status::Suspended, "{}", world.story());
        update(world, "user.Update", theirs, "enable_sync", false.into());
        world.run();
        world.assert_agreement();
    });
}

#[test]
fn whoever_finds_a_key_and_gb_waits_for_no_pool_that_is_refused() {
    let world = World::new(Default::default());
    let id = made(&world, direct("Acme", 1000).with_user(user_with(ANN, &[(Desktop, 20)])));
    world.wish(id, |wish| {
        *wish.pool_mut(Desktop) = pool(9, 150);
        wish.users.push(user_with(BEN, &[(Desktop, 70), (Desktop, 40)]));
    });
    world.door.refuse_once("provision", "try again later");
    world.cycle(id);
    world.assert_writes(&[
        "provision Desktop 4+50 in home (refused)",
        "create user ben@acme.test in home",
        "assign Desktop 70 to ben@acme.test",
        "provision Desktop 4+50 in home",
        "assign Desktop 40 to ben@acme.test",
    ]);
    world.run();
    world.assert_agreement();
}

#[test]
fn whoever_is_refused_sync_gets_his_key_all_the_same() {
    let world = World::new(Default::default());
    let mut wish = direct("Acme", 1000);
    wish.subscription.sync = true;
    let id = made(&world, wish);
    world.wish(id, |wish| wish.users.push(User { sync: true, ..user_with(ANN, &[(Desktop, 20)]) }));
    world.door.refuse_once("set_user_sync", "no sync here");
    world.cycle(id);
    let writes = world.door.take_writes();
    assert!(writes[1].contains("sync on (refused)"), "{writes:?}");
    assert_eq!(writes[2], "assign Desktop 20 to ann@acme.test", "{writes:?}");
    world.run();
    world.assert_agreement();
}

/// A key may outlive its user, with his address on it, and be activated by another of that name.
#[test]
fn nobody_takes_anothers_machine_along() {
    let clears = MachineDeleteClearsEmail::No;
    let world = World::new(Switches { machine_delete_clears_email: clears, ..Switches::default() });
    let mut wish = direct("Acme", 1000).with_user(user_with(ANN, &[(Desktop, 20)]));
    wish.subscription.sync = true;
    let id = made(&world, wish);
    activate(&world, ANN);
    world.run();
    let keystring = world.sim.licenses_of(ANN)[0].keystring.to_string();
    panel(&world, "user.Delete", parts([("id", user_id(&world, ANN).into())]));
    let home = world.sim.partner_named("Acme").unwrap().default_group_id;
    let again =
        parts([("user_group_id", home.into()), ("username", ANN.into()), ("enable_sync", true.into())]);
    let again = panel(&world, "user.Create", again);
    let machine = world.sim.activate(Activation { keystring, user_id: Some(again), alias: None }).unwrap();
    world.wish(id, |wish| wish.remove_user(ANN));
    for _ in 0..5 {
        world.cycle(id);
        world.sim.advance(TimeDelta::hours(1));
    }
    assert!(world.sim.with(|mozy| mozy.machines.contains_key(&machine)), "{}", world.story());
}
