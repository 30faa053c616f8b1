//! Stories: something is made in peace, and then changed while trouble is about. Together they make every kind of step.

use super::super::make::*;
use super::super::mozy::{activate, key_of, panel, update, user_id};
use super::super::switches::mixed;
use super::super::world::World;
use crate::domain::LicenceKind::{Desktop, Server};
use crate::domain::{Gb, SubscriptionId};
use crate::sim::mozy::{Switches, Value, parts};
use std::collections::BTreeMap;

const ANN: &str = "ann@acme.test";
const BEN: &str = "ben@acme.test";
const CY: &str = "cy@acme.test";

/// A story: made in peace, then changed.
pub struct Story {
    pub name: &'static str,
    peace: fn(&World) -> Vec<SubscriptionId>,
    change: fn(&World, &[SubscriptionId]),
}

pub const STORIES: &[Story] = &[
    Story { name: "order", peace: nothing, change: order },
    Story { name: "people", peace: acme, change: people },
    Story { name: "amounts", peace: acme, change: amounts },
    Story { name: "sync", peace: acme, change: sync_on },
    Story { name: "less", peace: synced, change: less },
    Story { name: "panel", peace: acme, change: panel_work },
    Story { name: "end", peace: acme, change: end },
    Story { name: "back", peace: suspended, change: back },
    Story { name: "customer", peace: shop, change: customer_order },
    Story { name: "customer_end", peace: shop_with_customer, change: customer_end },
];

pub fn find(name: &str) -> &'static Story {
    STORIES.iter().find(|story| story.name == name).unwrap()
}

/// Switches of a seed; the first has the defaults.
pub fn switches(seed: u64) -> Switches {
    if seed == 1 { Switches::default() } else { mixed(seed) }
}

impl Story {
    /// The world in peace, about to be changed.
    pub fn begin(&self, seed: u64) -> (World, Vec<SubscriptionId>) {
        let world = World::new(switches(seed));
        let ids = (self.peace)(&world);
        world.run();
        world.sim.advance(chrono::TimeDelta::minutes(2));
        world.door.take_writes();
        (world, ids)
    }

    /// The wishes of the change; nothing is done yet.
    pub fn go_on(&self, world: &World, ids: &[SubscriptionId]) {
        (self.change)(world, ids);
    }
}

/// Which kinds of steps each story makes without trouble, and how often.
pub fn kinds(seed: u64) -> Vec<(&'static str, BTreeMap<&'static str, usize>)> {
    let count = |story: &'static Story| {
        let (world, ids) = story.begin(seed);
        let before = steps(&world);
        story.go_on(&world, &ids);
        world.run();
        let mut kinds = steps(&world);
        for (kind, times) in before {
            *kinds.get_mut(kind).unwrap() -= times;
        }
        kinds.retain(|_, times| *times > 0);
        (story.name, kinds)
    };
    STORIES.iter().map(count).collect()
}

fn steps(world: &World) -> BTreeMap<&'static str, usize> {
    let tables = world.base.lock();
    let mut kinds = BTreeMap::new();
    for entry in tables.rows.values().flat_map(|row| &row.entries) {
        *kinds.entry(entry.step.action.kind()).or_default() += 1;
    }
    kinds
}

fn nothing(_: &World) -> Vec<SubscriptionId> {
    Vec::new()
}

fn order(world: &World, _: &[SubscriptionId]) {
    let mut wish = direct("Acme", 1000).with_group(group("Sales"));
    let mut ann = user_with(ANN, &[(Desktop, 20), (Server, 30)]);
    ann.group = Some(wish.group_id("Sales"));
    let mut ben = user_with(BEN, &[(Desktop, 20)]);
    ben.suspended = true;
    wish.users = vec![ann, ben];
    world.order(wish);
}

/// Ann in Sales with reserved keys, Ben at home with used ones, Cy at home, suspended.
fn acme(world: &World) -> Vec<SubscriptionId> {
    let mut wish = direct("Acme", 1000).with_group(group("Sales")).with_group(group("Research"));
    let mut ann = user_with(ANN, &[(Desktop, 20), (Server, 30)]);
    ann.group = Some(wish.group_id("Sales"));
    let mut cy = user_with(CY, &[(Server, 5)]);
    cy.suspended = true;
    wish.users = vec![ann, user_with(BEN, &[(Desktop, 20), (Server, 10)]), cy];
    let id = world.order(wish);
    world.run();
    world.sim.advance(chrono::TimeDelta::seconds(5));
    activate(world, BEN);
    vec![id]
}

fn people(world: &World, ids: &[SubscriptionId]) {
    world.wish(ids[0], |wish| {
        wish.subscription.company = "Acme Ltd".into();
        wish.group_mut("Research").name = "Science".into();
        wish.user_mut(ANN).group = Some(wish.group_id("Science"));
        wish.group_mut("Sales").removed = true;
        wish.user_mut(BEN).suspended = true;
        wish.user_mut(BEN).display_name = "Benjamin".into();
        wish.user_mut(CY).suspended = false;
        wish.user_mut(CY).login = "cyril@acme.test".into();
    });
}

fn amounts(world: &World, ids: &[SubscriptionId]) {
    world.wish(ids[0], |wish| {
        *wish.pool_mut(Desktop) = pool(7, 90);
        *wish.pool_mut(Server) = pool(3, 150);
        wish.user_mut(ANN).licences[0].quota = Gb(40);
        wish.user_mut(ANN).licences[1].removed = true;
        wish.user_mut(BEN).licences[0].quota = Gb(10);
        wish.user_mut(BEN).licences[1].removed = true;
        wish.user_mut(CY).licences.push(licence("another", Desktop, 15));
        wish.remove_user(CY);
        wish.users.push(user_with("di@acme.test", &[(Server, 100)]));
    });
}

/// What goes back: a suspended group, another default group, another number, and a key in another group.
fn panel_work(world: &World, _: &[SubscriptionId]) {
    let partner = world.sim.partner_named("Acme").unwrap();
    let groups = world.sim.groups_of(partner.id);
    let research = groups.into_iter().find(|group| group.name == "Research").unwrap().id;
    update(world, "user_group.Update", research, "details", Value::details([("status", "suspended")]));
    update(world, "user.Update", user_id(world, ANN), "external_id", "x".into());
    let key = key_of(&world.sim, ANN).keystring.to_string();
    let moved = parts([("keystring", key.into()), ("user_group_id", partner.default_group_id.into())]);
    panel(world, "resource.UpdateLicenses", moved);
    update(world, "user_group.Update", research, "default_for_partner", true.into());
    // It shows also where reads lag: nobody waits for what others do.
    world.sim.advance(chrono::TimeDelta::minutes(1));
}

fn sync_on(world: &World, ids: &[SubscriptionId]) {
    world.wish(ids[0], |wish| {
        wish.switch_sync(true);
        wish.subscription.bought.sync_default_quota = Some(Gb(8));
        wish.user_mut(ANN).sync = true;
        wish.user_mut(BEN).sync = true;
        wish.user_mut(BEN).sync_quota = Some(Gb(12));
    });
}

fn synced(world: &World) -> Vec<SubscriptionId> {
    let ids = acme(world);
    sync_on(world, &ids);
    ids
}

fn less(world: &World, ids: &[SubscriptionId]) {
    world.wish(ids[0], |wish| {
        wish.switch_sync(false);
        wish.remove_user(BEN);
        *wish.pool_mut(Desktop) = unlimited();
        wish.user_mut(ANN).group = None;
    });
}

fn end(world: &World, ids: &[SubscriptionId]) {
    world.wish(ids[0], |wish| wish.subscription.removed = true);
}

fn suspended(world: &World) -> Vec<SubscriptionId> {
    let ids = acme(world);
    synced_and_off(world, &ids);
    world.wish(ids[0], |wish| wish.subscription.suspended = true);
    ids
}

/// Groups that were switched off say so from then on.
fn synced_and_off(world: &World, ids: &[SubscriptionId]) {
    for on in [true, false] {
        world.wish(ids[0], |wish| wish.switch_sync(on));
        world.run();
    }
}

fn back(world: &World, ids: &[SubscriptionId]) {
    world.wish(ids[0], |wish| {
        wish.subscription.suspended = false;
        wish.switch_sync(true);
    });
    let mut other = direct("Beta", 1001);
    other.subscription.suspended = true;
    world.order(other);
}

fn shop(world: &World) -> Vec<SubscriptionId> {
    vec![world.order(reseller("Resell", 1000))]
}

fn customer_order(world: &World, ids: &[SubscriptionId]) {
    let mut wish = customer("Cust", 2000, ids[0]).with_user(user_with(ANN, &[(Desktop, 20)]));
    wish.subscription.sync = true;
    wish.user_mut(ANN).sync = true;
    wish.subscription.suspended = true;
    world.order(wish);
}

fn shop_with_customer(world: &World) -> Vec<SubscriptionId> {
    let mut ids = shop(world);
    let wish = customer("Cust", 2000, ids[0]).with_user(user_with(ANN, &[(Desktop, 20), (Server, 30)]));
    ids.push(world.order(wish));
    world.run();
    world.sim.advance(chrono::TimeDelta::seconds(5));
    activate(world, ANN);
    ids
}

fn customer_end(world: &World, ids: &[SubscriptionId]) {
    world.wish(ids[0], |wish| wish.subscription.removed = true);
    world.wish(ids[1], |wish| wish.subscription.removed = true);
}
