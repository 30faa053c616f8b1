//! Sync of a subscription and of its users, on and off in the order that Mozy asks for.

use super::make::*;
use super::mozy::*;
use super::world::{INTERVAL, World, under_every_switch};
use crate::domain::LicenceKind::Desktop;
use crate::domain::{Gb, SubscriptionId};
use crate::plan::Call;

const ANN: &str = "ann@acme.test";

/// Acme with the group Sales, Ann in it and Ben at home; sync is off.
fn acme(world: &World) -> SubscriptionId {
    let mut wish = direct("Acme", 1000).with_group(group("Sales"));
    let mut ann = user_with(ANN, &[]);
    ann.group = Some(wish.group_id("Sales"));
    wish.users = vec![ann, user_with("ben@acme.test", &[(Desktop, 20)])];
    made(world, wish)
}

#[test]
fn it_is_switched_on_for_the_partner_and_off_for_all_below() {
    under_every_switch(|world| {
        let id = acme(world);
        world.wish(id, |wish| wish.switch_sync(true));
        world.run();
        world.assert_writes(&["update partner Acme: sync on"]);
        world.assert_agreement();
        world.wish(id, |wish| {
            wish.user_mut(ANN).sync = true;
            wish.user_mut("ben@acme.test").sync = true;
            wish.user_mut("ben@acme.test").sync_quota = Some(Gb(15));
        });
        world.run();
        world.assert_writes(&[
            "transfer Desktop 0+10 from home to Sales",
            "user ann@acme.test sync on",
            "user ben@acme.test sync on",
            "resize sync of ben@acme.test to 15",
        ]);
        world.assert_agreement();
        world.wish(id, |wish| wish.switch_sync(false));
        world.run();
        world.assert_writes(&[
            "user ann@acme.test sync off",
            "user ben@acme.test sync off",
            "group home sync off",
            "group Sales sync off",
            "update partner Acme: sync off",
        ]);
        world.assert_agreement();
        world.wish(id, |wish| wish.switch_sync(true));
        world.run();
        world.assert_writes(&["update partner Acme: sync on", "group home sync on", "group Sales sync on"]);
        world.assert_agreement();
    });
}

#[test]
fn a_users_quota_is_his_own_or_the_default() {
    under_every_switch(|world| {
        let id = acme(world);
        world.wish(id, |wish| wish.switch_sync(true));
        world.wish(id, |wish| wish.user_mut("ben@acme.test").sync = true);
        world.run();
        world.assert_writes(&["update partner Acme: sync on", "user ben@acme.test sync on"]);
        let becomes = |quota: Option<i64>, expected: &[&str]| {
            world.wish(id, |wish| wish.user_mut("ben@acme.test").sync_quota = quota.map(Gb));
            world.run();
            world.assert_writes(expected);
            world.assert_agreement();
        };
        becomes(Some(30), &["resize sync of ben@acme.test to 30"]);
        becomes(Some(10), &["resize sync of ben@acme.test to 10"]);
        becomes(None, &[]);
        becomes(Some(1), &["resize sync of ben@acme.test to 1"]);
        world.wish(id, |wish| {
            wish.user_mut("ben@acme.test").sync_quota = None;
            wish.subscription.bought.sync_default_quota = Some(Gb(20));
        });
        world.run();
        world.assert_writes(&["update partner Acme: default 20", "resize sync of ben@acme.test to 20"]);
        world.assert_agreement();
    });
}

#[test]
fn a_name_that_mozy_does_not_take_holds_up_nobodys_sync() {
    let world = World::new(Default::default());
    let id = acme(&world);
    world.wish(id, |wish| {
        wish.subscription.company = "Acme Ltd".into();
        wish.switch_sync(true);
        wish.user_mut("ben@acme.test").sync = true;
    });
    world.door.refuse_once("update_partner", "no such name");
    world.cycle(id);
    let on = ["update partner Acme: sync on", "user ben@acme.test sync on"];
    let (refused, again) =
        ("update partner Acme: name Acme Ltd (refused)", "update partner Acme: name Acme Ltd");
    world.assert_writes(&[refused, on[0], on[1], again]);
    // One that it takes and does not keep is planned again and again.
    world.run();
    world.door.bend(|call| match call {
        Call::UpdatePartner { name: Some(_), .. } => None,
        other => Some(other.clone()),
    });
    world.wish(id, |wish| {
        wish.subscription.company = "Acme Inc".into();
        wish.user_mut("ben@acme.test").sync_quota = Some(Gb(15));
    });
    world.cycle(id);
    world.assert_writes(&["update partner Acme Ltd: name Acme Inc", "resize sync of ben@acme.test to 15"]);
}

#[test]
fn mozys_own_default_is_two_gb() {
    under_every_switch(|world| {
        let mut wish = direct("Acme", 1000);
        wish.subscription.bought.sync_default_quota = None;
        let id = made(world, wish);
        world.wish(id, |wish| {
            wish.switch_sync(true);
            wish.users.push(user_with(ANN, &[]));
            wish.user_mut(ANN).sync = true;
        });
        world.run();
        world.assert_writes(&[
            "update partner Acme: sync on",
            "create user ann@acme.test in home",
            "user ann@acme.test sync on",
        ]);
        world.assert_agreement();
    });
}

#[test]
fn a_synced_user_moves_and_a_new_group_has_sync() {
    under_every_switch(|world| {
        let id = acme(world);
        world.wish(id, |wish| {
            wish.switch_sync(true);
            wish.user_mut(ANN).sync = true;
        });
        world.run();
        world.door.take_writes();
        world.wish(id, |wish| {
            wish.groups.push(group("Research"));
            wish.user_mut(ANN).group = Some(wish.group_id("Research"));
        });
        world.run();
        world.assert_writes(&["create group Research", "move user ann@acme.test to Research"]);
        world.assert_agreement();
    });
}

#[test]
fn sync_gb_come_out_of_the_desktop_pool() {
    under_every_switch(|world| {
        let id = acme(world);
        world.wish(id, |wish| *wish.pool_mut(Desktop) = pool(1, 25));
        world.wish(id, |wish| {
            wish.switch_sync(true);
            wish.user_mut(ANN).sync = true;
        });
        world.run();
        world.door.take_writes();
        // Ben's 20 GB and Ann's 10 do not fit.
        let finding = world.finding(id, crate::domain::ConditionType::InSync);
        assert_eq!(finding.reason, crate::domain::Reason::QuotaExceedsPurchase);
        world.assert_still();
        world.wish(id, |wish| wish.user_mut("ben@acme.test").licences[0].quota = Gb(15));
        world.run();
        world.assert_writes(&[
            "resize key of ben@acme.test to 15",
            "transfer Desktop 0+10 from home to Sales",
            "user ann@acme.test sync on",
        ]);
        world.assert_agreement();
    });
}

/// Whether Mozy counts the GB of sync as distributed is not written.
#[test]
fn gb_that_sync_has_are_not_free_whether_or_not_mozy_counts_them() {
    let world = World::new(Default::default());
    let mut wish = direct("Acme", 1000).with_user(user_with("ben@acme.test", &[(Desktop, 20)]));
    *wish.pool_mut(Desktop) = unlimited();
    let id = made(&world, wish);
    world.wish(id, |wish| wish.switch_sync(true));
    world.wish(id, |wish| wish.user_mut("ben@acme.test").sync = true);
    world.run();
    world.door.take_writes();
    world.door.count(Some(Box::new(|mut stock| {
        stock.desktop.distributed = Gb(20);
        stock
    })));
    for _ in 0..3 {
        world.sim.advance(INTERVAL);
        world.run();
    }
    world.assert_writes(&[]);
}
