//! What OSA's screens are owed is marked with the change itself, once, and struck off only when nothing came after.

use std::collections::BTreeSet;
use std::time::Duration;

use mozyd::domain::*;
use mozyd::ports::CycleReport;
use mozyd::ports::report::Seen;

use super::record::{account, bound, saw};
use super::world::*;

async fn owed(world: &World) -> BTreeSet<(&'static str, Thing)> {
    let due = world.store.due_pushes(INSTANCE, 100, Duration::ZERO).await.unwrap();
    due.into_iter().map(|push| (push.service, push.thing)).collect()
}

/// Strikes off everything.
async fn push_all(world: &World) {
    for push in world.store.due_pushes(INSTANCE, 100, HOUR).await.unwrap() {
        assert_eq!((push.instance, push.subscription), (INSTANCE, TENANT));
        world.store.push_done(push.thing, push.owed_at).await.unwrap();
    }
    assert_eq!(world.one("SELECT count(*) FROM pushes").await, "0");
}

const TENANT_OWED: (&str, Thing) = ("mozyProAccount", Thing::Tenant(TENANT));
const ALICE_OWED: (&str, Thing) = ("mozyProAccountUser", Thing::User(ALICE));
const KEY_OWED: (&str, Thing) = ("mozyProAccountUserLicense", Thing::Licence(KEY));

#[tokio::test]
async fn new_ids_and_numbers_are_owed() {
    let world = bound().await;
    assert_eq!(owed(&world).await, BTreeSet::from([TENANT_OWED, ALICE_OWED, KEY_OWED]));
    push_all(&world).await;
    world.cycle(|report| saw(report, 1000)).await;
    assert!(owed(&world).await.is_empty(), "nothing changed");
    world.store.refresh(TENANT).await.unwrap();
    assert_eq!(owed(&world).await, BTreeSet::from([TENANT_OWED]), "somebody asks for them");
    push_all(&world).await;
    // More bytes: the licence, its user, and the tenant whose numbers they are.
    world.cycle(|report| saw(report, 2000)).await;
    assert_eq!(owed(&world).await, BTreeSet::from([TENANT_OWED, ALICE_OWED, KEY_OWED]));
}

#[tokio::test]
async fn only_what_a_screen_shows_of_a_thing_is_owed() {
    let world = bound().await;
    push_all(&world).await;
    let see = |change: &dyn Fn(&mut Account)| {
        let mut seen = account(1000);
        change(&mut seen);
        move |report: &mut CycleReport| report.seen = Seen::Account(Box::new(seen))
    };
    world.cycle(see(&|seen| seen.groups[0].group.name = "renamed".into())).await;
    assert!(owed(&world).await.is_empty(), "the default group has no screen of its own");
    world.cycle(see(&|seen| seen.groups[0].users[0].full_name = "A".into())).await;
    assert_eq!(owed(&world).await, BTreeSet::from([ALICE_OWED]));
    push_all(&world).await;
    world.cycle(see(&|seen| seen.partner.status = Some(partner::Status::Suspended))).await;
    assert_eq!(owed(&world).await, BTreeSet::from([TENANT_OWED, ALICE_OWED]), "and Alice's name is back");
}

#[tokio::test]
async fn a_push_that_was_overtaken_is_still_owed() {
    let world = bound().await;
    let taken = world.store.due_pushes(INSTANCE, 100, HOUR).await.unwrap();
    assert!(world.store.due_pushes(INSTANCE, 100, HOUR).await.unwrap().is_empty(), "another daemon is at it");
    world.cycle(|report| saw(report, 3000)).await;
    for push in &taken {
        world.store.push_done(push.thing, push.owed_at).await.unwrap();
    }
    assert_eq!(owed(&world).await, BTreeSet::from([TENANT_OWED, ALICE_OWED, KEY_OWED]));
}

#[tokio::test]
async fn a_push_that_failed_is_put_off_and_counted() {
    let world = bound().await;
    world.store.push_failed(TENANT_OWED.1, HOUR).await.unwrap();
    assert!(!owed(&world).await.contains(&TENANT_OWED));
    world.store.push_failed(TENANT_OWED.1, Duration::ZERO).await.unwrap();
    let due = world.store.due_pushes(INSTANCE, 100, HOUR).await.unwrap();
    let tenant = due.iter().find(|push| push.thing == TENANT_OWED.1).unwrap();
    assert_eq!(tenant.attempts, 2);
    assert_eq!(world.store.gauges().await.unwrap().pushes_owed, 3);
}

#[tokio::test]
async fn each_instance_is_pushed_to_by_itself() {
    let world = bound().await;
    let other = InstanceId(uuid::Uuid::from_u128(0xB));
    assert_eq!(world.store.instances_owed().await.unwrap(), [INSTANCE]);
    assert!(
        world.store.due_pushes(other, 100, HOUR).await.unwrap().is_empty(),
        "its marks are not taken for others"
    );
    assert_eq!(world.store.due_pushes(INSTANCE, 2, HOUR).await.unwrap().len(), 2);
    assert_eq!(world.store.instances_owed().await.unwrap(), [INSTANCE], "one is left");
    assert_eq!(world.store.due_pushes(INSTANCE, 2, HOUR).await.unwrap().len(), 1);
    assert!(world.store.instances_owed().await.unwrap().is_empty(), "all are being pushed");
}

#[tokio::test]
async fn what_is_gone_is_owed_nothing() {
    let world = bound().await;
    world.desk_remove_alice().await;
    assert_eq!(owed(&world).await, BTreeSet::from([TENANT_OWED]));
}

impl World {
    async fn desk_remove_alice(&self) {
        use mozyd::ports::desk::Desk;
        self.desk.remove_user(&ask(), ALICE).await.unwrap();
        self.agree().await;
    }
}
