//! Flaps: a value that was set again and again and did not stay is left alone for a while, and named (design, rule 13).
//! A person's second thoughts are none: whatever else was written to the same field in between begins a new count.

use crate::domain::{Desired, Reason};
use crate::plan::render::Renderer;
use crate::plan::{Action, Plan, Refusal, Subject};
use crate::ports::ledger::{Entry, Outcome};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::HashMap;

/// A value that was set so often and came back is a flap.
const TIMES: usize = 2;

/// Takes the steps that flap out of the plan, and says so: in the plan, and in words.
pub(super) fn leave_alone(
    plan: &mut Plan,
    desired: &Desired,
    entries: &[Entry],
    (now, pause): (DateTime<Utc>, TimeDelta),
) -> Vec<String> {
    if plan.steps.is_empty() {
        return Vec::new();
    }
    let settings = Settings::of(entries);
    if settings.0.values().all(|setting| setting.times < TIMES) {
        return Vec::new();
    }
    let renderer = Renderer::new(desired);
    let (mut flaps, mut refusals) = (Vec::new(), Vec::new());
    plan.steps.retain(|step| {
        let flaps_now = settings.flaps(step.subject, &step.action, now - pause);
        if flaps_now {
            let message = format!("{} comes back after every correction", renderer.step(step));
            flaps.push(message.clone());
            refusals.push(Refusal { subject: step.subject, reason: Reason::VendorRejected, message });
        }
        !flaps_now
    });
    plan.refusals.append(&mut refusals);
    flaps
}

/// What a field was last set to, how often in a row, and when.
struct Setting {
    value: String,
    times: usize,
    last: DateTime<Utc>,
}

/// The settings of all fields, by the steps that were done.
struct Settings(HashMap<(Subject, &'static str), Setting>);

impl Settings {
    fn of(entries: &[Entry]) -> Self {
        let mut settings: HashMap<(Subject, &'static str), Setting> = HashMap::new();
        for entry in entries.iter().filter(|entry| entry.outcome == Some(Outcome::Done)) {
            for (field, value) in fields(&entry.step.action) {
                let fresh = Setting { value: value.clone(), times: 0, last: entry.at };
                let setting = settings.entry((entry.step.subject, field)).or_insert(fresh);
                setting.times = if setting.value == value { setting.times + 1 } else { 1 };
                (setting.value, setting.last) = (value, entry.at);
            }
        }
        Self(settings)
    }

    /// Whether all that this action sets was set so too often since then.
    fn flaps(&self, subject: Subject, action: &Action, since: DateTime<Utc>) -> bool {
        fields(action).into_iter().all(|(field, value)| {
            let setting = self.0.get(&(subject, field));
            setting.is_some_and(|s| s.value == value && s.times >= TIMES && s.last > since)
        })
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
