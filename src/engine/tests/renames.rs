//! Renamed users: a key's address does not follow its user's, and may be another's by then. Whose it is stays known all
//! the same, and what is not his any more is left alone.

use super::killer::Point;
use super::make::*;
use super::mozy::*;
use super::world::{World, under_every_switch};
use crate::domain::LicenceKind::{Desktop, Server};
use crate::domain::{Gb, SubscriptionId};
use crate::sim::mozy::parts;

const ANN: &str = "ann@acme.test";
const SMITH: &str = "smith@acme.test";
const MILLER: &str = "miller@acme.test";

fn with_ann(world: &World) -> SubscriptionId {
    made(world, direct("Acme", 1000).with_user(user_with(ANN, &[(Desktop, 20), (Server, 30)])))
}

fn keys(world: &World, login: &str) -> Vec<String> {
    let mut keys: Vec<String> =
        world.sim.licenses_of(login).iter().map(|key| key.keystring.to_string()).collect();
    keys.sort_unstable();
    keys
}

fn rename(world: &World, id: SubscriptionId, from: &str, to: &str) {
    world.wish(id, |wish| wish.user_mut(from).login = to.into());
}

/// A user whom somebody else made.
fn stranger(world: &World, login: &str) {
    let home = world.sim.partner_named("Acme").unwrap().default_group_id;
    panel(world, "user.Create", parts([("user_group_id", home.into()), ("username", login.into())]));
}

#[test]
fn a_rename_that_mozy_refuses_leaves_him_his_keys() {
    for then in [MILLER, ANN] {
        under_every_switch(|world| {
            let id = with_ann(world);
            let before = keys(world, ANN);
            stranger(world, SMITH);
            rename(world, id, ANN, SMITH);
            for _ in 0..3 {
                world.cycle(id);
                world.sim.advance(chrono::TimeDelta::minutes(2));
            }
            assert_eq!(keys(world, ANN), before, "not the stranger's, not for a moment");
            rename(world, id, SMITH, then);
            world.run();
            world.assert_agreement();
            assert_eq!(keys(world, then), before);
        });
    }
}

#[test]
fn a_rename_that_is_cut_short_and_thought_over_leaves_him_his_keys() {
    for kind in ["update_user", "readdress_key"] {
        for point in Point::ALL {
            under_every_switch(|world| {
                let id = with_ann(world);
                let before = keys(world, ANN);
                rename(world, id, ANN, SMITH);
                world.base.killer.aim(kind.into(), 0, point);
                assert!(world.try_cycle(id).is_none(), "{kind} is done");
                rename(world, id, SMITH, MILLER);
                world.run();
                world.assert_agreement();
                assert_eq!(keys(world, MILLER), before, "{kind} {point:?}");
            });
        }
    }
}

#[test]
fn a_renamed_user_leaves_no_activated_key_behind() {
    for whole in [false, true] {
        under_every_switch(|world| {
            let id = with_ann(world);
            activate(world, ANN);
            world.run();
            rename(world, id, ANN, SMITH);
            world.run();
            world.assert_agreement();
            world.wish(id, |wish| match whole {
                true => wish.remove_user(SMITH),
                false => wish.user_mut(SMITH).licences[0].removed = true,
            });
            world.run();
            world.assert_agreement();
            assert_eq!(keys(world, ANN).len(), usize::from(!whole));
        });
    }
}

#[test]
fn a_renamed_users_key_that_was_given_to_somebody_else_is_left_to_him() {
    under_every_switch(|world| {
        let id = with_ann(world);
        let before = keys(world, ANN);
        let machines = activate(world, ANN);
        world.run();
        rename(world, id, ANN, SMITH);
        world.run();
        for machine in machines {
            panel(world, "machine.Delete", parts([("id", machine.into())]));
        }
        for key in &before {
            let given =
                [("keystring", key.as_str().into()), ("assigned_email_address", "thief@else.test".into())];
            panel(world, "resource.UpdateLicenses", parts(given));
        }
        world.wish(id, |wish| wish.user_mut(SMITH).licences[0].quota = Gb(25));
        world.run();
        world.assert_agreement();
        assert_eq!(keys(world, "thief@else.test"), before);
    });
}

/// Whatever the order of their ids: who gives an address up goes first.
#[test]
fn addresses_go_from_one_to_the_next_in_one_look() {
    let world = World::new(Default::default());
    let names = ["a@acme.test", "b@acme.test", "c@acme.test", "d@acme.test"];
    let id = made(&world, names.iter().fold(direct("Acme", 1000), |wish, name| wish.with_user(user(name))));
    let shift = |from: [&'static str; 4], to: [&'static str; 4]| {
        world.wish(id, |wish| {
            let of = |login: &str| from.iter().position(|name| *name == login).map(|at| to[at]);
            wish.users.iter_mut().for_each(|user| user.login = of(&user.login).unwrap().to_owned());
        });
        world.cycle(id);
        let writes = world.door.take_writes();
        assert!(!writes.iter().any(|write| write.ends_with("(refused)")), "{writes:?}");
        world.run();
        world.assert_agreement();
    };
    let up = ["b@acme.test", "c@acme.test", "d@acme.test", "e@acme.test"];
    shift(names, up);
    shift(up, names);
}
