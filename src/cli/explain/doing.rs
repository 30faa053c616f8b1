//! What is being done: the steps that are due by what was last seen, and when it is looked at next.

use super::advice::is_overdue;
use crate::domain::observed::Observed;
use crate::domain::snapshot::Snapshot;
use crate::plan::render::Renderer;
use crate::plan::{self, Policy};
use chrono::{DateTime, Utc};

/// So many steps are told.
const STEPS: usize = 8;

/// What is being done, in sentences.
pub(super) fn doing(snapshot: &Snapshot, now: DateTime<Utc>) -> Vec<String> {
    if let Some(gone) = snapshot.gone {
        let since = gone.format("%F %T");
        return vec![format!("Nothing: it was terminated in OSA and is gone from Mozy since {since} UTC.")];
    }
    let mut doing = due(snapshot);
    doing.push(next_look(snapshot, now));
    doing
}

fn due(snapshot: &Snapshot) -> Vec<String> {
    let steps = steps(snapshot);
    let same = snapshot.observed_generation == snapshot.desired.subscription.generation;
    match steps.len() {
        0 if snapshot.last_success.is_none() => vec!["It was never looked at yet.".into()],
        0 if same => vec!["Nothing: what was bought and what Mozy has are the same.".into()],
        0 => vec!["Nothing can be done now.".into()],
        number => {
            let shown = steps.iter().take(STEPS).map(|step| format!("- {step}"));
            let more = (number > STEPS).then(|| format!("- and {} more", number - STEPS));
            let lead = match number {
                1 => "1 step is due by what was last seen:".to_owned(),
                number => format!("{number} steps are due by what was last seen:"),
            };
            std::iter::once(lead).chain(shown).chain(more).collect()
        }
    }
}

fn steps(snapshot: &Snapshot) -> Vec<String> {
    let observed = match (&snapshot.account, snapshot.last_success) {
        (Some(account), _) => Observed::Present(Box::new(account.clone())),
        (None, Some(_)) => Observed::Absent,
        (None, None) => return Vec::new(),
    };
    let plan = plan::plan(&snapshot.desired, &observed, &Policy::default());
    let renderer = Renderer::new(&snapshot.desired);
    plan.steps.iter().map(|step| renderer.step(step)).collect()
}

fn next_look(snapshot: &Snapshot, now: DateTime<Utc>) -> String {
    let Some(due) = snapshot.next_due else {
        return "It is not in the queue; the daemon puts it there.".into();
    };
    let at = due.format("%F %T");
    if is_overdue(snapshot, now) {
        return format!("It was due at {at} UTC and nobody has looked since.");
    }
    match (due - now).num_seconds() {
        ..=1 => "It is looked at now.".into(),
        seconds => format!("It is looked at again at {at} UTC, in {}.", span(seconds)),
    }
}

/// Seconds as people say them.
pub(super) fn span(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}
