//! What holds of every plan.

use super::estate::agreed;
use crate::domain::observed::{Account, Observed};
use crate::domain::partner::Status;
use crate::domain::{Amount, Desired, Gb, LicenceKind, Reason};
use crate::plan::render::Renderer;
use crate::plan::{Action, Plan, Policy, Subject, order, plan};
use proptest::prelude::*;

fn present(account: Account) -> Observed {
    Observed::Present(Box::new(account))
}

fn planned(desired: &Desired, account: &Account) -> Plan {
    plan(desired, &present(account.clone()), &Policy::default())
}

/// Does something to what is seen; which of several, the number says.
fn disturb(account: &mut Account, number: u8) {
    let at = usize::from(number >> 3) % account.groups.len();
    let contents = &mut account.groups[at];
    match number % 8 {
        0 => contents.group.name = "else".into(),
        1 => contents.users.clear(),
        2 => contents.licences.clear(),
        3 => contents.users.iter_mut().for_each(|user| user.status = Some(Status::Suspended)),
        4 => contents.users.iter_mut().for_each(|user| user.username = format!("x{}", user.username)),
        5 => contents.licences.iter_mut().for_each(|key| key.email = Some("thief@x.test".into())),
        6 => contents.stock.desktop.licences += 3,
        _ => account.partner.sync = Some(false),
    }
}

fn destroys(action: &Action) -> bool {
    matches!(
        action,
        Action::DeletePartner
            | Action::DeleteGroup { .. }
            | Action::DeleteUser
            | Action::DeleteMachine { .. }
            | Action::ClearKey { .. }
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn agreement_gives_an_empty_plan((desired, account) in agreed()) {
        let plan = planned(&desired, &account);
        prop_assert!(plan.is_agreement(), "{}", Renderer::new(&desired).plan(&plan));
    }

    #[test]
    fn unknown_plans_nothing((mut desired, _) in agreed(), removed in any::<bool>()) {
        desired.subscription.removed = removed;
        let unknown = Observed::Unknown { why: "a storm".into() };
        prop_assert_eq!(plan(&desired, &unknown, &Policy::default()), Plan::default());
    }

    #[test]
    fn nothing_is_destroyed_without_a_tombstone(
        (desired, mut account) in agreed(),
        disturbances in proptest::collection::vec(any::<u8>(), 0..5),
    ) {
        disturbances.into_iter().for_each(|number| disturb(&mut account, number));
        let plan = planned(&desired, &account);
        prop_assert!(!plan.steps.iter().any(|step| destroys(&step.action)), "{plan:?}");
    }

    #[test]
    fn an_unsettled_subject_is_left_alone(
        (desired, mut account) in agreed(),
        disturbances in proptest::collection::vec(any::<u8>(), 1..5),
        pick in any::<proptest::sample::Index>(),
    ) {
        disturbances.into_iter().for_each(|number| disturb(&mut account, number));
        let all = planned(&desired, &account);
        prop_assume!(!all.steps.is_empty());
        let subject = all.steps[pick.index(all.steps.len())].subject;
        let policy = Policy { unsettled: [subject].into(), ..Policy::default() };
        let rest = plan(&desired, &present(account), &policy);
        prop_assert!(rest.steps.iter().all(|step| step.subject != subject && all.steps.contains(step)
            || matches!(step.subject, Subject::Pool(_))), "{rest:?}");
        prop_assert!(rest.waiting.contains(&subject));
    }

    #[test]
    fn steps_stand_in_their_order((desired, mut account) in agreed(), number in any::<u8>()) {
        disturb(&mut account, number);
        let plan = planned(&desired, &account);
        let ranks: Vec<u8> = plan.steps.iter().map(|step| order::rank(&step.action)).collect();
        let resizes = |action: &Action| matches!(
            action,
            Action::ResizeKey { .. } | Action::ResizeMachine { .. } | Action::ResizeSync { .. }
        );
        // Only what makes something smaller may stand before its kind.
        let ordered = plan.steps.iter().zip(&ranks).filter(|(step, _)| !resizes(&step.action));
        prop_assert!(ordered.map(|(_, rank)| rank).is_sorted(), "{plan:?}");
    }

    #[test]
    fn a_limit_below_use_is_refused_and_never_forced((mut desired, account) in agreed()) {
        let used = account.stock(LicenceKind::Desktop);
        prop_assume!(used.assigned() > 0 && used.distributed > Gb(0));
        let pool = desired.subscription.bought.pools.of_mut(LicenceKind::Desktop);
        pool.licences = Amount::Limit(used.assigned() - 1);
        pool.quota = Amount::Limit(used.distributed.0 - 1);
        let plan = planned(&desired, &account);
        let released = plan.steps.iter().any(|step| matches!(step.action, Action::Release { .. }));
        prop_assert!(!released, "{plan:?}");
        let refused = |reason| plan.refusals.iter().any(|refusal| refusal.reason == reason);
        prop_assert!(refused(Reason::LicensesExceedPurchase) && refused(Reason::QuotaExceedsPurchase));
    }

    #[test]
    fn usage_is_what_is_assigned((desired, account) in agreed()) {
        let usage = crate::plan::usage::usage(&desired, &account);
        for kind in LicenceKind::ALL {
            let (licences, quota) = desired.wished(kind);
            prop_assert_eq!((usage.pools.of(kind).assigned, usage.pools.of(kind).quota_gb), (licences, quota.0));
        }
    }
}

#[test]
fn planning_is_linear() {
    // So many plans that both take about as long: who shares the processor with us then costs both as much.
    let time = |users: usize, plans: usize| {
        let (desired, account) = large(users);
        let once = || {
            let began = std::time::Instant::now();
            for _ in 0..plans {
                let plan = planned(&desired, &account);
                assert_eq!(plan.steps.len(), 2 * users, "a rename and a move for each");
            }
            began.elapsed()
        };
        (0..3).map(|_| once()).min().unwrap()
    };
    let (small, large) = (time(1_000, 8), time(8_000, 1));
    assert!(large < small * 5, "{small:?} for 8 times 1,000 users, {large:?} for 8,000");
}

/// So many users, each in the wrong group and with the wrong name, each with a licence.
fn large(users: usize) -> (Desired, Account) {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let (mut desired, mut account) = loop {
        let (desired, account) = agreed().new_tree(&mut runner).unwrap().current();
        let fits = desired.groups.len() == 2 && desired.users.iter().any(|user| !user.licences.is_empty());
        if fits && !desired.subscription.sync {
            break (desired, account);
        }
    };
    let user = desired.users.iter().find(|user| !user.licences.is_empty()).unwrap().clone();
    let (seen, key) = {
        let seen = account.user(user.mozy_id.unwrap()).unwrap().clone();
        let key = account.licence(user.licences[0].key.as_ref().unwrap()).unwrap().clone();
        (seen, key)
    };
    desired.users.clear();
    for contents in &mut account.groups {
        (contents.users, contents.licences) = Default::default();
        (contents.machines, contents.stock) = Default::default();
    }
    let to = desired.groups[1].id;
    for at in 0..users {
        let id = crate::domain::MozyUserId(1_000 + at as i64);
        let login = format!("u{at}@acme.test");
        let name = crate::domain::Keystring(format!("KEY{at:017}"));
        let licence = crate::domain::licence::Licence {
            id: crate::domain::LicenceId(uuid::Uuid::from_u128((7 << 64) + at as u128)),
            key: Some(name.clone()),
            ..user.licences[0].clone()
        };
        let group = account.groups[1].group.id;
        let seen = crate::domain::user::ObservedUser { id, group, username: login.clone(), ..seen.clone() };
        account.groups[1].users.push(seen);
        account.groups[1].licences.push(crate::domain::licence::ObservedLicence {
            key: name,
            group,
            machine: None,
            email: Some(login.clone()),
            quota: Some(licence.quota),
            ..key.clone()
        });
        desired.users.push(crate::domain::user::User {
            id: crate::domain::UserId(uuid::Uuid::from_u128((6 << 64) + at as u128)),
            login,
            display_name: "Another Name".into(),
            group: Some(to),
            mozy_id: Some(id),
            licences: vec![licence],
            suspended: seen_suspended(&user),
            ..user.clone()
        });
    }
    unlimited(&mut desired);
    (desired, account)
}

fn seen_suspended(user: &crate::domain::user::User) -> bool {
    user.suspended
}

fn unlimited(desired: &mut Desired) {
    for kind in LicenceKind::ALL {
        let pool = desired.subscription.bought.pools.of_mut(kind);
        (pool.licences, pool.quota) = (Amount::Limit(0), Amount::Limit(0));
    }
}
