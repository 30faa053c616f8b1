//! A plan prints itself: one step a line, in words an operator knows.

use super::{Action, Held, Place, Plan, Step, Subject};
use crate::domain::partner::Status;
use crate::domain::{Desired, Gb, LicenceId, SubscriptionId, UserId};
use ring::digest;

use serde_json::{Value, json};
use std::collections::HashMap;
use std::fmt::Write as _;

/// Prints plans of one subscription with the names people know.
pub struct Renderer<'a> {
    desired: &'a Desired,
    users: HashMap<UserId, &'a str>,
    owners: HashMap<LicenceId, &'a str>,
}

impl<'a> Renderer<'a> {
    /// For this subscription.
    pub fn new(desired: &'a Desired) -> Self {
        let users = || desired.users.iter();
        let licences = users().flat_map(|user| user.licences.iter().map(|l| (l.id, &*user.login)));
        Self {
            desired,
            users: users().map(|user| (user.id, &*user.login)).collect(),
            owners: licences.collect(),
        }
    }

    /// The whole plan, one step a line; then what is held, and what stays undone and why.
    pub fn plan(&self, plan: &Plan) -> String {
        let mut text = String::new();
        for step in &plan.steps {
            let _ = writeln!(text, "{}", self.step(step));
        }
        for step in plan.held_steps() {
            let _ = writeln!(text, "held: {}", self.step(step));
        }
        for refusal in &plan.refusals {
            let _ = writeln!(
                text,
                "not done: {} ({}): {}",
                self.subject(refusal.subject),
                refusal.reason,
                refusal.message
            );
        }
        for subject in &plan.waiting {
            let _ = writeln!(
                text,
                "waiting: {} was written just now and is looked at again",
                self.subject(*subject)
            );
        }
        text
    }

    /// One step: what is done, to what, and why.
    pub fn step(&self, step: &Step) -> String {
        format!("{}: {}", self.action(step), step.why)
    }

    /// A subject by the name people know.
    pub fn subject(&self, subject: Subject) -> String {
        match subject {
            Subject::Account => format!("account {}", self.desired.subscription.company),
            Subject::User(id) => format!("user {}", self.user(id)),
            Subject::Group(id) => format!("group {}", self.place(Place::Own(id))),
            Subject::Licence(id) => {
                let owner = self.owners.get(&id);
                owner.map_or_else(|| subject.to_string(), |login| format!("licence of {login}"))
            }
            Subject::Pool(_) | Subject::MozyGroup(_) => subject.to_string(),
        }
    }

    fn user(&self, id: UserId) -> String {
        self.users.get(&id).map_or_else(|| id.to_string(), |login| (*login).to_owned())
    }

    fn place(&self, place: Place) -> String {
        match place {
            Place::Home => "the default group".into(),
            Place::Own(id) => {
                self.desired.group(id).map_or_else(|| id.to_string(), |group| group.name.clone())
            }
        }
    }

    fn action(&self, step: &Step) -> String {
        let subject = self.subject(step.subject);
        match &step.action {
            Action::CreatePartner { .. } => format!("create partner {}", self.desired.subscription.company),
            Action::UpdatePartner { name, sync, default_sync_quota } => {
                let name = name.as_ref().map(|name| format!("name {name}"));
                let sync = sync.map(|on| format!("sync {}", if on { "on" } else { "off" }));
                let quota = default_sync_quota.map(|quota| format!("default sync quota {quota}"));
                let all: Vec<String> = [name, sync, quota].into_iter().flatten().collect();
                format!("update {subject}: {}", all.join(", "))
            }
            Action::SetAccountStatus(status) | Action::SetUserStatus(status) => match status {
                Status::Active => format!("resume {subject}"),
                Status::Suspended => format!("suspend {subject}"),
            },
            Action::DeletePartner => format!("delete partner {}", self.desired.subscription.company),
            Action::CreateGroup { name, .. } => format!("create group {name}"),
            Action::RenameGroup { name, .. } => format!("rename a group to {name}"),
            Action::SetGroupSync { on, .. } => {
                format!("switch sync of {subject} {}", if *on { "on" } else { "off" })
            }
            Action::SetDefaultGroup { group } => format!("make group {group} of Mozy the default group"),
            Action::ResumeGroup { .. } => format!("resume {subject}"),
            Action::SetNumber(_) => format!("write our number at {subject}"),
            Action::DeleteGroup { place } => format!("delete group {}", self.place(*place)),
            Action::CreateUser { login, place, .. } => {
                format!("create user {login} in {}", self.place(*place))
            }
            Action::UpdateUser { .. } => format!("update {subject}"),
            Action::SetUserSync(on) => format!("switch sync of {subject} {}", if *on { "on" } else { "off" }),
            Action::ResizeSync { quota, .. } => format!("set sync of {subject} to {quota}"),
            Action::MoveUser { place } => format!("move {subject} to {}", self.place(*place)),
            Action::DeleteUser => format!("delete {subject}"),
            Action::AssignKey { kind, quota, login, .. } => {
                format!("assign {kind} key of {quota} to {login}")
            }
            Action::ResizeKey { key, quota } => format!("set key {key} to {quota}"),
            Action::ReaddressKey { key, login } => format!("readdress key {key} to {login}"),
            Action::MoveKey { key, place } => format!("move key {key} to {}", self.place(*place)),
            Action::ResizeMachine { machine, quota } => format!("set machine {machine} to {quota}"),
            Action::ClearKey { key, .. } => format!("take back key {key}"),
            Action::DeleteMachine { machine } => format!("delete machine {machine} of {subject}"),
            Action::Provision { licences, quota } => {
                format!("raise {subject} to {}", totals(*licences, *quota))
            }
            Action::Release { licences, quota } => {
                format!("lower {subject} to {}", totals(*licences, *quota))
            }
            Action::Transfer { from, to, more: (licences, quota), .. } => format!(
                "transfer {} of {subject} from {} to {}",
                totals(Some(*licences), Some(*quota)),
                self.place(*from),
                self.place(*to)
            ),
        }
    }
}

fn totals(licences: Option<i64>, quota: Option<Gb>) -> String {
    let licences = licences.map(|licences| format!("{licences} licences"));
    let quota = quota.map(|quota| quota.to_string());
    [licences, quota].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// So many digits of a plan's hash tell whose plan it is: [`mark`].
pub const MARK: usize = 6;

/// The plan's hash: what an operator approves or applies, bound to exactly these steps of this subscription.
pub fn hash(desired: &Desired, steps: &[Step]) -> String {
    let id = desired.subscription.id;
    mark(id) + &digits(&serde_json::to_vec(&(id, steps)).unwrap_or_default(), 16)
}

/// What all hashes of plans of a subscription begin with.
pub fn mark(id: SubscriptionId) -> String {
    digits(id.to_string().as_bytes(), MARK)
}

fn digits(body: &[u8], number: usize) -> String {
    let digest = digest::digest(&digest::SHA256, body);
    digest.as_ref().iter().take(number / 2).map(|byte| format!("{byte:02x}")).collect()
}

/// The plan for programs: what `mozyd plan --output json` and the operator's API say.
pub fn json(desired: &Desired, plan: &Plan) -> Value {
    let renderer = Renderer::new(desired);
    let steps = |steps: &[Step]| -> Vec<Value> {
        let step = |step: &Step| json!({"kind": step.action.kind(), "text": renderer.step(step), "why": step.why.to_string()});
        steps.iter().map(step).collect()
    };
    let held = plan.held.iter().map(|Held { bundle, excess }| {
        json!({"hash": bundle.hash, "class": bundle.class.as_str(), "steps": steps(&bundle.steps),
            "scope": excess.scope, "asked": excess.asked, "spent": excess.spent, "limit": excess.limit})
    });
    let refusals = plan.refusals.iter().map(|refusal| {
        json!({"subject": renderer.subject(refusal.subject), "reason": refusal.reason, "message": refusal.message})
    });
    json!({
        "aps_id": desired.subscription.id,
        "subscription_id": desired.subscription.number,
        "agreement": plan.is_agreement(),
        "hash": (!plan.steps.is_empty()).then(|| hash(desired, &plan.steps)),
        "steps": steps(&plan.steps),
        "held": held.collect::<Vec<_>>(),
        "refusals": refusals.collect::<Vec<_>>(),
        "waiting": plan.waiting.iter().map(|subject| renderer.subject(*subject)).collect::<Vec<_>>(),
    })
}
