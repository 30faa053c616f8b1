//! Killed around any step, or failed by the database: afterwards all is as wished, and nothing was made or deleted twice
//! (design, rules 6 and 7).
//!
//! One workload covers the kinds of step. It runs once unharmed as the reference, then once per kind and point. A cell that
//! fails names itself; `cargo nextest run engine::tests::kills` repeats it.

use super::base::Lapse;
use super::killer::Point;
use super::make::*;
use super::mozy::activate;
use super::world::World;
use crate::domain::Gb;
use crate::domain::LicenceKind::{Desktop, Server};
use crate::sim::mozy::{ObjectKind, Switches};

const ANN: &str = "ann@acme.test";
const BOB: &str = "bob@acme.test";

/// Kinds of step that the workload makes.
const KINDS: &[&str] = &[
    "create_partner",
    "provision",
    "create_group",
    "create_user",
    "assign_key",
    "transfer",
    "resize_key",
    "resize_machine",
    "update_user",
    "readdress_key",
    "move_user",
    "suspend_user",
    "resume_user",
    "rename_group",
    "clear_key",
    "delete_machine",
    "delete_user",
    "delete_group",
    "release",
    "update_partner",
    "set_user_sync",
    "suspend_account",
    "resume_account",
    "delete_partner",
];

/// A customer's life, wish by wish; `wished` is called when each wish is to be made true.
fn live(world: &World, wished: impl Fn(&World)) {
    let id = world.order(direct("Acme", 1000).with_group(group("Sales")));
    wished(world);
    world.wish(id, |wish| {
        wish.users.push(user_with(ANN, &[(Desktop, 20), (Server, 30)]));
        wish.users.push(user_with(BOB, &[(Desktop, 10), (Desktop, 5)]));
    });
    wished(world);
    let sales = world.desired(id).group_id("Sales");
    world.wish(id, |wish| {
        wish.user_mut(BOB).group = Some(sales);
        wish.user_mut(ANN).licences[0].quota = Gb(25);
        wish.group_mut("Sales").name = "Marketing".into();
    });
    wished(world);
    activate(world, ANN);
    world.wish(id, |wish| {
        wish.user_mut(ANN).licences[1].quota = Gb(40);
        wish.user_mut(ANN).display_name = "Ann Other".into();
        wish.user_mut(BOB).suspended = true;
        wish.user_mut(BOB).licences[0].removed = true;
        wish.switch_sync(true);
    });
    wished(world);
    world.wish(id, |wish| {
        wish.user_mut(ANN).sync = true;
        wish.user_mut(ANN).licences[1].removed = true;
        wish.user_mut(BOB).login = "robert@acme.test".into();
    });
    wished(world);
    world.wish(id, |wish| {
        wish.remove_user("robert@acme.test");
        *wish.pool_mut(Desktop) = pool(3, 60);
        *wish.pool_mut(Server) = pool(6, 50);
        wish.subscription.suspended = true;
    });
    wished(world);
    world.wish(id, |wish| {
        wish.group_mut("Marketing").removed = true;
        wish.subscription.suspended = false;
    });
    wished(world);
    world.assert_agreement();
    world.assert_still();
    world.wish(id, |wish| wish.subscription.removed = true);
    wished(world);
}

/// What was made and deleted, how often; and what was provisioned less what was released, of each kind.
#[derive(Debug, PartialEq)]
struct Books {
    objects: Vec<(String, u32, u32)>,
    stock: Vec<[i64; 2]>,
}

fn books(world: &World) -> Books {
    let ledger = world.sim.ledger();
    let kinds = [ObjectKind::Partner, ObjectKind::Group, ObjectKind::User, ObjectKind::Machine];
    let objects = kinds.into_iter().flat_map(|kind| ledger.objects(kind));
    let rows = serde_json::to_value(&ledger).unwrap()["stock"].as_array().unwrap().clone();
    let net = |kind: &str| {
        let of_kind = rows.iter().filter(|row| row["license_type"] == kind);
        of_kind.fold([0, 0], |[keys, gb], row| {
            let by = |what: &str| row[what].as_i64().unwrap();
            let keys = keys + by("licenses_provisioned") - by("licenses_released");
            [keys, gb + by("quota_provisioned") - by("quota_released")]
        })
    };
    Books {
        objects: objects.map(|row| (row.name, row.created, row.deleted)).collect(),
        stock: ["Desktop", "Server"].map(net).to_vec(),
    }
}

fn reference() -> Books {
    let world = World::new(Switches::default());
    live(&world, World::run);
    books(&world)
}

#[test]
fn killed_at_any_point_around_any_kind_of_step() {
    let unharmed = reference();
    for kind in KINDS {
        for point in Point::ALL {
            let world = World::new(Switches::default());
            world.base.killer.aim(kind, 0, point);
            let cell = std::panic::AssertUnwindSafe(|| live(&world, World::run));
            let lived = std::panic::catch_unwind(cell);
            assert!(lived.is_ok(), "killed at {point:?} of {kind}");
            assert!(!world.base.killer.is_pending(), "{kind} never came to {point:?}");
            assert_eq!(books(&world), unharmed, "killed at {point:?} of {kind}");
            world.base.killer.stand_down();
        }
    }
}

#[test]
fn a_database_that_fails_at_any_write_of_the_ledger() {
    let unharmed = reference();
    for lapse in [Lapse::LeaseLost, Lapse::AnswerLost, Lapse::Down] {
        for place in ["intend", "settle"] {
            for nth in 0..24 {
                let world = World::new(Switches::default());
                world.base.lock().lapse = Some((place, nth, lapse));
                let cell = std::panic::AssertUnwindSafe(|| live(&world, World::run));
                assert!(std::panic::catch_unwind(cell).is_ok(), "{lapse:?} at {place} {nth}");
                assert_eq!(books(&world), unharmed, "{lapse:?} at {place} {nth}");
            }
        }
    }
}

#[test]
fn a_name_that_mozy_cuts_short_flaps_and_is_left_alone() {
    use crate::domain::ConditionType;
    use crate::plan::Call;
    let world = World::new(Switches::default());
    let id = world.order(direct("Acme", 1000).with_user(user_with(ANN, &[(Desktop, 20)])));
    world.run();
    world.door.bend(|call| match call {
        Call::UpdateUser { id, login, .. } => {
            Some(Call::UpdateUser { id: *id, login: login.clone(), full_name: Some("A long".into()) })
        }
        _ => None,
    });
    world.wish(id, |wish| wish.user_mut(ANN).display_name = "A long name".into());
    world.run();
    world.door.take_writes();
    world.assert_still();
    let flap = world.finding(id, ConditionType::Flapping);
    assert!(flap.status, "{flap:?}");
    assert!(flap.message.contains("A long") && flap.message.contains("A long name"), "{flap:?}");
    world.door.unbend();
}
