//! Random wishes end in agreement, whatever Mozy is like: exact pools, the simulator in health, nothing made or deleted
//! twice, nothing left open. `PROPTEST_CASES=5000 cargo test --lib engine::tests::random` runs it for longer.

use super::make::{direct, group, pool, user_with};
use super::switches::mixed;
use super::wishes::{Wish, make, wish};
use super::world::World;
use crate::domain::LicenceKind::{Desktop, Server};
use crate::domain::SubscriptionId;
use crate::ports::CycleResult;
use crate::sim::mozy::{ObjectKind, Switches};
use proptest::prelude::*;

fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(40)
}

fn acme(world: &World) -> SubscriptionId {
    let mut wish = direct("Acme", 1000).with_group(group("Sales")).with_group(group("Research"));
    *wish.pool_mut(Desktop) = pool(6, 150);
    *wish.pool_mut(Server) = pool(4, 100);
    for (login, home) in
        [("ann@acme.test", None), ("ben@acme.test", Some("Sales")), ("cy@acme.test", Some("Research"))]
    {
        let group = home.map(|name| wish.group_id(name));
        let user = user_with(login, &[(Desktop, 20), (Server, 10)]);
        wish.users.push(crate::domain::user::User { group, ..user });
    }
    let id = world.order(wish);
    world.run();
    // What was done so lately that a read may not show it is not built upon.
    world.sim.advance(chrono::TimeDelta::minutes(2));
    id
}

fn assert_nothing_twice(world: &World) {
    let ledger = world.sim.ledger();
    for kind in [ObjectKind::Partner, ObjectKind::Group, ObjectKind::User, ObjectKind::Admin] {
        for row in ledger.objects(kind) {
            assert!(row.created <= 1 && row.deleted <= 1, "{row:?}\n{}", world.story());
        }
    }
}

fn assert_end(world: &World) {
    world.run();
    world.assert_agreement();
    world.assert_still();
    assert_nothing_twice(world);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn wishes_come_true(wishes in proptest::collection::vec(wish(), 4..30), seed in 0..200_u64) {
        let world = World::new(if seed < 100 { Switches::default() } else { mixed(seed) });
        let id = acme(&world);
        wishes.iter().for_each(|wish| make(&world, id, wish));
        assert_end(&world);
    }

    /// Without a fault and without others, what is planned is done within one cycle of three passes, and the next one
    /// finds agreement. (What machines leave behind, and what Mozy gives a synced user first, shows after the first pass.)
    #[test]
    fn in_a_faultless_world_one_cycle_is_enough(wishes in proptest::collection::vec(wish(), 4..30)) {
        let world = World::new(Switches::default());
        let id = acme(&world);
        wishes.iter().filter(|wish| !matches!(wish, Wish::Run)).for_each(|wish| make(&world, id, wish));
        world.cycle(id);
        let report = world.cycle(id);
        prop_assert!(report.steps.is_empty(), "{:?}\n{}", report.steps, world.story());
        let agrees = [CycleResult::Agreed, CycleResult::Waiting].contains(&report.result);
        prop_assert!(agrees, "{:?}", report.result);
        world.assert_agreement();
    }
}
