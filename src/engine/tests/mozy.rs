//! What happens at Mozy without us: clients activate keys, and people work in its own control panel.

use super::world::World;
use crate::domain::{Desired, SubscriptionId};
use crate::sim::mozy::{Activation, License, LicenseType, MozySim, Parts, Value, parts};
use chrono::TimeDelta;

/// What happened so long ago shows also where reads lag.
const LATER: TimeDelta = TimeDelta::seconds(5);

/// An order that is done; its writes are forgotten.
pub fn made(world: &World, desired: Desired) -> SubscriptionId {
    let id = world.order(desired);
    world.run();
    world.assert_agreement();
    world.door.take_writes();
    id
}

/// The partner above our root partner: Mozy itself.
pub fn house(world: &World) -> i64 {
    world.sim.partner(world.sim.root_partner_id()).unwrap().parent_id.unwrap()
}

/// A partner that somebody else made.
pub fn foreign_partner(world: &World, parent: i64, name: &str, admin: &str) -> i64 {
    let made = parts([
        ("parent_partner_id", parent.into()),
        ("name", name.into()),
        ("root_admin_username", admin.into()),
    ]);
    panel(world, "partner.Create", made)
}

/// By hand in the control panel; gives the id of what was made.
pub fn panel(world: &World, operation: &str, parts: Parts) -> i64 {
    let made = world.sim.panel(operation, parts).unwrap().int().unwrap_or_default();
    world.sim.advance(LATER);
    made
}

/// One part of an update by id.
pub fn update(world: &World, operation: &str, id: i64, part: &'static str, value: Value) {
    panel(world, operation, parts([("id", id.into()), (part, value)]));
}

pub fn user_id(world: &World, login: &str) -> i64 {
    world.sim.user_named(login).unwrap().id
}

/// The Desktop key that is reserved for an address, the first of several.
pub fn key_of(sim: &MozySim, login: &str) -> License {
    let mut keys = sim.licenses_of(login).into_iter();
    keys.find(|key| key.machine_id.is_none() && key.license_type == LicenseType::Desktop).unwrap()
}

/// Every reserved key of a user is activated; gives the machines.
pub fn activate(world: &World, login: &str) -> Vec<i64> {
    let machines = activate_at(&world.sim, login);
    world.sim.advance(LATER);
    machines
}

pub fn activate_at(sim: &MozySim, login: &str) -> Vec<i64> {
    let keys = sim.licenses_of(login).into_iter().filter(|key| key.machine_id.is_none());
    let activate = |key: License| {
        let keystring = key.keystring.to_string();
        sim.activate(Activation { keystring, ..Activation::default() }).unwrap()
    };
    keys.map(activate).collect()
}
