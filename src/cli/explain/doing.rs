//! What is being done: the steps that are due by what was last seen, and when it is looked at next.

use crate::cli::style::count;
use crate::domain::observed::Observed;
use crate::domain::snapshot::Snapshot;
use crate::domain::subscription::Model;
use crate::domain::{ConditionType, Reason};
use crate::plan::render::Renderer;
use crate::plan::{self, Policy};
use chrono::{DateTime, Utc};

/// So many steps are told.
const STEPS: usize = 8;

/// What is being done, in sentences; `held` are the steps that the guard holds.
pub(super) fn doing(snapshot: &Snapshot, held: &[String], now: DateTime<Utc>) -> Vec<String> {
    if let Some(gone) = snapshot.gone {
        let since = gone.format("%F %T");
        return vec![format!(
            "Nothing: it was terminated or taken back in OSA, and is gone from Mozy since {since} UTC."
        )];
    }
    let (kept, steps): (Vec<String>, Vec<String>) =
        steps(snapshot).into_iter().partition(|step| held.contains(step));
    let mut doing = Vec::new();
    if let Some(customers) = customers_left(snapshot) {
        doing.push(format!("It waits for {customers} to go: they live in this reseller's partner."));
    }
    doing.extend(list(&kept, |number| format!("{number} held by the guard:")));
    let paused = snapshot.paused || holds(snapshot, ConditionType::Paused);
    doing.extend(list(&steps, |number| match paused {
        true => format!("{number} due by what was last seen, and not done while it is paused:"),
        false => format!("{number} due by what was last seen:"),
    }));
    if doing.is_empty() {
        doing.push(idle(snapshot).into());
    }
    doing.push(next_look(snapshot, now));
    doing
}

fn holds(snapshot: &Snapshot, kind: ConditionType) -> bool {
    snapshot.conditions.iter().any(|condition| condition.kind == kind && condition.status)
}

/// How many customers a reseller who goes has left.
fn customers_left(snapshot: &Snapshot) -> Option<String> {
    let subscription = &snapshot.desired.subscription;
    match &subscription.model {
        Model::Reseller(customers) if subscription.removed && customers.remaining > 0 => {
            Some(count(usize::try_from(customers.remaining).unwrap_or_default(), "customer"))
        }
        _ => None,
    }
}

/// Some steps below what is said of them; nothing when there is none.
fn list(steps: &[String], lead: impl Fn(String) -> String) -> Vec<String> {
    let verb = match steps.len() {
        0 => return Vec::new(),
        1 => "is",
        _ => "are",
    };
    let lead = lead(format!("{} {verb}", count(steps.len(), "step")));
    let shown = steps.iter().take(STEPS).map(|step| format!("- {step}"));
    let more = (steps.len() > STEPS).then(|| format!("- and {} more", steps.len() - STEPS));
    std::iter::once(lead).chain(shown).chain(more).collect()
}

fn idle(snapshot: &Snapshot) -> &'static str {
    match snapshot.observed_generation == snapshot.desired.subscription.generation {
        _ if snapshot.last_success.is_none() => "It was never looked at yet.",
        true => "Nothing: what was bought and what Mozy has are the same.",
        false => "Nothing can be done now.",
    }
}

/// What would be done by what was last seen; what Mozy is known to refuse is not tried again.
fn steps(snapshot: &Snapshot) -> Vec<String> {
    let observed = match (&snapshot.account, snapshot.last_success) {
        (Some(account), _) => Observed::Present(Box::new(account.clone())),
        (None, Some(_)) => Observed::Absent,
        (None, None) => return Vec::new(),
    };
    let refused = |reason| snapshot.conditions.iter().any(|one| one.reason == reason && !one.status);
    let policy = Policy { admin_taken: refused(Reason::AdminEmailInUse), ..Policy::default() };
    let plan = plan::plan(&snapshot.desired, &observed, &policy);
    let renderer = Renderer::new(&snapshot.desired);
    plan.steps.iter().map(|step| renderer.step(step)).collect()
}

fn next_look(snapshot: &Snapshot, now: DateTime<Utc>) -> String {
    let Some(due) = snapshot.next_due else {
        return "It is not in the queue; the daemon puts it there.".into();
    };
    let at = due.format("%F %T");
    if snapshot.is_overdue(now) {
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
