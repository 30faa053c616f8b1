//! Groups of the customer's own: made, renamed, removed, and users who move between them with their keys and GB.

use super::make::*;
use super::mozy::*;
use super::world::{World, under_every_switch};
use crate::domain::LicenceKind::{Desktop, Server};
use crate::domain::{ConditionType, Reason, SubscriptionId};
use crate::sim::mozy::{FaultKind, FaultRule, LicenseType, parts};

const ANN: &str = "ann@acme.test";

/// Acme with the groups Sales and Research.
fn with_groups(world: &World) -> SubscriptionId {
    made(world, direct("Acme", 1000).with_group(group("Sales")).with_group(group("Research")))
}

/// And Ann in Sales, with licences of both kinds.
fn with_ann(world: &World) -> SubscriptionId {
    let id = with_groups(world);
    world.door.take_writes();
    world.wish(id, |wish| {
        let mut ann = user_with(ANN, &[(Desktop, 20), (Server, 30)]);
        ann.group = Some(wish.group_id("Sales"));
        wish.users.push(ann);
    });
    world.run();
    world.assert_agreement();
    id
}

fn move_to(world: &World, id: SubscriptionId, login: &str, group: Option<&str>) {
    world.wish(id, |wish| {
        let group = group.map(|name| wish.group_id(name));
        wish.user_mut(login).group = group;
    });
}

#[test]
fn a_group_is_made_renamed_and_removed() {
    under_every_switch(|world| {
        let id = made(world, direct("Acme", 1000));
        world.wish(id, |wish| wish.groups.push(group("Sales")));
        world.run();
        world.assert_writes(&["create group Sales"]);
        world.assert_agreement();
        world.wish(id, |wish| wish.group_mut("Sales").name = "Marketing".into());
        world.run();
        world.assert_writes(&["rename group Sales to Marketing"]);
        world.assert_agreement();
        world.wish(id, |wish| wish.group_mut("Marketing").removed = true);
        world.run();
        world.assert_writes(&["delete group Marketing"]);
        world.assert_agreement();
        assert_eq!(world.base.lock().rows[&id].gone.len(), 1);
    });
}

#[test]
fn a_user_in_a_group_is_served_from_stock_that_is_brought_there() {
    under_every_switch(|world| {
        with_ann(world);
        world.assert_writes(&[
            "create user ann@acme.test in Sales",
            "transfer Desktop 1+20 from home to Sales",
            "transfer Server 1+30 from home to Sales",
            "assign Desktop 20 to ann@acme.test",
            "assign Server 30 to ann@acme.test",
        ]);
    });
}

#[test]
fn a_group_with_users_that_are_not_ours_is_not_removed() {
    under_every_switch(|world| {
        let id = with_groups(world);
        let sales = world.desired(id).groups[0].mozy_id.unwrap().0;
        let stranger = [("user_group_id", sales.into()), ("username", "x@acme.test".into())];
        let stranger = panel(world, "user.Create", parts(stranger));
        world.wish(id, |wish| wish.group_mut("Sales").removed = true);
        world.run();
        world.assert_writes(&[]);
        world.assert_still();
        let finding = world.finding(id, ConditionType::InSync);
        assert_eq!((finding.status, finding.reason), (false, Reason::GroupNotEmpty));
        panel(world, "user.Delete", parts([("id", stranger.into())]));
        world.run();
        world.assert_writes(&["delete group Sales"]);
        world.assert_agreement();
    });
}

#[test]
fn a_group_that_became_the_default_group_is_home_as_well() {
    under_every_switch(|world| {
        let id = with_groups(world);
        let home = world.sim.partner_named("Acme").unwrap().default_group_id;
        let sales = world.desired(id).groups[0].mozy_id.unwrap().0;
        update(world, "user_group.Update", sales, "default_for_partner", true.into());
        panel(world, "user_group.Delete", parts([("id", home.into())]));
        world.wish(id, |wish| {
            let mut ann = user_with(ANN, &[(Desktop, 20)]);
            ann.group = Some(wish.group_id("Sales"));
            wish.users.extend([ann, user_with("ben@acme.test", &[(Desktop, 20)])]);
        });
        world.run();
        let written = world.door.take_writes();
        assert!(!written.iter().any(|write| write.starts_with("transfer")), "{written:?}");
        world.assert_agreement();
        world.wish(id, |wish| wish.group_mut("Sales").removed = true);
        world.wish(id, |wish| wish.user_mut(ANN).group = None);
        world.run();
        world.assert_writes(&[]);
        assert_eq!(world.finding(id, ConditionType::InSync).reason, Reason::DefaultGroup);
        move_to(world, id, "ben@acme.test", Some("Research"));
        world.run();
        world.assert_writes(&[
            "move user ben@acme.test to Research",
            "transfer Desktop 0+20 from home to Research",
        ]);
    });
}

#[test]
fn the_stock_of_a_removed_group_comes_home_first() {
    under_every_switch(|world| {
        let id = with_ann(world);
        world.wish(id, |wish| wish.remove_user(ANN));
        world.run();
        world.door.take_writes();
        world.wish(id, |wish| wish.group_mut("Sales").removed = true);
        world.run();
        world.assert_writes(&[
            "transfer Desktop 1+20 from Sales to home",
            "transfer Server 1+30 from Sales to home",
            "delete group Sales",
        ]);
        world.assert_agreement();
    });
}

#[test]
fn a_group_goes_when_its_last_user_is_removed_with_it() {
    under_every_switch(|world| {
        let id = with_ann(world);
        activate(world, ANN);
        world.door.take_writes();
        world.wish(id, |wish| {
            wish.remove_user(ANN);
            wish.group_mut("Sales").removed = true;
        });
        world.run();
        let writes = world.door.take_writes();
        assert_eq!(writes.first().map(String::as_str), Some("delete user ann@acme.test"));
        assert_eq!(writes.last().map(String::as_str), Some("delete group Sales"));
        world.assert_agreement();
    });
}

#[test]
fn a_user_moves_with_reserved_and_used_licences() {
    for activated in [false, true] {
        under_every_switch(|world| {
            let id = with_ann(world);
            if activated {
                activate(world, ANN);
            }
            world.door.take_writes();
            move_to(world, id, ANN, Some("Research"));
            world.run();
            let reserved = [
                "move user ann@acme.test to Research",
                "transfer Desktop 0+20 from Sales to Research",
                "transfer Server 0+30 from Sales to Research",
            ];
            world.assert_writes(if activated { &reserved[..1] } else { &reserved });
            world.assert_agreement();
        });
    }
}

#[test]
fn a_user_moves_home_and_his_old_group_is_removed() {
    under_every_switch(|world| {
        let id = with_ann(world);
        world.door.take_writes();
        move_to(world, id, ANN, None);
        world.wish(id, |wish| wish.group_mut("Sales").removed = true);
        world.run();
        world.assert_writes(&[
            "move user ann@acme.test to home",
            "transfer Desktop 0+20 from Sales to home",
            "transfer Server 0+30 from Sales to home",
            "delete group Sales",
        ]);
        world.assert_agreement();
    });
}

#[test]
fn a_move_in_a_full_pool_with_another_licence_and_more_gb() {
    under_every_switch(|world| {
        let id = with_ann(world);
        world.door.take_writes();
        move_to(world, id, ANN, Some("Research"));
        world.wish(id, |wish| {
            let ann = wish.user_mut(ANN);
            ann.licences[0].quota = crate::domain::Gb(60);
            ann.licences.push(licence("another", Desktop, 40));
        });
        world.run();
        world.assert_agreement();
    });
}

#[test]
fn a_transfer_that_failed_is_finished_later() {
    let refused = FaultKind::Status { code: 429, retry_after: None, html: false, committed: false };
    for fault in [refused, FaultKind::AnswerLost, FaultKind::CutBefore, FaultKind::LateCommit { ms: 20_000 }]
    {
        under_every_switch(|world| {
            let id = with_ann(world);
            world.door.take_writes();
            world.sim.add_fault(FaultRule::once("resource.Transfer", fault)).unwrap();
            move_to(world, id, ANN, Some("Research"));
            world.run();
            world.assert_agreement();
            let moved = |kind| world.sim.ledger().objects(kind).iter().map(|row| row.created).sum::<u32>();
            assert_eq!(moved(crate::sim::mozy::ObjectKind::User), 1);
        });
    }
}

const BUSY: FaultKind = FaultKind::Status { code: 429, retry_after: None, html: false, committed: false };

/// Also where the new group could do without: what failed is remembered, over a death as well.
#[test]
fn what_a_move_left_behind_follows_though_nobody_misses_it() {
    let stock = |world: &World, name: &str| {
        world.sim.with(|sim| {
            let group = sim.groups.values().find(|group| group.name == name).unwrap().id;
            LicenseType::ALL.map(|kind| sim.stock(group, kind).quota)
        })
    };
    let refused = |times| FaultRule { remaining: Some(times), ..FaultRule::once("resource.Transfer", BUSY) };
    under_every_switch(|world| {
        let id = with_ann(world);
        world.wish(id, |wish| {
            let mut ben = user_with("ben@acme.test", &[(Desktop, 25), (Server, 35)]);
            ben.group = Some(wish.group_id("Research"));
            wish.users.push(ben);
        });
        world.run();
        world.wish(id, |wish| wish.remove_user("ben@acme.test"));
        world.run();
        assert_eq!((stock(world, "Sales"), stock(world, "Research")), ([20, 30], [25, 35]));
        world.door.take_writes();
        world.sim.add_fault(refused(5)).unwrap();
        move_to(world, id, ANN, Some("Research"));
        (0..2).for_each(|_| drop(world.cycle(id)));
        assert_eq!((stock(world, "Sales"), stock(world, "Research")), ([20, 30], [25, 35]));
        world.sim.advance(chrono::TimeDelta::hours(30));
        world.run();
        world.assert_agreement();
        assert_eq!((stock(world, "Sales"), stock(world, "Research")), ([0, 0], [45, 65]));
        world.assert_still();
        // Back while the transfer still waits: nothing has to follow him.
        world.door.take_writes();
        world.sim.add_fault(refused(2)).unwrap();
        move_to(world, id, ANN, Some("Sales"));
        world.cycle(id);
        move_to(world, id, ANN, Some("Research"));
        world.run();
        assert_eq!((stock(world, "Sales"), stock(world, "Research")), ([0, 0], [45, 65]));
        world.assert_agreement();
        world.assert_still();
    });
}

#[test]
fn stock_left_behind_is_brought_where_it_is_needed() {
    under_every_switch(|world| {
        let id = with_ann(world);
        world.wish(id, |wish| wish.remove_user(ANN));
        world.wish(id, |wish| *wish.pool_mut(Desktop) = pool(1, 20));
        world.run();
        world.assert_agreement();
        world.door.take_writes();
        world.wish(id, |wish| {
            let mut ben = user_with("ben@acme.test", &[(Desktop, 20)]);
            ben.group = Some(wish.group_id("Research"));
            wish.users.push(ben);
        });
        world.run();
        world.assert_writes(&[
            "create user ben@acme.test in Research",
            "transfer Desktop 1+20 from Sales to Research",
            "assign Desktop 20 to ben@acme.test",
        ]);
        world.assert_agreement();
    });
}

/// Brings free stock of Acme's to a group that nobody told us of.
fn to_a_group_of_theirs(world: &World, id: SubscriptionId, keys: i64, gb: i64) {
    let subscription = world.desired(id).subscription;
    let (partner, home) = (subscription.partner.unwrap().0, subscription.home_group.unwrap().0);
    let theirs = parts([("partner_id", partner.into()), ("name", "Theirs".into())]);
    let theirs = panel(world, "user_group.Create", theirs);
    let transfer = parts([
        ("source_partner_id", partner.into()),
        ("source_user_group_id", home.into()),
        ("target_partner_id", partner.into()),
        ("target_user_group_id", theirs.into()),
        ("license_type", "Desktop".into()),
        ("licenses", keys.into()),
        ("quota", gb.into()),
    ]);
    panel(world, "resource.Transfer", transfer);
}

#[test]
fn stock_in_a_group_that_is_not_ours_stands_in_nobodys_way() {
    for (bought, reason) in [(unlimited(), Reason::AsExpected), (pool(3, 60), Reason::LicensesExceedPurchase)]
    {
        let world = &World::new(Default::default());
        let id = made(world, direct("Acme", 1000));
        to_a_group_of_theirs(world, id, 3, 50);
        world.wish(id, |wish| {
            *wish.pool_mut(Desktop) = bought;
            wish.users.push(user_with(ANN, &[(Desktop, 20)]));
        });
        world.run();
        world.assert_writes(&[
            "create user ann@acme.test in home",
            "assign Desktop 20 to ann@acme.test",
            "release Desktop 1+30 in home",
        ]);
        assert_eq!(world.finding(id, ConditionType::InSync).reason, reason, "{}", world.story());
        world.assert_still();
    }
}

#[test]
fn what_comes_home_comes_beside_what_is_bought_at_the_same_time() {
    under_every_switch(|world| {
        let id = with_ann(world);
        world.wish(id, |wish| wish.remove_user(ANN));
        world.run();
        world.door.take_writes();
        world.wish(id, |wish| {
            *wish.pool_mut(Desktop) = pool(6, 120);
            wish.group_mut("Sales").removed = true;
        });
        world.run();
        world.assert_writes(&[
            "provision Desktop 1+20 in home",
            "transfer Desktop 1+20 from Sales to home",
            "transfer Server 1+30 from Sales to home",
            "delete group Sales",
        ]);
        world.assert_agreement();
    });
}
