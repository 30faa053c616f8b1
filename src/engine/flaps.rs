//! Flaps: a value that was set again and again and did not stay is left alone for a while, for longer each time, and named
//! (design, rule 13). A person's second thoughts are none: whatever else was written to the same field in between begins a
//! new count, and raising to a value is not lowering to it.

use crate::domain::observed::Observed;
use crate::domain::{Desired, Reason, StepId};
use crate::plan::render::Renderer;
use crate::plan::{self, Action, Plan, Policy, Refusal, Step, Subject};
use crate::ports::Pause;
use crate::ports::ledger::{Entry, Outcome};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::HashMap;

/// A value that was set so often and came back is a flap.
const TIMES: usize = 2;

/// What is planned without what flaps may flap as well: so often at most it is planned anew.
const REPLANS: usize = 3;

/// The longest pause.
const LONGEST: TimeDelta = TimeDelta::days(1);

/// The plan without what flaps and what would follow from it, and in words what that is. Made again by the same look it
/// changes no pause again. It says so in the plan, too, where somebody waits for more than a description or an amount
/// that Mozy made its own of.
pub(super) fn plan(
    desired: &Desired,
    observed: &Observed,
    policy: &Policy,
    entries: &[Entry],
    pauses: &mut Vec<Pause>,
    times: (DateTime<Utc>, TimeDelta),
) -> (Plan, Vec<String>) {
    let settings = Settings::of(entries);
    pauses.retain_mut(|pause| !pause.is_past(times.0) && settings.follow(pause));
    let mut plan = plan::plan(desired, observed, policy);
    let mut flaps = settings.leave_alone(&mut plan, pauses, times);
    if flaps.is_empty() {
        return (plan, Vec::new());
    }
    for _ in 0..REPLANS {
        let policy = Policy { alone: plan::by_subject(flaps.iter()), ..policy.clone() };
        plan = plan::plan(desired, observed, &policy);
        let mut more = settings.leave_alone(&mut plan, pauses, times);
        if more.is_empty() {
            break;
        }
        flaps.append(&mut more);
    }
    let renderer = Renderer::new(desired);
    let told = |step: &Step| format!("{} comes back after every correction", renderer.step(step));
    let in_the_way = flaps.iter().filter(|step| stands_in_the_way(step));
    plan.refusals.extend(in_the_way.map(|step| Refusal {
        subject: step.subject,
        reason: Reason::VendorRejected,
        message: told(step),
    }));
    (plan, flaps.iter().map(told).collect())
}

/// Names and defaults are descriptions: the thing is there without them. Limits are kept, and what has no room in them
/// says so itself.
fn stands_in_the_way(step: &Step) -> bool {
    let describes = matches!(
        step.action,
        Action::UpdatePartner { sync: None, .. }
            | Action::UpdateUser { login: None, .. }
            | Action::RenameGroup { .. }
    );
    !describes && !matches!(step.subject, Subject::Pool(_))
}

/// What a field was last set to, and by each kind of step how often in a row and when.
struct Setting {
    value: String,
    by: HashMap<&'static str, Times>,
}

struct Times {
    times: usize,
    step: StepId,
    last: DateTime<Utc>,
}

/// The settings of all fields, by the steps that were done.
struct Settings(HashMap<(Subject, &'static str), Setting>);

impl Settings {
    fn of(entries: &[Entry]) -> Self {
        let mut settings: HashMap<(Subject, &'static str), Setting> = HashMap::new();
        for entry in entries.iter().filter(|entry| entry.outcome == Some(Outcome::Done)) {
            for (field, value) in fields(&entry.step.action) {
                let fresh = || Setting { value: value.clone(), by: HashMap::new() };
                let setting = settings.entry((entry.step.subject, field)).or_insert_with(fresh);
                if setting.value != value {
                    *setting = fresh();
                }
                let by = setting.by.entry(entry.step.action.kind());
                let set = by.or_insert(Times { times: 0, step: entry.id, last: entry.at });
                (set.times, set.step, set.last) = (set.times + 1, entry.id, entry.at);
            }
        }
        Self(settings)
    }

    /// Brings a pause up to date with what was done since; false when its field was set to something else.
    fn follow(&self, pause: &mut Pause) -> bool {
        let of =
            self.0.iter().find(|((subject, field), _)| (*subject, *field) == (pause.subject, &*pause.field));
        let Some((_, setting)) = of else { return true };
        if setting.value != pause.value {
            return setting.by.values().all(|set| set.step <= pause.step);
        }
        if let Some(set) = setting.by.get(&*pause.kind).filter(|set| set.step > pause.step) {
            pause.grow(set.step, set.last, LONGEST);
        }
        true
    }

    /// Takes the steps that flap out of a plan.
    fn leave_alone(
        &self,
        plan: &mut Plan,
        pauses: &mut Vec<Pause>,
        times: (DateTime<Utc>, TimeDelta),
    ) -> Vec<Step> {
        let mut flaps = |step: &mut Step| {
            fields(&step.action).iter().all(|(field, value)| self.flaps(step, field, value, pauses, times))
        };
        plan.steps.extract_if(.., |step| flaps(step)).collect()
    }

    /// Whether a field is left alone: its pause lasts, or begins, as it was set so too often.
    fn flaps(
        &self,
        step: &Step,
        field: &'static str,
        value: &str,
        pauses: &mut Vec<Pause>,
        (now, first): (DateTime<Utc>, TimeDelta),
    ) -> bool {
        if let Some(pause) = pauses.iter().find(|pause| pause.is_about(step, field, value)) {
            return now < pause.until();
        }
        let setting = self.0.get(&(step.subject, field)).filter(|setting| setting.value == value);
        let set = setting.and_then(|setting| setting.by.get(step.action.kind()));
        let Some(set) = set.filter(|set| set.times >= TIMES && set.last > now - first) else { return false };
        pauses.push(Pause {
            subject: step.subject,
            kind: step.action.kind().to_owned(),
            field: field.to_owned(),
            value: value.to_owned(),
            step: set.step,
            at: set.last,
            seconds: first.num_seconds(),
            refused: None,
        });
        true
    }
}

/// Which fields of its subject an action sets, and to what.
fn fields(action: &Action) -> Vec<(&'static str, String)> {
    let one = |field, value: String| vec![(field, value)];
    match action {
        Action::CreatePartner { .. } | Action::CreateGroup { .. } | Action::CreateUser { .. } => {
            one("existence", "there".into())
        }
        Action::DeletePartner | Action::DeleteGroup { .. } | Action::DeleteUser => {
            one("existence", "gone".into())
        }
        Action::UpdatePartner { name, sync, default_sync_quota } => [
            name.clone().map(|name| ("name", name)),
            sync.map(|on| ("sync", on.to_string())),
            default_sync_quota.map(|quota| ("default sync quota", quota.to_string())),
        ]
        .into_iter()
        .flatten()
        .collect(),
        Action::UpdateUser { login, full_name } => {
            let login = login.clone().map(|login| ("login", login));
            login.into_iter().chain(full_name.clone().map(|name| ("name", name))).collect()
        }
        Action::Provision { licences, quota } | Action::Release { licences, quota } => {
            let licences = licences.map(|licences| ("licences", licences.to_string()));
            licences.into_iter().chain(quota.map(|quota| ("GB", quota.to_string()))).collect()
        }
        Action::SetAccountStatus(status) | Action::SetUserStatus(status) => {
            one("status", status.as_str().into())
        }
        Action::RenameGroup { name, .. } => one("name", name.clone()),
        Action::SetDefaultGroup { .. } => one("default group", "ours".into()),
        Action::ResumeGroup { .. } => one("status", "active".into()),
        Action::SetNumber(of) => one("number", format!("{of:?}")),
        Action::SetGroupSync { on, .. } | Action::SetUserSync(on) => one("sync", on.to_string()),
        Action::ResizeSync { quota, .. }
        | Action::ResizeKey { quota, .. }
        | Action::ResizeMachine { quota, .. } => one("quota", quota.to_string()),
        Action::MoveUser { place } | Action::MoveKey { place, .. } => one("group", format!("{place:?}")),
        Action::AssignKey { .. } => one("assignment", "there".into()),
        Action::ReaddressKey { login, .. } => one("address", login.clone()),
        Action::ClearKey { .. } | Action::DeleteMachine { .. } => one("assignment", format!("{action:?}")),
        Action::Transfer { to, .. } => one("stock", format!("{to:?} {action:?}")),
    }
}
