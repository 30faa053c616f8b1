//! What fails takes along what needs it, and nothing else of the same customer.

use super::make::*;
use super::mozy::*;
use super::world::{World, under_every_switch};
use crate::domain::LicenceKind::Desktop;
use crate::domain::{ConditionType, Gb, Reason};
use crate::sim::mozy::{Status, parts};

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
