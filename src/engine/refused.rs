//! What Mozy refused because an address may be in use is not asked for again at every look: the same wish waits, for
//! longer each time, and is never given up; a changed one is tried at once (design, rule 10).

use crate::domain::{Desired, Reason};
use crate::plan::{Action, Plan, Step, Subject};
use crate::ports::Pause;
use crate::ports::ledger::{Entry, Outcome};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;

/// How long the first pause is; each further one is twice as long.
const FIRST: TimeDelta = TimeDelta::seconds(30);

/// The longest pause.
const LONGEST: TimeDelta = TimeDelta::hours(1);

/// Steps that wait, by subject and kind, and what was said of them.
pub(super) type Waiting = BTreeMap<(Subject, &'static str), (Reason, String)>;

/// Steps of this plan that Mozy refused for the same wish and that wait, and when the first of them waits no more.
pub(super) fn waiting(
    plan: &Plan,
    desired: &Desired,
    pauses: &[Pause],
    now: DateTime<Utc>,
) -> (Waiting, Option<TimeDelta>) {
    let (mut waiting, mut soonest) = (Waiting::new(), None::<TimeDelta>);
    for pause in pauses.iter().filter(|pause| now < pause.until()) {
        let same = |step: &&Step| wish(desired, step).is_some_and(|wish| pause.is_about(step, "", &wish));
        if let (Some(step), Some(why)) = (plan.steps.iter().find(same), &pause.refused) {
            let left = pause.until() - now;
            soonest = Some(soonest.map_or(left, |sooner| sooner.min(left)));
            waiting.insert((step.subject, step.action.kind()), why.clone());
        }
    }
    (waiting, soonest)
}

/// Takes in how a step ended; gives how long it waits now, if it does.
pub(super) fn remember(
    pauses: &mut Vec<Pause>,
    desired: &Desired,
    entry: &Entry,
    why: Option<(Reason, String)>,
) -> Option<TimeDelta> {
    let wish = wish(desired, &entry.step)?;
    let known = pauses.iter().position(|pause| pause.is_about(&entry.step, "", &wish));
    match (&entry.outcome, known) {
        (Some(Outcome::Rejected(_)), Some(at)) => {
            pauses[at].grow(entry.id, entry.at, LONGEST);
            pauses[at].refused = why;
        }
        (Some(Outcome::Rejected(_)), None) => {
            let (subject, kind) = (entry.step.subject, entry.step.action.kind().to_owned());
            pauses.retain(|pause| (pause.subject, &pause.kind, &*pause.field) != (subject, &kind, ""));
            let (step, at, seconds) = (entry.id, entry.at, FIRST.num_seconds());
            pauses.push(Pause {
                subject,
                kind,
                field: "".into(),
                value: wish,
                step,
                at,
                seconds,
                refused: why,
            });
        }
        (Some(Outcome::Done), Some(at)) => drop(pauses.remove(at)),
        _ => {}
    }
    let refused = matches!(entry.outcome, Some(Outcome::Rejected(_)));
    pauses
        .iter()
        .find(|pause| refused && pause.step == entry.id)
        .map(|pause| TimeDelta::seconds(pause.seconds))
}

/// The wish behind a step whose address may be in use, by its generation.
fn wish(desired: &Desired, step: &Step) -> Option<String> {
    let generation = match (&step.action, step.subject) {
        (Action::CreatePartner { .. }, _) => desired.subscription.generation,
        (Action::CreateUser { .. } | Action::UpdateUser { login: Some(_), .. }, Subject::User(id)) => {
            desired.users.iter().find(|user| user.id == id)?.generation
        }
        _ => return None,
    };
    Some(generation.to_string())
}
