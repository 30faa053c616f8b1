//! Drift: a difference in what was in agreement, at a generation that was in agreement, is nobody's wish.

use crate::domain::Desired;
use crate::plan::{Plan, Subject};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// The kinds of the steps that correct drift.
pub(super) fn drift(desired: &Desired, plan: &Plan, agreed: &BTreeMap<Uuid, i64>) -> Vec<&'static str> {
    let subscription = &desired.subscription;
    let users = desired.users.iter().map(|user| (user.id.0, user.generation));
    let groups = desired.groups.iter().map(|group| (group.id.0, group.generation));
    let licences = desired.users.iter().flat_map(|user| &user.licences);
    let licences = licences.map(|licence| (licence.id.0, licence.generation));
    let generations: HashMap<Uuid, i64> = users.chain(groups).chain(licences).collect();
    let has_agreed = |id: Uuid, generation: i64| agreed.get(&id) >= Some(&generation);
    let is_drift = |subject: Subject| {
        match subject {
            Subject::User(id) => Some(id.0),
            Subject::Group(id) => Some(id.0),
            Subject::Licence(id) => Some(id.0),
            Subject::Account | Subject::Pool(_) | Subject::MozyGroup(_) => None,
        }
        .map_or_else(
            || has_agreed(subscription.id.0, subscription.generation),
            |id| generations.get(&id).is_some_and(|generation| has_agreed(id, *generation)),
        )
    };
    plan.steps.iter().filter(|step| is_drift(step.subject)).map(|step| step.action.kind()).collect()
}
