//! Drift: a difference in what was in agreement, at a generation that was in agreement, is nobody's wish.

use crate::domain::Desired;
use crate::plan::render::Renderer;
use crate::plan::{Plan, Step, Subject};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// A difference that OSA did not ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Drift {
    /// The kind of the step that corrects it.
    pub kind: &'static str,
    /// What differs, with both values.
    pub text: String,
}

/// The drift that these steps correct.
pub(super) fn drift(desired: &Desired, plan: &Plan, agreed: &BTreeMap<Uuid, i64>) -> Vec<Drift> {
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
    let drifted: Vec<&Step> = plan.steps.iter().filter(|step| is_drift(step.subject)).collect();
    if drifted.is_empty() {
        return Vec::new();
    }
    let renderer = Renderer::new(desired);
    let told =
        |step: &Step| format!("{}: {}; OSA did not ask for that", renderer.subject(step.subject), step.why);
    drifted.into_iter().map(|step| Drift { kind: step.action.kind(), text: told(step) }).collect()
}
