//! What is not ours is adopted on an explicit word only, and only what fits exactly one wish.

use super::make::*;
use super::mozy::*;
use super::world::{World, under_every_switch};
use crate::domain::LicenceKind::Desktop;
use crate::domain::observed::Observed;
use crate::domain::{Desired, SubscriptionId};
use crate::engine::{Candidate, candidates};
use crate::ports::report::Seen;
use crate::sim::mozy::{Switches, parts};

const ANN: &str = "ann@acme.test";

/// A customer in whose partner somebody else made a group, Ann and a key for her.
fn worked_in_by_hand() -> (World, SubscriptionId, i64, i64) {
    let world = World::new(Switches::default());
    let id = made(&world, direct("Acme", 1000));
    let partner = world.sim.partner_named("Acme").unwrap();
    let group = sales(&world);
    let ann =
        parts([("user_group_id", partner.default_group_id.into()), ("username", "Ann@acme.test".into())]);
    let ann = panel(&world, "user.Create", ann);
    let free = world.sim.with(|sim| {
        let mut keys = sim.licenses.values();
        keys.find(|key| key.is_free() && key.license_type.as_str() == "Desktop")
            .unwrap()
            .keystring
            .to_string()
    });
    let given =
        [("keystring", free.into()), ("assigned_email_address", ANN.into()), ("quota_desired", 7.into())];
    panel(&world, "resource.UpdateLicenses", parts(given));
    (world, id, group, ann)
}

fn sales(world: &World) -> i64 {
    let partner = world.sim.partner_named("Acme").unwrap().id;
    panel(world, "user_group.Create", parts([("partner_id", partner.into()), ("name", "Sales".into())]))
}

fn look(world: &World, id: SubscriptionId, wish: impl FnOnce(&mut Desired)) -> Vec<Candidate> {
    let Seen::Account(account) = world.cycle(id).seen else { panic!("there is no account") };
    let mut desired = world.desired(id);
    wish(&mut desired);
    candidates(&desired, &Observed::Present(account))
}

fn why(candidates: &[Candidate], kind: &str) -> String {
    let of_kind = candidates.iter().find(|one| one.unmanaged.kind == kind);
    of_kind.unwrap().fits.clone().unwrap_err()
}

#[test]
fn what_fits_one_wish_is_adopted_and_kept_as_wished_from_then_on() {
    let (mut world, id, theirs, ann) = worked_in_by_hand();
    world.rules.adopt = true;
    let report = world.cycle(id);
    assert_eq!(report.unmanaged.unwrap().len(), 3, "nobody wished for them yet");
    world.wish(id, |wish| {
        wish.groups.push(group("Sales"));
        wish.users.push(user_with(ANN, &[(Desktop, 20)]));
    });
    let report = world.cycle(id);
    assert_eq!(report.events.iter().filter(|(_, text)| text.starts_with("adopted ")).count(), 3);
    world.run();
    let desired = world.desired(id);
    assert_eq!(desired.groups[0].mozy_id.map(|id| id.0), Some(theirs));
    assert_eq!(desired.users[0].mozy_id.map(|id| id.0), Some(ann));
    assert_eq!(world.sim.licenses_of(ANN).len(), 1, "no second key");
    assert_eq!(world.sim.licenses_of(ANN)[0].quota_desired, Some(20));
    assert!(world.cycle(id).unmanaged.unwrap().is_empty());
}

#[test]
fn without_the_word_nothing_is_adopted() {
    let (world, id, _, ann) = worked_in_by_hand();
    world.wish(id, |wish| wish.users.push(user(ANN)));
    world.cycle(id);
    assert_eq!(world.desired(id).users[0].mozy_id, None);
    assert!(world.sim.user(ann).is_some());
    assert!(world.cycle(id).unmanaged.unwrap().iter().any(|one| one.kind == "user"));
}

/// A key that was ours once still carries our number.
#[test]
fn a_key_that_the_customer_gives_himself_is_not_taken_for_a_licence_that_is_ordered_later() {
    under_every_switch(|world| {
        let id = made(world, direct("Acme", 1000).with_user(user_with(ANN, &[(Desktop, 20)])));
        let key = key_of(&world.sim, ANN).keystring.to_string();
        let machine = activate(world, ANN)[0];
        world.wish(id, |wish| wish.user_mut(ANN).licences[0].removed = true);
        world.run();
        assert!(world.sim.with(|sim| !sim.machines.contains_key(&machine)));
        let given = [
            ("keystring", key.as_str().into()),
            ("assigned_email_address", ANN.into()),
            ("external_id", "1000".into()),
            ("quota_desired", 50.into()),
        ];
        panel(world, "resource.UpdateLicenses", parts(given));
        let machine = activate(world, ANN)[0];
        world.sim.advance(chrono::TimeDelta::seconds(100));
        world.run();
        assert!(world.cycle(id).unmanaged.unwrap().iter().any(|one| one.mozy_id == key));
        world.wish(id, |wish| wish.user_mut(ANN).licences.push(licence("later", Desktop, 10)));
        world.run();
        let quota = |machine: i64| world.sim.with(|sim| sim.machines.get(&machine).map(|one| one.quota));
        assert_eq!(quota(machine), Some(50));
        assert_ne!(key_of(&world.sim, ANN).keystring.to_string(), key, "he got another");
        world.wish(id, |wish| wish.user_mut(ANN).licences.iter_mut().for_each(|one| one.removed = true));
        world.run();
        assert_eq!(quota(machine), Some(50));
    });
}

#[test]
fn what_fits_none_or_several_is_refused_with_a_reason() {
    let (world, id, ..) = worked_in_by_hand();
    let none = look(&world, id, |_| {});
    assert!(
        ["group", "user", "licence"].iter().all(|kind| why(&none, kind).contains("make it in OSA first"))
    );
    let removed = look(&world, id, |wish| {
        let mut ann = user_with(ANN, &[(Desktop, 7)]);
        ann.removed = true;
        wish.users.push(ann);
    });
    assert!(why(&removed, "user").contains("make it in OSA first"), "a tombstone takes nothing along");
    let several = look(&world, id, |wish| wish.users.push(user_with(ANN, &[(Desktop, 7), (Desktop, 8)])));
    assert!(why(&several, "licence").contains("2 wishes"), "{several:?}");
    sales(&world);
    let twins = look(&world, id, |wish| wish.groups.push(group("Sales")));
    assert!(why(&twins, "group").contains("2 groups at Mozy are called Sales"), "{twins:?}");
}
