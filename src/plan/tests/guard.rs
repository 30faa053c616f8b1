//! The guard holds what goes past a limit, class by class, and nothing else.

use super::estate::agreed;
use crate::domain::observed::Observed;
use crate::domain::{Desired, Reason};
use crate::plan::guard::{Limit, tally};
use crate::plan::{Action, Class, Limits, Plan, Policy, plan};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn policy(class: Class, limit: Limit, spent: i64) -> Policy {
    let limits = Limits(BTreeMap::from([(class, limit)]));
    Policy { limits, spent: BTreeMap::from([(class, spent)]), ..Policy::default() }
}

fn all_removed(desired: &mut Desired) {
    for user in &mut desired.users {
        user.removed = true;
        user.licences.iter_mut().for_each(|licence| licence.removed = true);
    }
}

fn steps_of(class: Class, plan: &Plan) -> usize {
    plan.steps.iter().filter(|step| Class::of(&step.action) == Some(class)).count()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn past_the_limit_the_class_is_held_and_all_else_goes_on(
        (mut desired, account) in agreed(),
        percent in 0..100_i64,
        min in 0..4_i64,
        spent in 0..3_i64,
    ) {
        all_removed(&mut desired);
        let observed = Observed::Present(Box::new(account));
        let free = plan(&desired, &observed, &Policy::default());
        let asked = *tally(&free.steps).get(&Class::Delete).unwrap_or(&0);
        let limit = Limit { percent, min };
        let things = desired.users.len() + desired.groups.len()
            + desired.users.iter().map(|user| user.licences.len()).sum::<usize>();
        let past = asked > 0 && asked + spent > limit.allows(things as i64);
        let guarded = plan(&desired, &observed, &policy(Class::Delete, limit, spent));
        if past {
            prop_assert_eq!(steps_of(Class::Delete, &guarded), 0);
            prop_assert!(guarded.refusals.iter().any(|refusal| refusal.reason == Reason::GuardHeld));
            let resumed = guarded.steps.iter().any(|step| matches!(step.action, Action::SetUserStatus(_)));
            prop_assert!(!resumed, "who is only resumed to be deleted stays as he is");
            prop_assert_eq!(guarded.steps.len() + guarded.held.len(), free.steps.len());
        } else {
            prop_assert_eq!(&guarded, &free);
        }
        let mut released = policy(Class::Delete, limit, spent);
        released.released.insert(Class::Delete);
        prop_assert_eq!(plan(&desired, &observed, &released), free);
    }

    #[test]
    fn one_removal_is_never_held_up((mut desired, account) in agreed(), pick in any::<proptest::sample::Index>()) {
        prop_assume!(!desired.users.is_empty());
        let at = pick.index(desired.users.len());
        desired.users[at].removed = true;
        desired.users[at].licences.iter_mut().for_each(|licence| licence.removed = true);
        let strict = policy(Class::Delete, Limit { percent: 0, min: 0 }, 0);
        let plan = plan(&desired, &Observed::Present(Box::new(account)), &strict);
        prop_assert!(plan.held.is_empty() && steps_of(Class::Delete, &plan) == 1);
    }

    #[test]
    fn the_end_of_a_subscription_is_not_asked_about((mut desired, account) in agreed()) {
        desired.subscription.removed = true;
        all_removed(&mut desired);
        let strict = policy(Class::Delete, Limit { percent: 0, min: 0 }, 1);
        let plan = plan(&desired, &Observed::Present(Box::new(account)), &strict);
        prop_assert!(plan.held.is_empty());
        prop_assert_eq!(plan.steps.iter().map(|step| step.action.kind()).collect::<Vec<_>>(), ["delete_partner"]);
    }
}
