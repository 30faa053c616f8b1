//! Accounts: ordered, made with their pools, refused for an address, upgraded, suspended, removed.

use super::make::*;
use super::mozy::*;
use super::world::{World, under_every_switch};
use crate::domain::LicenceKind::{Desktop, Server};
use crate::domain::subscription::BoughtPool;
use crate::domain::{Amount, ConditionType, Gb, Reason, SubscriptionId};
use crate::ports::CycleResult;

const ACME: &[&str] = &[
    "create partner Acme of admin@acme.test",
    "provision Desktop 5+100 in home",
    "provision Server 5+100 in home",
];

/// An order that is done.
fn acme(world: &World) -> SubscriptionId {
    made(world, direct("Acme", 1000))
}

#[test]
fn an_order_makes_a_partner_with_both_pools_and_sync_off() {
    under_every_switch(|world| {
        let id = world.order(direct("Acme", 1000));
        world.run();
        world.assert_writes(ACME);
        world.assert_agreement();
        let partner = world.sim.partner_named("Acme").unwrap();
        assert_eq!((partner.enable_sync, partner.default_sync_quota), (Some(false), Some(10)));
        assert!(world.finding(id, ConditionType::InSync).status);
        assert_eq!(world.finding(id, ConditionType::Provisioned).reason, Reason::AsExpected);
    });
}

#[test]
fn an_address_taken_inside_our_tree_is_seen_and_another_admin_helps() {
    under_every_switch(|world| {
        foreign_partner(world, world.sim.root_partner_id(), "Other", "Admin@acme.test");
        let id = world.order(direct("Acme", 1000));
        world.run();
        world.assert_writes(&[]);
        assert_eq!(world.finding(id, ConditionType::Provisioned).reason, Reason::AdminEmailInUse);
        world.assert_still();
        world.wish(id, |wish| wish.subscription.admin.email = "second@acme.test".into());
        world.run();
        let mut expected = ACME.to_vec();
        expected[0] = "create partner Acme of second@acme.test";
        world.assert_writes(&expected);
        world.assert_agreement();
    });
}

#[test]
fn an_address_taken_outside_our_tree_is_refused_and_another_admin_helps() {
    under_every_switch(|world| {
        foreign_partner(world, house(world), "Other", "admin@acme.test");
        let id = world.order(direct("Acme", 1000));
        let report = world.cycle(id);
        assert_eq!(report.result, CycleResult::Failed);
        world.assert_writes(&["create partner Acme of admin@acme.test (refused)"]);
        let finding = world.finding(id, ConditionType::Provisioned);
        assert_eq!((finding.status, finding.reason), (false, Reason::AdminEmailInUse));
        assert!(finding.message.contains("admin@acme.test"));
        // The same wish is not refused again at every look, but now and then.
        for _ in 0..5 {
            assert_eq!(world.cycle(id).result, CycleResult::Failed);
            assert_eq!(world.finding(id, ConditionType::Provisioned).reason, Reason::AdminEmailInUse);
        }
        world.assert_writes(&[]);
        world.sim.advance(chrono::TimeDelta::hours(30));
        world.cycle(id);
        world.assert_writes(&["create partner Acme of admin@acme.test (refused)"]);
        world.wish(id, |wish| wish.subscription.admin.email = "second@acme.test".into());
        world.run();
        let mut expected = ACME.to_vec();
        expected[0] = "create partner Acme of second@acme.test";
        world.assert_writes(&expected);
        world.assert_agreement();
    });
}

#[test]
fn each_counter_is_raised_and_lowered_by_itself() {
    under_every_switch(|world| {
        let id = acme(world);
        let becomes = |kind, licences, quota, expected: &[&str]| {
            world.wish(id, |wish| *wish.pool_mut(kind) = pool(licences, quota));
            world.run();
            world.assert_writes(expected);
            world.assert_agreement();
        };
        becomes(Desktop, 8, 100, &["provision Desktop 3+0 in home"]);
        becomes(Desktop, 8, 150, &["provision Desktop 0+50 in home"]);
        becomes(Server, 2, 40, &["release Server 3+60 in home"]);
        becomes(Desktop, 10, 120, &["provision Desktop 2+0 in home", "release Desktop 0+30 in home"]);
        becomes(Server, 0, 50, &["provision Server 0+10 in home", "release Server 2+0 in home"]);
        becomes(Server, 0, 0, &["release Server 0+50 in home"]);
    });
}

#[test]
fn a_limit_below_use_waits_and_is_met_as_soon_as_it_can_be() {
    under_every_switch(|world| {
        let id = made(
            world,
            direct("Acme", 1000)
                .with_user(user_with("ann@acme.test", &[(Desktop, 60)]))
                .with_user(user_with("ben@acme.test", &[(Desktop, 20)])),
        );
        world.wish(id, |wish| *wish.pool_mut(Desktop) = pool(1, 50));
        world.run();
        world.assert_writes(&[]);
        world.assert_still();
        let finding = world.finding(id, ConditionType::InSync);
        assert!(!finding.status);
        assert!([Reason::LicensesExceedPurchase, Reason::QuotaExceedsPurchase].contains(&finding.reason));
        world.wish(id, |wish| wish.remove_user("ben@acme.test"));
        world.run();
        world.assert_writes(&["delete user ben@acme.test", "release Desktop 4+0 in home"]);
        world.wish(id, |wish| wish.user_mut("ann@acme.test").licences[0].quota = Gb(50));
        world.run();
        world.assert_writes(&["resize key of ann@acme.test to 50", "release Desktop 0+50 in home"]);
        world.assert_agreement();
    });
}

#[test]
fn what_is_unlimited_has_what_is_in_use() {
    under_every_switch(|world| {
        let mut wish = direct("Acme", 1000);
        *wish.pool_mut(Desktop) = unlimited();
        *wish.pool_mut(Server) = BoughtPool { licences: Amount::Limit(2), quota: Amount::Unlimited };
        let id = world.order(wish);
        world.run();
        world.assert_writes(&[ACME[0], "provision Server 2+0 in home"]);
        world.wish(id, |wish| {
            wish.users.push(user_with("ann@acme.test", &[(Desktop, 30), (Server, 70)]));
        });
        world.run();
        world.assert_writes(&[
            "provision Desktop 1+30 in home",
            "provision Server 0+70 in home",
            "create user ann@acme.test in home",
            "assign Desktop 30 to ann@acme.test",
            "assign Server 70 to ann@acme.test",
        ]);
        world.assert_agreement();
        world.wish(id, |wish| wish.user_mut("ann@acme.test").licences[0].removed = true);
        world.run();
        world.assert_writes(&["clear key of ann@acme.test", "release Desktop 1+30 in home"]);
        world.assert_agreement();
    });
}

#[test]
fn it_is_suspended_resumed_renamed_and_given_another_sync_quota() {
    under_every_switch(|world| {
        let id = acme(world);
        world.wish(id, |wish| wish.subscription.suspended = true);
        world.run();
        world.assert_writes(&["suspend partner Acme"]);
        world.assert_agreement();
        world.wish(id, |wish| {
            wish.subscription.suspended = false;
            wish.subscription.company = "Acme Ltd".into();
            wish.subscription.bought.sync_default_quota = Some(Gb(20));
        });
        world.run();
        world.assert_writes(&[
            "resume partner Acme",
            "update partner Acme: name Acme Ltd",
            "update partner Acme Ltd: default 20",
        ]);
        world.assert_agreement();
    });
}

#[test]
fn termination_is_one_delete_whatever_is_in_it() {
    under_every_switch(|world| {
        let id = made(
            world,
            direct("Acme", 1000)
                .with_group(group("Sales"))
                .with_user(user_with("ann@acme.test", &[(Desktop, 60)])),
        );
        activate(world, "ann@acme.test");
        world.wish(id, |wish| wish.user_mut("ann@acme.test").suspended = true);
        world.run();
        world.door.take_writes();
        world.wish(id, |wish| wish.subscription.removed = true);
        world.run();
        world.assert_writes(&["delete partner Acme"]);
        assert_eq!(world.ids(), vec![]);
        assert!(world.sim.partner_named("Acme").is_none());
    });
}

#[test]
fn an_order_that_is_cancelled_before_it_was_made_makes_nothing() {
    under_every_switch(|world| {
        let id = world.order(direct("Acme", 1000));
        world.wish(id, |wish| wish.subscription.removed = true);
        world.run();
        world.assert_writes(&[]);
        assert_eq!(world.ids(), vec![]);
    });
}

#[test]
fn an_order_knows_its_default_group_at_once() {
    let world = World::new(Default::default());
    let id = world.order(direct("Acme", 1000));
    world.cycle(id);
    let home = world.sim.partner_named("Acme").unwrap().default_group_id;
    assert_eq!(world.desired(id).subscription.home_group.map(|id| id.0), Some(home));
}

#[test]
fn an_edited_number_does_not_keep_a_partner_from_being_deleted() {
    under_every_switch(|world| {
        let id = acme(world);
        let partner = world.sim.partner_named("Acme").unwrap().id;
        update(world, "partner.Update", partner, "external_id", "x".into());
        world.wish(id, |wish| wish.subscription.removed = true);
        world.run();
        world.assert_writes(&["delete partner Acme"]);
    });
}

#[test]
fn a_partner_that_carries_neither_our_number_nor_our_admin_is_not_deleted() {
    let world = World::new(Default::default());
    let id = acme(&world);
    let other = foreign_partner(&world, world.sim.root_partner_id(), "Other", "root@other.test");
    world.wish(id, |wish| {
        wish.subscription.partner = Some(crate::domain::PartnerId(other));
        wish.subscription.removed = true;
    });
    for _ in 0..3 {
        assert_ne!(world.cycle(id).result, CycleResult::Agreed);
    }
    world.assert_writes(&[]);
}
