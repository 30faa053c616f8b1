//! Users and their licences: made, resized before and after activation, suspended, renamed, removed.

use super::make::*;
use super::mozy::*;
use super::world::{World, under_every_switch};
use crate::domain::LicenceKind::{Desktop, Server};
use crate::domain::{ConditionType, Gb, SubscriptionId};
use crate::sim::mozy::switches::MachineDeleteClearsEmail;

const ANN: &str = "ann@acme.test";

/// Acme with Ann, who has a Desktop licence of 20 GB and a Server licence of 30 GB.
fn with_ann(world: &World) -> SubscriptionId {
    made(world, direct("Acme", 1000).with_user(user_with(ANN, &[(Desktop, 20), (Server, 30)])))
}

#[test]
fn a_user_is_made_with_licences_of_both_kinds() {
    under_every_switch(|world| {
        let id = made(world, direct("Acme", 1000));
        world.wish(id, |wish| wish.users.push(user_with(ANN, &[(Desktop, 20), (Server, 30)])));
        world.run();
        world.assert_writes(&[
            "create user ann@acme.test in home",
            "assign Desktop 20 to ann@acme.test",
            "assign Server 30 to ann@acme.test",
        ]);
        world.assert_agreement();
        let activations = world.sim.mails().into_iter().filter(|mail| mail.to == ANN).count();
        assert_eq!(activations, 2);
    });
}

#[test]
fn a_quota_is_the_keys_before_activation_and_the_machines_after() {
    under_every_switch(|world| {
        let id = with_ann(world);
        world.wish(id, |wish| wish.user_mut(ANN).licences[0].quota = Gb(40));
        world.run();
        world.assert_writes(&["resize key of ann@acme.test to 40"]);
        activate(world, ANN);
        world.assert_agreement();
        world.wish(id, |wish| {
            wish.user_mut(ANN).licences[0].quota = Gb(10);
            wish.user_mut(ANN).licences[1].quota = Gb(100);
        });
        world.run();
        world.assert_writes(&[
            "resize machine of ann@acme.test to 10",
            "resize machine of ann@acme.test to 100",
        ]);
        world.assert_agreement();
    });
}

#[test]
fn a_machine_that_was_not_read_is_read_again_and_is_no_agreement() {
    under_every_switch(|world| {
        let id = with_ann(world);
        activate(world, ANN);
        world.door.hide(&["machines"]);
        world.run();
        world.wish(id, |wish| wish.user_mut(ANN).licences[0].quota = Gb(40));
        world.run();
        world.assert_writes(&[]);
        assert!(!world.finding(id, ConditionType::InSync).status);
        let licence = world.desired(id).users[0].licences[0].id.0;
        assert!(world.base.lock().rows[&id].verdicts[&licence].blocked.is_some());
        world.door.hide(&[]);
        world.run();
        world.assert_writes(&["resize machine of ann@acme.test to 40"]);
        world.assert_agreement();
    });
}

#[test]
fn a_key_that_is_activated_after_the_look_is_resized_as_a_machine() {
    for moment in ["licence", "resize key of ann@acme.test to 40"] {
        under_every_switch(|world| {
            let id = with_ann(world);
            world.wish(id, |wish| wish.user_mut(ANN).licences[0].quota = Gb(40));
            world.door.meddle(move |before, sim| {
                if before == moment {
                    activate_at(sim, ANN);
                }
            });
            world.run();
            let writes = world.door.take_writes();
            let refused = "resize key of ann@acme.test to 40 (refused)";
            assert_eq!(
                writes.iter().filter(|write| *write != refused).collect::<Vec<_>>(),
                ["resize machine of ann@acme.test to 40"]
            );
            assert!(writes.len() <= 2, "{writes:?}");
            world.assert_agreement();
        });
    }
}

#[test]
fn quotas_change_places_in_a_full_pool() {
    under_every_switch(|world| {
        let ben = "ben@acme.test";
        let id = made(
            world,
            direct("Acme", 1000)
                .with_user(user_with(ANN, &[(Desktop, 20)]))
                .with_user(user_with(ben, &[(Desktop, 80)])),
        );
        for activated in [false, true] {
            if activated {
                activate(world, ANN);
                activate(world, ben);
                world.run();
            }
            let what = if activated { "machine" } else { "key" };
            let (more, less) = if activated { (20, 80) } else { (80, 20) };
            world.wish(id, |wish| {
                wish.user_mut(ANN).licences[0].quota = Gb(more);
                wish.user_mut(ben).licences[0].quota = Gb(less);
            });
            world.run();
            let mut expected = [
                format!("resize {what} of ben@acme.test to {less}"),
                format!("resize {what} of ann@acme.test to {more}"),
            ];
            if activated {
                expected.reverse();
            }
            world.assert_writes(&expected.each_ref().map(String::as_str));
            world.assert_agreement();
        }
    });
}

#[test]
fn a_reserved_licence_is_removed_and_the_key_free_again() {
    under_every_switch(|world| {
        let id = with_ann(world);
        world.wish(id, |wish| wish.user_mut(ANN).licences[1].removed = true);
        world.run();
        world.assert_writes(&["clear key of ann@acme.test"]);
        world.assert_agreement();
        assert_eq!(world.sim.licenses_of(ANN).len(), 1);
    });
}

#[test]
fn a_used_licence_is_removed_with_its_machine_and_the_key_is_free_again() {
    under_every_switch(|world| {
        let id = with_ann(world);
        activate(world, ANN);
        world.run();
        world.wish(id, |wish| wish.user_mut(ANN).licences[0].removed = true);
        world.run();
        let mut expected = vec!["delete machine of ann@acme.test"];
        if world.sim.switches().machine_delete_clears_email == MachineDeleteClearsEmail::No {
            expected.push("clear key of ann@acme.test");
        }
        world.assert_writes(&expected);
        world.assert_agreement();
        assert_eq!(world.sim.licenses_of(ANN).len(), 1);
    });
}

#[test]
fn a_licence_removed_before_it_was_assigned_leaves_nothing() {
    under_every_switch(|world| {
        let id = with_ann(world);
        world.wish(id, |wish| wish.user_mut(ANN).licences.push(licence("third", Desktop, 5)));
        world.wish(id, |wish| wish.user_mut(ANN).licences[2].removed = true);
        world.run();
        world.assert_writes(&[]);
        world.assert_agreement();
        let third = world.desired(id).users[0].licences[2].id.0;
        assert!(world.base.lock().rows[&id].gone.contains(&third));
    });
}

#[test]
fn in_a_full_pool_a_licence_takes_the_place_of_a_removed_one() {
    under_every_switch(|world| {
        let id = made(world, direct("Acme", 1000).with_user(user_with(ANN, &[(Desktop, 60), (Desktop, 40)])));
        activate(world, ANN);
        world.wish(id, |wish| *wish.pool_mut(Desktop) = pool(2, 100));
        world.run();
        world.door.take_writes();
        world.wish(id, |wish| {
            wish.user_mut(ANN).licences[0].removed = true;
            wish.users.push(user_with("ben@acme.test", &[(Desktop, 60)]));
        });
        world.run();
        let mut expected = vec!["delete machine of ann@acme.test", "create user ben@acme.test in home"];
        if world.sim.switches().machine_delete_clears_email == MachineDeleteClearsEmail::No {
            expected.push("clear key of ann@acme.test");
        }
        expected.push("assign Desktop 60 to ben@acme.test");
        world.assert_writes(&expected);
        world.assert_agreement();
    });
}

#[test]
fn a_user_is_suspended_and_resumed() {
    under_every_switch(|world| {
        let id = with_ann(world);
        for (suspended, expected) in
            [(true, "suspend user ann@acme.test"), (false, "resume user ann@acme.test")]
        {
            world.wish(id, |wish| wish.user_mut(ANN).suspended = suspended);
            world.run();
            world.assert_writes(&[expected]);
            world.assert_agreement();
        }
        for _ in 0..3 {
            for suspended in [true, false] {
                world.wish(id, |wish| wish.user_mut(ANN).suspended = suspended);
                world.run();
                assert_eq!(world.door.take_writes().len(), 1, "a person's second thoughts are no flap");
            }
        }
        world.assert_agreement();
    });
}

#[test]
fn a_user_is_removed_with_all_he_has_also_when_he_is_suspended() {
    for suspended in [false, true] {
        under_every_switch(|world| {
            let id = with_ann(world);
            activate(world, ANN);
            world.wish(id, |wish| wish.user_mut(ANN).licences.push(licence("third", Desktop, 5)));
            world.wish(id, |wish| wish.user_mut(ANN).suspended = suspended);
            world.run();
            world.door.take_writes();
            world.wish(id, |wish| wish.remove_user(ANN));
            world.run();
            let mut expected = vec!["resume user ann@acme.test", "delete user ann@acme.test"];
            if !suspended {
                expected.remove(0);
            }
            if world.sim.switches().machine_delete_clears_email == MachineDeleteClearsEmail::No {
                expected.extend(["clear key of ann@acme.test"; 2]);
            }
            world.assert_writes(&expected);
            world.assert_agreement();
            assert!(world.sim.licenses_of(ANN).is_empty());
            assert_eq!(world.base.lock().rows[&id].gone.len(), 4);
        });
    }
}

#[test]
fn a_user_who_comes_back_with_the_same_address_is_a_new_one() {
    under_every_switch(|world| {
        let id = with_ann(world);
        world.wish(id, |wish| {
            wish.remove_user(ANN);
            let mut again = user_with(ANN, &[]);
            again.id = crate::domain::UserId(super::make::id(3, 77));
            again.licences.push(licence("again", Desktop, 7));
            wish.users.push(again);
        });
        world.run();
        world.assert_writes(&[
            "delete user ann@acme.test",
            "create user ann@acme.test in home",
            "assign Desktop 7 to ann@acme.test",
        ]);
        world.assert_agreement();
    });
}

#[test]
fn a_renamed_user_keeps_his_keys() {
    for activated in [false, true] {
        under_every_switch(|world| {
            let id = with_ann(world);
            if activated {
                activate(world, ANN);
            }
            world.run();
            world.wish(id, |wish| {
                wish.user_mut(ANN).display_name = "Ann Smith".into();
                wish.user_mut(ANN).login = "smith@acme.test".into();
            });
            world.run();
            let readdress = "readdress key of ann@acme.test to smith@acme.test";
            let rename = "update user ann@acme.test: login smith@acme.test name Ann Smith";
            let expected = if activated { vec![rename] } else { vec![rename, readdress, readdress] };
            world.assert_writes(&expected);
            world.assert_agreement();
        });
    }
}

#[test]
fn an_address_that_somebody_else_has_is_told() {
    let world = World::new(Default::default());
    let other = foreign_partner(&world, house(&world), "Other", "root@other.test");
    let home = world.sim.partner(other).unwrap().default_group_id;
    let theirs = crate::sim::mozy::parts([("user_group_id", home.into()), ("username", ANN.into())]);
    panel(&world, "user.Create", theirs);
    let id = world.order(direct("Acme", 1000).with_user(user_with(ANN, &[(Desktop, 5)])));
    for _ in 0..3 {
        world.cycle(id);
    }
    let verdicts = &world.base.lock().rows[&id].verdicts;
    let of = |id: uuid::Uuid| verdicts[&id].blocked.clone().map(|(reason, _)| reason);
    let wish = direct("Acme", 1000).with_user(user_with(ANN, &[(Desktop, 5)]));
    assert_eq!(of(wish.users[0].id.0), Some(crate::domain::Reason::UserEmailInUse));
    assert_eq!(of(wish.subscription.id.0), None);
    assert!(of(wish.users[0].licences[0].id.0).is_some());
    assert!(world.sim.licenses_of(ANN).is_empty(), "no key for a user who is not there");
    let tried = world.door.take_writes().into_iter().filter(|write| write.ends_with("(refused)"));
    assert_eq!(tried.count(), 1, "once for the same wish");
}
