//! The books: what is logged and counted, and faults as a caller in process sees them.

use super::{Cause, Customer, Rig, Value, none, parts, search};
use crate::sim::mozy::{
    FaultKind, FaultRule, KeyState, MozySim, ObjectKind, Outcome, SimConfig, world::LicenseType,
};

#[test]
fn each_call_is_logged_without_secrets() {
    let rig = Rig::new();
    let given = [
        ("name", "acme".into()),
        ("root_admin_username", "a@acme.example".into()),
        ("root_admin_password", "hunter2".into()),
        ("api_key", rig.key.as_str().into()),
    ];
    rig.ok("partner.Create", given);
    rig.cause("partner.Get", [("id", 1.into())]);
    let calls = rig.sim.calls();
    let log = serde_json::to_string(&calls).unwrap();
    assert!(!log.contains(&rig.key) && !log.contains("hunter2") && log.contains("a@acme.example"));
    assert_eq!(calls.iter().map(|call| call.seq).collect::<Vec<_>>(), [1, 2]);
    assert_eq!((calls[0].outcome.clone(), calls[0].writes, calls[0].committed), (Outcome::Ok, true, true));
    assert!(matches!(calls[1].outcome, Outcome::Fault(_)) && !calls[1].writes);
    assert_eq!(rig.sim.calls_after(1).len(), 1);
    assert!(!rig.sim.dump().to_string().contains(&rig.key));
}

#[test]
fn counters_sum_the_run_and_a_fault_is_no_write() {
    let rig = Rig::new();
    rig.partner("acme");
    let again = [("name", "b".into()), ("root_admin_username", "admin@acme.example".into())];
    rig.cause("partner.Create", again);
    rig.ok("partner.Get", []);
    let counters = rig.sim.counters();
    assert_eq!((counters.calls, counters.writes, counters.faults, counters.lost), (3, 1, 1, 0));
    assert_eq!(counters.operations["partner.Create"], 2);
    rig.sim.panel("partner.Get", none()).unwrap();
    assert_eq!(rig.sim.counters().calls, 3, "the panel is no call");
    rig.sim.clear_books();
    assert_eq!((rig.sim.counters().calls, rig.sim.calls().len()), (0, 0));
    rig.ok("partner.Get", []);
    assert_eq!(rig.sim.calls()[0].seq, 4);
}

#[test]
fn the_log_is_bounded() {
    let sim = MozySim::new(SimConfig { log_capacity: 3, ..SimConfig::default() });
    for _ in 0..5 {
        sim.call(&sim.api_key(), "partner.Get", none()).unwrap();
    }
    assert_eq!(sim.calls().iter().map(|call| call.seq).collect::<Vec<_>>(), [3, 4, 5]);
}

#[test]
fn the_ledger_counts_per_object() {
    let Customer { rig, group, user, keys, .. } = Customer::new();
    rig.ok("user.Delete", [("id", user.into())]);
    rig.user(group, "ann@acme.example");
    let given = [
        ("user_group_id", group.into()),
        ("license_type", "Desktop".into()),
        ("licenses", 2.into()),
        ("quota", 0.into()),
    ];
    rig.ok("resource.Release", given);
    let ledger = rig.sim.ledger();
    let ann = ledger.object(ObjectKind::User, "ann@acme.example").unwrap();
    assert_eq!((ann.created, ann.deleted, ann.ids.len()), (2, 1, 2));
    let stock = ledger.stock(group, LicenseType::Desktop).unwrap();
    assert_eq!((stock.licenses_provisioned, stock.licenses_released), (keys.len() as i64, 2));
    assert_eq!((stock.quota_provisioned, stock.quota_released), (50, 0));
    assert_eq!(ledger.objects(ObjectKind::Partner).len(), 1);
}

#[test]
fn an_answer_lost_after_commit_is_a_change_and_one_cut_before_is_none() {
    let rig = Rig::new();
    let given = |name: &'static str| {
        parts([("name", name.into()), ("root_admin_username", format!("a@{name}.example").into())])
    };
    for (kind, happens) in [
        (FaultKind::AnswerLost, true),
        (FaultKind::TruncatedXml, true),
        (FaultKind::WrongContentType, true),
        (FaultKind::CutBefore, false),
        (FaultKind::ConnectionRefused, false),
        (FaultKind::TlsFailure, false),
        (FaultKind::status(503), false),
        (FaultKind::throttled(None), false),
        (FaultKind::Status { code: 502, retry_after: None, html: true, committed: true }, true),
    ] {
        rig.sim.clear_books();
        rig.sim.add_fault(FaultRule::once("partner.Create", kind)).unwrap();
        let name = if happens { "there" } else { "not" };
        let fault = rig.sim.call(&rig.key, "partner.Create", given(name)).unwrap_err();
        assert_eq!(fault.cause, Cause::Disturbed(kind));
        let call = rig.sim.calls().remove(0);
        assert_eq!((call.outcome, call.committed, call.disturbed), (Outcome::Lost, happens, Some(kind)));
        let made = rig.sim.partner_named(name);
        assert_eq!(made.is_some(), happens, "{kind:?}");
        if let Some(made) = made {
            rig.sim.panel("partner.Delete", parts([("id", made.id.into())])).unwrap();
        }
    }
}

#[test]
fn rules_have_filter_count_rate_and_seed() {
    let rig = Rig::new();
    let struck = |rule: FaultRule, operation: &str| {
        rig.sim.clear_faults();
        rig.sim.add_fault(rule).unwrap();
        let call = || rig.sim.call(&rig.key, operation, none());
        let is_struck = |()| matches!(call().map_err(|fault| fault.cause), Err(Cause::Disturbed(_)));
        (0..1000).map(|_| is_struck(())).collect::<Vec<bool>>()
    };
    let count = |struck: Vec<bool>| struck.into_iter().filter(|struck| *struck).count();
    let rule = |operation: &str, probability, seed| FaultRule {
        operation: Some(operation.to_owned()),
        probability,
        seed,
        ..FaultRule::always(FaultKind::CutBefore)
    };
    assert_eq!(count(struck(rule("partner.Get", 1.0, 0), "partner.Get")), 1000);
    assert_eq!(count(struck(rule("user.Get", 1.0, 0), "partner.Get")), 0);
    assert_eq!(count(struck(rule("reads", 1.0, 0), "partner.Get")), 1000);
    assert_eq!(count(struck(rule("writes", 1.0, 0), "partner.Get")), 0);
    assert_eq!(count(struck(FaultRule::once("partner.Get", FaultKind::CutBefore), "partner.Get")), 1);
    let third = struck(rule("partner.Get", 0.3, 7), "partner.Get");
    assert_eq!(third, struck(rule("partner.Get", 0.3, 7), "partner.Get"));
    assert_ne!(third, struck(rule("partner.Get", 0.3, 8), "partner.Get"));
    assert!((250..350).contains(&count(third)));
    assert!(rig.sim.add_fault(rule("no.Such", 1.0, 0)).is_err());
    assert!(rig.sim.add_fault(rule("user.Get", 1.5, 0)).is_err());
}

#[test]
fn a_free_key_goes_to_another_picker_in_between() {
    let Customer { rig, group, keys, .. } = Customer::new();
    rig.sim.add_fault(FaultRule::once("resource.GetLicenses", FaultKind::KeyTaken)).unwrap();
    let listed = rig.get("resource.GetLicenses", [search([("status", "free".into())])]);
    assert_eq!(listed.len(), 5, "the list is from before");
    let first = super::text(&listed[0], "keystring");
    let taken = rig.sim.license(&first).unwrap();
    assert_eq!(
        (taken.state(), taken.email.is_some_and(|email| email.contains("elsewhere"))),
        (KeyState::Reserved, true)
    );
    let other = keys.iter().find(|key| **key != first).unwrap();
    rig.sim.add_fault(FaultRule::once("resource.UpdateLicenses", FaultKind::KeyTaken)).unwrap();
    let aim = search([("user_group_id", group.into()), ("status", "free".into())]);
    let email = ("assigned_email_address", "ann@acme.example".into());
    assert_eq!(
        rig.sim.call(&rig.key, "resource.UpdateLicenses", parts([aim, email])).unwrap_err().cause,
        Cause::NotFound
    );
    assert_eq!(rig.sim.license(other).unwrap().email.as_deref(), Some("another.picker@elsewhere.example"));
    rig.reserve(other, "ann@acme.example", 1);
    assert_eq!(rig.sim.licenses_of("ann@acme.example").len(), 1, "overwritten silently");
}

#[test]
fn the_same_seed_gives_the_same_world() {
    let make = || {
        let rig = Rig::new();
        let keys = rig.provision(rig.default_group(rig.partner("acme")), 2, 0);
        (rig.key, keys, rig.sim.dump())
    };
    assert_eq!(make(), make());
    let other = MozySim::new(SimConfig { seed: 2, ..SimConfig::default() });
    assert_ne!(make().0, other.api_key());
}

#[test]
fn ids_may_be_beyond_32_bits() {
    let sim = MozySim::new(SimConfig { first_id: 1 << 40, ..SimConfig::default() });
    let answer = sim.call(&sim.api_key(), "partner.Get", none()).unwrap();
    assert!(answer.results()[0].get("id").and_then(Value::int).unwrap() > 1 << 40);
}
