//! Accounts: ordered, made with their pools, refused for an address, upgraded, suspended, removed.

use super::make::*;
use super::world::{World, under_every_switch};
use crate::domain::{ConditionType, Reason};

const ACME: &[&str] = &[
    "create partner Acme of admin@acme.test",
    "provision Desktop 5+100 in home",
    "provision Server 5+100 in home",
];

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
