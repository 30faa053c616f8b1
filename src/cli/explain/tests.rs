//! What is said for each kind of trouble, so that somebody who has never seen mozyd knows what to do.

use super::*;
use crate::domain::subscription::{Admin, Bought, Model, Subscription};
use crate::domain::{AccountId, Desired, InstanceId, SubscriptionId, SubscriptionNumber};
use chrono::TimeDelta;
use uuid::Uuid;

const NOW: &str = "2026-11-22T15:00:00Z";

fn now() -> DateTime<Utc> {
    NOW.parse().unwrap()
}

/// A customer who ordered, was looked at a minute ago and has no account yet.
fn snapshot(conditions: Vec<Condition>) -> Snapshot {
    let subscription = Subscription {
        id: SubscriptionId(Uuid::from_u128(1)),
        instance: InstanceId(Uuid::from_u128(2)),
        number: SubscriptionNumber(1000001),
        account: AccountId(Uuid::from_u128(3)),
        generation: 3,
        model: Model::Direct,
        company: "Acme".into(),
        admin: Admin { email: "john@acme.test".into(), full_name: "John".into() },
        bought: Bought::default(),
        sync: false,
        suspended: false,
        removed: false,
        partner: None,
        home_group: None,
    };
    let minute = TimeDelta::minutes(1);
    Snapshot {
        desired: Desired { subscription, groups: Vec::new(), users: Vec::new() },
        groups_tab: true,
        account: None,
        usage: None,
        conditions,
        gone: None,
        paused: false,
        observed_generation: 2,
        last_success: Some(now() - minute),
        last_attempt: Some(now() - minute),
        next_due: Some(now() + minute),
    }
}

fn condition(kind: ConditionType, status: bool, reason: Reason, message: &str) -> Condition {
    Condition { kind, status, reason, message: message.into(), since: now() }
}

fn explained(snapshot: &Snapshot) -> String {
    text(&Explanation::of(snapshot, &Around::default(), now()))
}

#[test]
fn an_order_that_cannot_be_done_says_why_and_who_must_act() {
    let taken = "the e-mail address john@acme.test is already in use at Mozy";
    let reason = Reason::AdminEmailInUse;
    let conditions = vec![
        condition(ConditionType::Provisioned, false, reason, taken),
        condition(ConditionType::InSync, false, reason, taken),
        condition(ConditionType::UsageFresh, true, Reason::AsExpected, ""),
    ];
    insta::assert_snapshot!(explained(&snapshot(conditions)), @r"
    1000001 Acme  blocked
    Wanted     Subscription 1000001 is a partner of its own with the admin john@acme.test.
               Bought are 0 Desktop licences with 0 GB, 0 Server licences with 0 GB, no sync.
               0 users with 0 licences, 0 groups beside the default one.
    At Mozy    Last seen at 2026-11-22 14:59:00 UTC, 60 s ago:
               There is no account.
    Being done Nothing can be done now.
               It is looked at again at 2026-11-22 15:01:00 UTC, in 60 s.
    In the way AdminEmailInUse: the e-mail address john@acme.test is already in use at Mozy (since 2026-11-22 15:00:00 UTC).
    What to do The customer, in OSA: create a staff member with another e-mail address and assign it to the service.
    ");
}

#[test]
fn every_reason_has_an_advice() {
    for reason in Reason::ALL.iter().filter(|reason| **reason != Reason::AsExpected) {
        let text = explained(&snapshot(vec![condition(ConditionType::InSync, false, *reason, "so it is")]));
        assert!(text.contains(&format!("{reason}: so it is")), "{text}");
        assert!(!text.contains("What to do Wait"), "{text}");
    }
}

#[test]
fn of_resellers_the_runbook_says_the_same() {
    let runbook = include_str!("../../../deploy/runbook.md");
    for reason in [Reason::ResellerNotProvisioned, Reason::ResellerSuspended, Reason::ResellerCancelled] {
        let text = explained(&snapshot(vec![condition(ConditionType::InSync, false, reason, "so it is")]));
        assert!(text.contains("What to do The reseller"), "{text}");
        let row = runbook.lines().find(|line| line.contains('|') && line.contains(reason.as_str()));
        assert!(row.is_some_and(|row| row.contains("| the reseller")), "{row:?}");
    }
}

#[test]
fn what_is_paused_in_doubt_gone_or_forgotten_by_the_daemon_is_said() {
    let mut paused = snapshot(vec![
        condition(ConditionType::InSync, false, Reason::AsExpected, "1 step waits: an operator paused it"),
        condition(ConditionType::Paused, true, Reason::AsExpected, "an operator paused it"),
    ]);
    paused.paused = true;
    assert!(explained(&paused).contains("What to do `mozyd resume 1000001`"), "{}", explained(&paused));
    let window = condition(ConditionType::Paused, true, Reason::AsExpected, "a maintenance window is open");
    assert!(explained(&snapshot(vec![window])).contains("[maintenance]"));
    let doubt = condition(ConditionType::InDoubt, true, Reason::AsExpected, "step 7 may have happened");
    assert!(explained(&snapshot(vec![doubt])).contains("`mozyd doubts`"));
    let mut gone = snapshot(Vec::new());
    gone.gone = Some(now());
    gone.desired.subscription.removed = true;
    let text = explained(&gone);
    assert!(
        text.starts_with("1000001 Acme  gone\n")
            && text.contains("gone from Mozy since")
            && text.contains("In the way Nothing."),
        "{text}"
    );
    let mut forgotten = snapshot(Vec::new());
    forgotten.next_due = Some(now() - TimeDelta::hours(1));
    assert!(explained(&forgotten).contains("systemctl status mozyd"));
}

#[test]
fn what_is_being_done_minds_the_guard_a_pause_and_customers_that_are_left() {
    let create = "create partner Acme: wanted and not there";
    assert!(
        explained(&snapshot(Vec::new()))
            .contains(&format!("1 step is due by what was last seen:\n           - {create}"))
    );
    let held = Around { held: vec![create.into()], ..Around::default() };
    let text = text(&Explanation::of(&snapshot(Vec::new()), &held, now()));
    assert!(text.contains("1 step is held by the guard:") && !text.contains("due by"), "{text}");
    let mut paused = snapshot(Vec::new());
    paused.paused = true;
    let text = explained(&paused);
    assert!(text.contains("due by what was last seen, and not done while it is paused:"), "{text}");
    let mut reseller = snapshot(Vec::new());
    let customers = crate::domain::subscription::Customers { remaining: 2, want_sync: false };
    reseller.desired.subscription.model = Model::Reseller(customers);
    reseller.desired.subscription.removed = true;
    assert!(explained(&reseller).contains("It waits for 2 customers to go"), "{}", explained(&reseller));
}

#[test]
fn a_customer_whose_reseller_is_not_there_yet_is_told_which_he_is() {
    let waits = condition(ConditionType::InSync, false, Reason::ResellerNotProvisioned, "he comes first");
    let around = Around { reseller: Some(1000009), ..Around::default() };
    let text = text(&Explanation::of(&snapshot(vec![waits]), &around, now()));
    assert!(text.contains("`mozyd explain 1000009`"), "{text}");
}
