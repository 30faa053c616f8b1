//! What Mozy may do to us that is no fault of one call: old reads, other pickers, fields that are capped or ignored, and
//! storms of everything at once.

use super::super::make::*;
use super::super::mozy::made;
use super::super::world::{INTERVAL, World};
use super::{end, line, stories};
use crate::domain::LicenceKind::{Desktop, Server};
use crate::domain::{ConditionType, Gb};
use crate::plan::Call;
use crate::sim::mozy::switches::ReadYourWrites;
use crate::sim::mozy::{FaultKind, FaultRule, License, Switches};
use std::collections::BTreeSet;

const ANN: &str = "ann@acme.test";

/// Every story, told where reads lag by this much, ends as where they do not.
#[test]
fn old_reads_change_nothing() {
    for lag in [300, 7_000, 45_000] {
        for story in stories::STORIES {
            let lags = Switches { read_your_writes: ReadYourWrites::AfterMs(lag), ..Switches::default() };
            let tell = |switches: Switches| {
                let (world, ids) = story.begin(1);
                world.sim.set_switches(switches);
                story.go_on(&world, &ids);
                world.run();
                world.assert_agreement();
                end::of(&world)
            };
            assert_eq!(tell(lags), tell(Switches::default()), "{} with {lag} ms", story.name);
        }
    }
}

/// How many keys are reserved for somebody elsewhere.
fn of_others(world: &World) -> usize {
    let is_ours = |email: &String| email.ends_with("@acme.test");
    let theirs = |key: &&License| key.email.as_ref().is_some_and(|email| !is_ours(email));
    world.sim.with(|sim| sim.licenses.values().filter(theirs).count())
}

fn while_others_pick(operation: &str, times: u32) -> World {
    let world = World::new(Switches::default());
    let id = made(&world, direct("Acme", 1000));
    let rule = FaultRule::once(operation, FaultKind::KeyTaken);
    world.sim.add_fault(FaultRule { remaining: Some(times), ..rule }).unwrap();
    world.wish(id, |wish| wish.users.push(user_with(ANN, &[(Desktop, 20), (Server, 30)])));
    world.run();
    assert_eq!(world.sim.faults()[0].remaining, Some(0), "{operation} was not struck {times} times");
    world.assert_agreement();
    world.assert_still();
    world
}

/// After the look at everything, and after the list of free keys.
#[test]
fn a_key_that_another_takes_in_between_is_not_taken_from_him() {
    for times in 1..=2 {
        let world = while_others_pick("resource.GetLicenses", times);
        assert_eq!(of_others(&world), times as usize);
    }
}

/// Between the last look at a key and the write nobody can see it: Mozy overwrites a reserved key silently.
#[test]
fn a_key_that_another_takes_in_the_last_moment_is_ours() {
    for times in 1..=2 {
        assert_eq!(of_others(&while_others_pick("resource.UpdateLicenses", times)), 0);
    }
}

/// A field that is ignored is written twice, named with both values, and then left alone.
#[test]
fn an_ignored_field_is_named_and_left_alone() {
    flaps(
        |call| match call {
            Call::UpdateUser { .. } => None,
            other => Some(other.clone()),
        },
        "full name is ann, wanted Ann Smith",
    );
    flaps(
        |call| match call {
            Call::ResizeKey { key, .. } => Some(Call::ResizeKey { key: key.clone(), quota: Gb(25) }),
            other => Some(other.clone()),
        },
        "quota is 25 GB, wanted 60 GB",
    );
    flaps(
        |call| match call {
            Call::Provision(change) => {
                Some(Call::Provision(crate::plan::call::PoolChange { licences: 0, ..change.clone() }))
            }
            other => Some(other.clone()),
        },
        "wanted 9 licences",
    );
}

fn flaps(bend: impl Fn(&Call) -> Option<Call> + Send + 'static, words: &str) {
    let world = World::new(Switches::default());
    let id = made(&world, direct("Acme", 1000).with_user(user_with(ANN, &[(Desktop, 20)])));
    world.door.bend(bend);
    world.wish(id, |wish| {
        wish.user_mut(ANN).display_name = "Ann Smith".into();
        wish.user_mut(ANN).licences[0].quota = Gb(60);
        wish.pool_mut(Server).licences = crate::domain::Amount::Limit(9);
    });
    world.run();
    let writes = world.door.take_writes();
    assert!(writes.len() <= 4, "{writes:?}");
    for _ in 0..10 {
        world.sim.advance(INTERVAL);
        world.cycle(id);
    }
    assert_eq!(world.door.take_writes(), Vec::<String>::new());
    let finding = world.finding(id, ConditionType::Flapping);
    assert!(finding.status && finding.message.contains(words), "{finding:?}");
    assert!(!world.finding(id, ConditionType::InSync).status);
    // Mozy comes to its senses, and after the pause all is well.
    world.door.unbend();
    world.sim.advance(chrono::TimeDelta::hours(25));
    world.run();
    world.assert_agreement();
    assert!(!world.finding(id, ConditionType::Flapping).status);
}

/// Everything at once, on reads and writes alike, as long as it lasts. Some of it strikes in every story, and all of it
/// somewhere.
fn storm(seed: u64) {
    let mut all = BTreeSet::new();
    for (chapter, story) in stories::STORIES.iter().enumerate() {
        let calm = {
            let (world, ids) = story.begin(seed);
            story.go_on(&world, &ids);
            world.run();
            end::of(&world)
        };
        let (world, ids) = story.begin(seed);
        for (nth, (_, fault)) in line::FAULTS.iter().enumerate() {
            let seed = seed * 1_000 + (chapter * line::FAULTS.len() + nth) as u64;
            let rule = FaultRule {
                operation: None,
                kind: *fault,
                probability: 0.01,
                remaining: Some(u32::MAX),
                seed,
            };
            world.sim.add_fault(rule).unwrap();
        }
        story.go_on(&world, &ids);
        for _ in 0..40 {
            world.ids().into_iter().for_each(|id| drop(world.cycle(id)));
            world.sim.advance(chrono::TimeDelta::seconds(20));
        }
        let rules = world.sim.faults();
        let struck: Vec<usize> =
            (0..rules.len()).filter(|nth| rules[*nth].remaining < Some(u32::MAX)).collect();
        assert!(!struck.is_empty(), "there was no storm in {}", story.name);
        all.extend(struck);
        world.sim.clear_faults();
        world.run();
        world.assert_agreement();
        let end = end::of(&world);
        let again = "MOZYD_SEEDS cargo test --lib engine::tests::faults::lies::storms -- --ignored";
        assert_eq!(end, calm, "{} with seed {seed}: {again}", story.name);
    }
    let calm: Vec<_> = line::FAULTS.iter().enumerate().filter(|(nth, _)| !all.contains(nth)).collect();
    assert!(calm.is_empty(), "these never struck: {calm:?}");
}

#[test]
fn a_storm_changes_nothing() {
    storm(1);
    storm(2);
}

/// `MOZYD_SEEDS=100 cargo test --lib engine::tests::faults::lies::storms -- --ignored`
#[test]
#[ignore = "takes minutes"]
fn storms() {
    let seeds = std::env::var("MOZYD_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(20);
    (1..=seeds).for_each(storm);
}
