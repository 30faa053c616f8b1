//! Time: stale reads, late commits, and writes that show only after a while.

use chrono::TimeDelta;

use super::{Cause, Rig, parts};
use crate::sim::mozy::{FaultKind, FaultRule, Outcome, switches::ReadYourWrites};

fn get(rig: &Rig, id: i64) -> Result<(), Cause> {
    let answer = rig.sim.call(&rig.key, "partner.Get", parts([("id", id.into())]));
    answer.map(drop).map_err(|fault| fault.cause)
}

#[test]
fn a_write_is_read_at_once_or_after_a_while() {
    let rig = Rig::new();
    let first = rig.partner("first");
    assert_eq!(get(&rig, first), Ok(()));
    rig.switch(|all| all.read_your_writes = ReadYourWrites::AfterMs(200));
    assert_eq!(get(&rig, first), Ok(()), "what was there before is seen");
    let second = rig.partner("second");
    assert_eq!(get(&rig, second), Err(Cause::NotFound));
    rig.sim.advance(TimeDelta::milliseconds(199));
    assert_eq!(get(&rig, second), Err(Cause::NotFound));
    rig.sim.advance(TimeDelta::milliseconds(1));
    assert_eq!(get(&rig, second), Ok(()));
    rig.ok("partner.Delete", [("id", second.into())]);
    assert_eq!(get(&rig, second), Ok(()), "a deletion shows late too");
    rig.switch(|all| all.read_your_writes = ReadYourWrites::AtOnce);
    assert_eq!(get(&rig, second), Err(Cause::NotFound));
}

#[test]
fn the_lagging_copy_ends_the_same() {
    let rig = Rig::with(|all| all.read_your_writes = ReadYourWrites::AfterMs(50));
    let group = rig.default_group(rig.partner("acme"));
    let user = rig.user(group, "ann@acme.example");
    let keys = rig.provision(group, 3, 30);
    rig.reserve(&keys[1], "ann@acme.example", 9);
    rig.activate(user, &keys[1]);
    rig.sim.advance(TimeDelta::milliseconds(50));
    let late = rig.ok("resource.GetLicenses", []);
    rig.switch(|all| all.read_your_writes = ReadYourWrites::AtOnce);
    assert_eq!(rig.ok("resource.GetLicenses", []), late);
}

#[test]
fn a_stale_read_looks_back() {
    let rig = Rig::new();
    let rule = FaultRule { remaining: Some(1), ..FaultRule::always(FaultKind::StaleRead { ms: 1000 }) };
    rig.sim.add_fault(rule).unwrap();
    let id = rig.partner("acme");
    assert_eq!(get(&rig, id), Err(Cause::NotFound), "struck once");
    assert_eq!(get(&rig, id), Ok(()));
}

#[test]
fn a_late_commit_lands_after_the_caller_has_gone() {
    let rig = Rig::new();
    rig.sim.add_fault(FaultRule::once("partner.Create", FaultKind::LateCommit { ms: 5000 })).unwrap();
    let given = [("name", "late".into()), ("root_admin_username", "l@late.example".into())];
    let lost = rig.cause("partner.Create", given);
    assert_eq!(lost, Cause::Disturbed(FaultKind::LateCommit { ms: 5000 }));
    assert_eq!((rig.sim.pending(), rig.sim.counters().writes), (1, 0));
    rig.sim.advance(TimeDelta::milliseconds(4999));
    assert!(rig.sim.partner_named("late").is_none());
    rig.sim.advance(TimeDelta::milliseconds(1));
    assert!(rig.sim.partner_named("late").is_some());
    assert_eq!((rig.sim.pending(), rig.sim.counters().writes), (0, 1));
    let outcomes: Vec<Outcome> = rig.sim.calls().into_iter().map(|call| call.outcome).collect();
    assert_eq!(outcomes, [Outcome::Lost, Outcome::Landed]);
}

#[test]
fn the_clock_runs_by_itself_unless_it_is_stopped() {
    let sim = crate::sim::mozy::MozySim::default();
    let before = sim.with(|world| world.now);
    sim.advance(TimeDelta::days(3));
    assert!(sim.with(|world| world.now) >= before + TimeDelta::days(3));
    sim.advance(TimeDelta::MAX);
    sim.advance(TimeDelta::MIN);
    assert!(sim.with(|world| world.now) >= before + TimeDelta::days(3));
}
