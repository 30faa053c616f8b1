//! Resellers and their customers: a customer is a group inside the reseller's partner.

use super::make::*;
use super::mozy::*;
use super::world::{INTERVAL, World, under_every_switch};
use crate::domain::LicenceKind::{Desktop, Server};
use crate::domain::{ConditionType, Reason, SubscriptionId};
use crate::ports::CycleResult;
use crate::sim::mozy::LicenseType;
use crate::sim::mozy::switches::MachineDeleteClearsEmail;

const ANN: &str = "ann@cust.test";

/// A reseller with one customer, Cust, who has a user with licences.
fn with_customer(world: &World) -> (SubscriptionId, SubscriptionId) {
    let mut wish = reseller("Resell", 1000);
    *wish.pool_mut(Server) = pool(0, 0);
    let shop = made(world, wish);
    let customer = customer("Cust", 2000, shop).with_user(user_with(ANN, &[(Desktop, 20), (Server, 30)]));
    (shop, made(world, customer))
}

fn stock_of(world: &World, id: SubscriptionId) -> (i64, i64) {
    let home = world.desired(id).subscription.home_group.unwrap().0;
    let stock = world.sim.with(|sim| sim.stock(home, LicenseType::Desktop));
    (stock.licenses, stock.quota)
}

#[test]
fn a_customer_waits_for_his_reseller_and_is_a_group_with_pools_of_its_own() {
    under_every_switch(|world| {
        let shop = reseller("Resell", 1000);
        let shop_id = shop.subscription.id;
        world.base.lock().rows.clear();
        let mut waiting = customer("Cust", 2000, shop_id);
        waiting.subscription.model = crate::domain::subscription::Model::Customer(None);
        let customer = world.order(waiting);
        world.run();
        world.assert_writes(&[]);
        assert_eq!(
            world.finding(customer, ConditionType::Provisioned).reason,
            Reason::ResellerNotProvisioned
        );
        world.order(shop);
        let model = super::make::customer("Cust", 2000, shop_id).subscription.model;
        world.wish(customer, |wish| wish.subscription.model = model);
        world.run();
        world.assert_writes(&[
            "create partner Resell of admin@resell.test",
            "provision Desktop 5+100 in home",
            "provision Server 5+100 in home",
            "create group Cust",
            "provision Desktop 5+100 in Cust",
            "provision Server 5+100 in Cust",
        ]);
        world.assert_agreement();
        assert_eq!(world.sim.partner_named("Resell").unwrap().company_type, "reseller");
        assert_eq!((stock_of(world, shop_id), stock_of(world, customer)), ((5, 100), (5, 100)));
    });
}

#[test]
fn the_customers_limits_and_users_live_in_his_group() {
    under_every_switch(|world| {
        let (_, customer) = with_customer(world);
        world.wish(customer, |wish| {
            *wish.pool_mut(Desktop) = pool(7, 50);
            wish.subscription.company = "Customer".into();
            wish.user_mut(ANN).licences[1].removed = true;
        });
        world.run();
        world.assert_writes(&[
            "clear key of ann@cust.test",
            "provision Desktop 2+0 in Cust",
            "rename group Cust to Customer",
            "release Desktop 0+50 in Customer",
        ]);
        world.assert_agreement();
    });
}

#[test]
fn sync_of_a_customer_goes_through_the_parent() {
    under_every_switch(|world| {
        let (shop, customer) = with_customer(world);
        world.wish(customer, |wish| wish.switch_sync(true));
        world.run();
        world.assert_writes(&["update partner Resell: sync on", "group Cust sync on"]);
        world.assert_agreement();
        world.wish(customer, |wish| wish.user_mut(ANN).sync = true);
        world.run();
        world.assert_writes(&["user ann@cust.test sync on"]);
        world.assert_agreement();
        world.wish(shop, |wish| wish.switch_sync(true));
        world.run();
        world.assert_writes(&[]);
        world.assert_agreement();
        world.wish(shop, |wish| wish.switch_sync(false));
        world.run();
        world.assert_writes(&[]);
        world.assert_agreement();
        world.wish(customer, |wish| wish.switch_sync(false));
        world.run();
        let writes = world.door.take_writes();
        let done: Vec<&String> = writes.iter().filter(|write| !write.ends_with("(refused)")).collect();
        for expected in
            ["user ann@cust.test sync off", "group Cust sync off", "update partner Resell: sync off"]
        {
            assert_eq!(done.iter().filter(|write| **write == expected).count(), 1, "{writes:?}");
        }
        world.assert_agreement();
    });
}

#[test]
fn suspension_of_either() {
    under_every_switch(|world| {
        let (shop, customer) = with_customer(world);
        world.wish(customer, |wish| wish.subscription.suspended = true);
        world.run();
        world.assert_writes(&["suspend group Cust"]);
        world.wish(customer, |wish| wish.subscription.suspended = false);
        world.run();
        world.assert_writes(&["resume group Cust"]);
        world.wish(shop, |wish| wish.subscription.suspended = true);
        world.run();
        world.assert_writes(&["suspend partner Resell"]);
        let finding = world.finding(customer, ConditionType::InSync);
        assert_eq!((finding.status, finding.reason), (false, Reason::ResellerSuspended));
        world.wish(shop, |wish| wish.subscription.suspended = false);
        world.run();
        world.assert_writes(&["resume partner Resell"]);
        world.assert_agreement();
    });
}

/// What OSA is told of a thing; `None` when it is as wished.
fn said(world: &World, customer: SubscriptionId, thing: uuid::Uuid) -> Option<Reason> {
    let blocked = world.base.lock().rows[&customer].verdicts[&thing].blocked.clone();
    blocked.map(|(reason, _)| reason)
}

#[test]
fn under_a_suspended_reseller_all_is_done_and_told_as_done() {
    under_every_switch(|world| {
        let (shop, first) = with_customer(world);
        world.wish(shop, |wish| wish.subscription.suspended = true);
        world.run();
        world.wish(first, |wish| wish.pool_mut(Desktop).licences = crate::domain::Amount::Limit(6));
        let second = world.order(customer("Late", 3000, shop));
        world.run();
        for id in [first, second] {
            assert_eq!(said(world, id, id.0), None);
            assert_eq!(world.finding(id, ConditionType::InSync).reason, Reason::ResellerSuspended);
        }
        assert_eq!(stock_of(world, first), (6, 100));
    });
}

#[test]
fn under_a_cancelled_reseller_only_what_was_wished_away_goes_and_nothing_else_is_told_as_done() {
    under_every_switch(|world| {
        let (shop, customer) = with_customer(world);
        world.wish(customer, |wish| {
            *wish = wish.clone().with_user(user_with("bob@cust.test", &[(Desktop, 5)]))
        });
        world.run();
        world.wish(shop, |wish| wish.subscription.removed = true);
        world.run();
        world.door.take_writes();
        world.wish(customer, |wish| {
            wish.user_mut(ANN).display_name = "Other".into();
            wish.user_mut(ANN).licences[0].quota = crate::domain::Gb(25);
            wish.user_mut(ANN).licences[1].removed = true;
            wish.remove_user("bob@cust.test");
        });
        world.run();
        world.assert_writes(&["delete user bob@cust.test", "clear key of ann@cust.test"]);
        let ann = world.desired(customer).user_mut(ANN).clone();
        for thing in [ann.id.0, ann.licences[0].id.0] {
            assert_eq!(said(world, customer, thing), Some(Reason::ResellerCancelled));
        }
        assert!(world.sim.user_named("bob@cust.test").is_none());
    });
}

#[test]
fn a_removed_customer_takes_his_users_and_his_stock_along() {
    under_every_switch(|world| {
        let (shop, customer) = with_customer(world);
        activate(world, ANN);
        world.wish(customer, |wish| wish.user_mut(ANN).suspended = true);
        world.run();
        world.door.take_writes();
        world.wish(customer, |wish| wish.subscription.removed = true);
        world.run();
        let mut expected = vec!["resume user ann@cust.test", "delete user ann@cust.test"];
        if world.sim.switches().machine_delete_clears_email == MachineDeleteClearsEmail::No {
            expected.extend(["clear key of ann@cust.test"; 2]);
        }
        expected.extend([
            "release Desktop 5+100 in Cust",
            "release Server 5+100 in Cust",
            "delete group Cust",
        ]);
        world.assert_writes(&expected);
        assert_eq!(world.ids(), vec![shop]);
        assert_eq!(stock_of(world, shop), (5, 100));
        world.assert_agreement();
    });
}

#[test]
fn a_removed_customer_with_users_that_are_not_ours_stays_until_they_go() {
    under_every_switch(|world| {
        let (shop, customer) = with_customer(world);
        let home = world.desired(customer).subscription.home_group.unwrap().0;
        let stranger = [("user_group_id", home.into()), ("username", "x@cust.test".into())];
        let stranger = panel(world, "user.Create", crate::sim::mozy::parts(stranger));
        world.wish(customer, |wish| wish.subscription.removed = true);
        world.run();
        assert_eq!(world.finding(customer, ConditionType::InSync).reason, Reason::GroupNotEmpty);
        assert!(world.sim.user(stranger).is_some());
        panel(world, "user.Delete", crate::sim::mozy::parts([("id", stranger.into())]));
        world.run();
        assert_eq!(world.ids(), vec![shop]);
        assert_eq!(stock_of(world, shop), (5, 100));
        world.assert_agreement();
    });
}

#[test]
fn a_removed_reseller_is_suspended_while_customers_remain_and_goes_after_the_last() {
    under_every_switch(|world| {
        let (shop, customer) = with_customer(world);
        world.wish(shop, |wish| wish.subscription.removed = true);
        world.run();
        world.assert_writes(&["suspend partner Resell"]);
        let finding = world.finding(customer, ConditionType::InSync);
        assert_eq!((finding.status, finding.reason), (false, Reason::ResellerCancelled));
        world.assert_still();
        assert!(world.sim.user_named(ANN).is_some());
        world.wish(customer, |wish| wish.subscription.removed = true);
        world.run();
        world.assert_writes(&[
            "delete user ann@cust.test",
            "release Desktop 5+100 in Cust",
            "release Server 5+100 in Cust",
            "delete group Cust",
            "delete partner Resell",
        ]);
        assert_eq!(world.ids(), vec![]);
    });
}

#[test]
fn a_customers_user_who_was_moved_to_another_group_comes_back_with_his_keys() {
    under_every_switch(|world| {
        let (shop, customer) = with_customer(world);
        activate(world, ANN);
        world.run();
        world.assert_agreement();
        let elsewhere = world.desired(shop).subscription.home_group.unwrap().0;
        update(world, "user.Update", user_id(world, ANN), "user_group_id", elsewhere.into());
        world.cycle(customer);
        world.sim.advance(INTERVAL);
        world.run();
        world.assert_writes(&["move user ann@cust.test to Cust"]);
        world.assert_agreement();
    });
}

/// Whom we forgot, or never knew, does not lose his backups by the reseller's decision.
#[test]
fn a_removed_reseller_in_whose_groups_somebody_still_is_stays_until_they_are_gone() {
    under_every_switch(|world| {
        let (shop, customer) = with_customer(world);
        world.base.lock().rows.remove(&customer);
        world.wish(shop, |wish| wish.subscription.removed = true);
        for _ in 0..3 {
            world.cycle(shop);
            world.sim.advance(INTERVAL);
        }
        world.assert_writes(&[]);
        let finding = world.finding(shop, ConditionType::InSync);
        assert_eq!((finding.status, finding.reason), (false, Reason::GroupNotEmpty));
        assert!(finding.message.contains("Cust"), "{finding:?}");
        let ann = user_id(world, ANN);
        panel(world, "user.Delete", crate::sim::mozy::parts([("id", ann.into())]));
        world.run();
        world.assert_writes(&["delete partner Resell"]);
        assert_eq!(world.ids(), vec![]);
    });
}

/// One refused answer, or an empty list, is no absence while something else that was read says otherwise.
#[test]
fn a_customers_group_that_is_listed_is_neither_made_again_nor_forgotten() {
    under_every_switch(|world| {
        let (shop, customer) = with_customer(world);
        for hidden in [&["group"][..], &["group", "groups"]] {
            world.sim.advance(INTERVAL);
            world.door.hide(hidden);
            assert_eq!(world.cycle(customer).result, CycleResult::Failed, "{hidden:?}");
        }
        world.wish(customer, |wish| wish.subscription.removed = true);
        for hidden in [&["group", "groups"][..], &["partner"]] {
            world.door.hide(hidden);
            assert_eq!(world.cycle(customer).result, CycleResult::Failed, "{hidden:?}");
        }
        world.assert_writes(&[]);
        assert_eq!(world.ids().len(), 2);
        world.door.hide(&[]);
        world.run();
        assert!(world.sim.user_named(ANN).is_none());
        assert_eq!(world.ids(), vec![shop]);
    });
}

#[test]
fn a_removed_reseller_stays_while_the_lists_of_who_is_there_say_too_little() {
    for hidden in [&["users"][..], &["groups"]] {
        let world = &World::new(Default::default());
        let (shop, customer) = with_customer(world);
        activate(world, ANN);
        world.base.lock().rows.remove(&customer);
        world.wish(shop, |wish| wish.subscription.removed = true);
        world.door.hide(hidden);
        world.cycle(shop);
        world.assert_writes(&[]);
        assert_eq!(world.ids(), vec![shop], "{hidden:?}");
    }
}
