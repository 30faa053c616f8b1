//! The guard holds what goes past a limit, class by class, and nothing else.

use super::estate::agreed;
use crate::domain::observed::{Account, Observed};
use crate::domain::{Desired, Reason};
use crate::plan::guard::{Ask, Class, Counted, Excess, Kept, Limit, Limits, Scope, Tally, Weight, guard};
use crate::plan::{Action, Plan, Policy, plan};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn limits(limit: Limit) -> Limits {
    Limits(BTreeMap::from([(Class::Delete, limit)]))
}

const STRICT: Limit = Limit { percent: 0, min: 0 };

fn tally(things: i64, accounts: i64) -> Tally {
    BTreeMap::from([(Class::Delete, Weight { things, accounts })])
}

/// So much was done in this account lately, and there is plenty of everything elsewhere.
fn spent(things: i64) -> Counted {
    let managed = Weight { things: 1_000_000, accounts: 1_000_000 };
    Counted { account: tally(things, 0), all: tally(things, 0), managed, ..Counted::default() }
}

fn planned(desired: &Desired, account: &Account) -> Plan {
    plan(desired, &Observed::Present(Box::new(account.clone())), &Policy::default())
}

fn remove_users(desired: &mut Desired) {
    for user in &mut desired.users {
        user.removed = true;
        user.licences.iter_mut().for_each(|licence| licence.removed = true);
    }
}

fn deletes(plan: &Plan) -> usize {
    plan.steps.iter().filter(|step| Class::of(&step.action) == Some(Class::Delete)).count()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn past_the_limit_the_class_is_held_and_all_else_goes_on(
        (mut desired, account) in agreed(),
        percent in 0..100_i64,
        min in 0..4_i64,
        before in 0..3_i64,
    ) {
        remove_users(&mut desired);
        let free = planned(&desired, &account);
        let limit = Limit { percent, min };
        let things = desired.users.len() + desired.groups.len()
            + desired.users.iter().map(|user| user.licences.len()).sum::<usize>();
        let asked = deletes(&free) as i64;
        let past = asked > 0 && asked + before > limit.allows(things as i64).min(limit.allows(2_000_000));
        let guarded = guard(&desired, free.clone(), &limits(limit), &spent(before));
        if past {
            prop_assert_eq!(deletes(&guarded), 0);
            prop_assert!(guarded.refusals.iter().any(|refusal| refusal.reason == Reason::GuardHeld));
            let resumed = guarded.steps.iter().any(|step| matches!(step.action, Action::SetUserStatus(_)));
            prop_assert!(!resumed, "who is only resumed to be deleted stays as he is");
            prop_assert_eq!(guarded.steps.len() + guarded.held_steps().count(), free.steps.len());
            let kept = Kept { excess: guarded.held[0].excess, account: false };
            let held = BTreeMap::from([(Class::Delete, kept)]);
            let later = guard(&desired, free.clone(), &limits(limit), &Counted { held, ..Counted::default() });
            prop_assert_eq!(deletes(&later), 0, "what is held does not go by itself");
            let counted = Counted { approved: [guarded.held[0].bundle.hash.clone()].into(), ..spent(before) };
            prop_assert_eq!(&guard(&desired, free.clone(), &limits(limit), &counted), &free);
        } else {
            prop_assert_eq!(&guarded, &free);
        }
    }

    #[test]
    fn one_removal_is_never_held_up((mut desired, account) in agreed(), pick in any::<proptest::sample::Index>()) {
        prop_assume!(!desired.users.is_empty());
        let at = pick.index(desired.users.len());
        desired.users[at].removed = true;
        desired.users[at].licences.iter_mut().for_each(|licence| licence.removed = true);
        let plan = guard(&desired, planned(&desired, &account), &limits(STRICT), &Counted::default());
        prop_assert!(plan.held.is_empty() && deletes(&plan) == 1);
    }

    #[test]
    fn the_end_of_a_subscription_is_one_delete_over_all((mut desired, account) in agreed()) {
        desired.subscription.removed = true;
        remove_users(&mut desired);
        let free = planned(&desired, &account);
        let ask = Ask::new(&desired, &free.steps, &limits(STRICT));
        prop_assert_eq!(ask.size, None);
        prop_assert_eq!(ask.bundles[0].weight, Weight { things: 0, accounts: 1 });
        prop_assert_eq!(&guard(&desired, free.clone(), &limits(STRICT), &Counted::default()), &free);
        // Whatever was done or is held in this account before is not asked about; what was done over all is.
        let excess = Excess { scope: Scope::All, asked: 2, spent: 9, limit: 10 };
        let held = BTreeMap::from([(Class::Delete, Kept { excess, account: false })]);
        prop_assert_eq!(&guard(&desired, free.clone(), &limits(STRICT), &Counted { held, ..Counted::default() }), &free);
        let own = Counted { account: tally(99, 0), ..Counted::default() };
        prop_assert_eq!(&guard(&desired, free.clone(), &limits(STRICT), &own), &free);
        let held = guard(&desired, free, &limits(STRICT), &Counted { all: tally(0, 1), ..Counted::default() });
        prop_assert!(held.steps.is_empty() && held.held.len() == 1, "all of it is held: {held:?}");
    }
}

#[test]
fn accounts_are_measured_by_accounts_too() {
    let limit = Limit { percent: 5, min: 10 };
    let bundle = crate::plan::guard::Bundle {
        class: Class::Delete,
        weight: Weight { things: 0, accounts: 1 },
        hash: String::new(),
        steps: Vec::new(),
    };
    let ask = Ask { size: None, bundles: vec![bundle] };
    // 20 customers with 2,000 users each: 5 % of all that would be every one of them.
    let managed = Weight { things: 40_000, accounts: 20 };
    let judged = |accounts| {
        let counted = Counted { all: tally(0, accounts), managed, ..Counted::default() };
        ask.judge(&limits(limit), &counted).remove(&Class::Delete)
    };
    assert_eq!(judged(9), None);
    let excess = judged(10).unwrap();
    assert_eq!((excess.scope, excess.asked, excess.spent, excess.limit), (Scope::Accounts, 1, 10, 10));
    assert!(excess.tell(Class::Delete).contains("whole accounts"));
}
