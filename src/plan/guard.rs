//! The guard: how much of each class of change may be done to an account, and over all, before a person is asked.
//!
//! Past the limit that class is held and everything else goes on. A subscription's own termination is one delete over
//! all, and its users' share is not asked (design, rule 4). What was done lately counts too, so that a flood in small
//! portions is a flood; what an operator released counts no more. Pure: who counts is the store, in one transaction for all daemons ([`Ledger::admit`]).
//!
//! [`Ledger::admit`]: crate::ports::Ledger::admit

mod class;
mod excess;

pub use class::Class;
pub use excess::{Excess, Scope};

use super::{Action, Plan, Refusal, Step, Subject, render};
use crate::domain::partner::Status;
use crate::domain::{Desired, Reason};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// What was done so long ago counts no more. A flood comes from a script or a broken OSA, and is told from what people
/// remove one by one, which is never held up, by its speed. What a flood left over does not trickle after it: it stays
/// held until somebody releases it. It does not follow `reconcile.interval`, which says how often we look.
pub const WINDOW: Duration = Duration::from_secs(30);

/// A number of changes, or of what there is to change: in accounts, and whole accounts. Those are counted among all,
/// and by themselves among the accounts: a few customers are a small share of all users, and still a disaster.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Weight {
    /// Users, groups, licences, pools.
    pub things: i64,
    /// Whole accounts.
    pub accounts: i64,
}

impl Weight {
    /// Both.
    pub fn total(self) -> i64 {
        self.things.saturating_add(self.accounts)
    }

    /// What one step weighs.
    pub fn of(step: &Step) -> Self {
        let account = i64::from(step.subject == Subject::Account);
        Self { things: 1 - account, accounts: account }
    }

    /// The larger of each.
    pub fn raise(&mut self, other: Self) {
        self.things = self.things.max(other.things);
        self.accounts = self.accounts.max(other.accounts);
    }

    fn add(&mut self, other: Self) {
        self.things += other.things;
        self.accounts += other.accounts;
    }
}

/// A weight of each class.
pub type Tally = BTreeMap<Class, Weight>;

/// The larger of a share and a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Percent of what there is.
    pub percent: i64,
    /// At least so many.
    pub min: i64,
}

impl Limit {
    /// What it allows of `total` things. A single one is never held up (design, rule 4).
    pub fn allows(self, total: i64) -> i64 {
        (total.saturating_mul(self.percent) / 100).max(self.min).max(1)
    }
}

/// The limit of each class; a class without one is not limited.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limits(pub BTreeMap<Class, Limit>);

/// What was counted: everything within [`WINDOW`] that no operator released, and what others are about to do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counted {
    /// In this account.
    pub account: Tally,
    /// Over all accounts.
    pub all: Tally,
    /// Everything there is.
    pub managed: Weight,
    /// What is held in this account already, and why: that stays held until an operator releases it.
    pub held: BTreeMap<Class, Kept>,
    /// Hashes of held plans of this account that an operator released and that have not run yet.
    pub approved: BTreeSet<String>,
}

/// What is held already, until an operator releases it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// Why.
    pub excess: Excess,
    /// Whether it is the whole account that is to go.
    pub account: bool,
}

/// The steps of a plan that are held together, because they are of one limited class or go along with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// Of which class.
    pub class: Class,
    /// What it counts.
    pub weight: Weight,
    /// What an operator approves.
    pub hash: String,
    /// In the order of the plan.
    pub steps: Vec<Step>,
}

/// What a plan asks of the guard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// The account's users, groups and licences; `None` is not asked about, since the account itself goes.
    pub size: Option<i64>,
    /// One for each limited class in the plan.
    pub bundles: Vec<Bundle>,
}

impl Ask {
    /// What these steps ask, of the classes that are limited.
    pub fn new(desired: &Desired, steps: &[Step], limits: &Limits) -> Self {
        let removed = desired.subscription.removed;
        let sorter = Sorter::new(removed, steps);
        let bundle = |class: Class| {
            let steps: Vec<Step> =
                steps.iter().filter(|step| sorter.class(step) == Some(class)).cloned().collect();
            let weight = sorter.weight(class, &steps);
            let hash = render::hash(desired, &steps);
            (weight != Weight::default()).then_some(Bundle { class, weight, hash, steps })
        };
        let bundles = limits.0.keys().filter_map(|class| bundle(*class)).collect();
        Self { size: (!removed).then(|| size(desired)), bundles }
    }

    /// Which classes are past a limit, and by how much.
    pub fn judge(&self, limits: &Limits, counted: &Counted) -> BTreeMap<Class, Excess> {
        let judged = self.bundles.iter().filter_map(|bundle| {
            let limit = limits.0.get(&bundle.class)?;
            excess::judge(bundle, self.size, *limit, counted).map(|excess| (bundle.class, excess))
        });
        judged.collect()
    }
}

/// Steps of one class that wait for an operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The steps, and their hash.
    pub bundle: Bundle,
    /// By how much they are past which limit.
    pub excess: Excess,
}

/// Takes out of the plan what is past a limit.
pub fn hold(desired: &Desired, mut plan: Plan, ask: Ask, mut past: BTreeMap<Class, Excess>) -> Plan {
    let sorter = Sorter::new(desired.subscription.removed, &plan.steps);
    plan.steps.retain(|step| sorter.class(step).is_none_or(|class| !past.contains_key(&class)));
    for bundle in ask.bundles {
        let Some(excess) = past.remove(&bundle.class) else { continue };
        let message =
            format!("{}; release it with `mozyd approve {}`", excess.tell(bundle.class), bundle.hash);
        plan.refusals.push(Refusal { subject: Subject::Account, reason: Reason::GuardHeld, message });
        plan.held.push(Held { bundle, excess });
    }
    plan
}

/// The guard without anybody who counts afresh: for looking only.
pub fn guard(desired: &Desired, plan: Plan, limits: &Limits, counted: &Counted) -> Plan {
    let ask = Ask::new(desired, &plan.steps, limits);
    let mut past = ask.judge(limits, counted);
    for bundle in ask.bundles.iter().filter(|bundle| counted.approved.contains(&bundle.hash)) {
        past.remove(&bundle.class);
    }
    hold(desired, plan, ask, past)
}

/// Tells which steps are held together.
struct Sorter {
    /// The account goes, with all in it: that is one delete.
    ends: bool,
    removed: bool,
    /// Who is to be deleted.
    doomed: BTreeSet<Subject>,
}

impl Sorter {
    fn new(removed: bool, steps: &[Step]) -> Self {
        let deletes = |step: &&Step| Class::of(&step.action) == Some(Class::Delete);
        let doomed = steps.iter().filter(|step| step.action == Action::DeleteUser).map(|step| step.subject);
        Self { ends: removed && steps.iter().any(|step| deletes(&step)), removed, doomed: doomed.collect() }
    }

    fn class(&self, step: &Step) -> Option<Class> {
        match Class::of(&step.action) {
            _ if self.ends => Some(Class::Delete),
            Some(class) => Some(class),
            // Who is resumed only to be deleted stays suspended while his deletion is held.
            None if self.doomed.contains(&step.subject) => {
                (step.action == Action::SetUserStatus(Status::Active)).then_some(Class::Delete)
            }
            None => None,
        }
    }

    fn weight(&self, class: Class, steps: &[Step]) -> Weight {
        if self.ends {
            return Weight { things: 0, accounts: i64::from(class == Class::Delete) };
        }
        let mut weight = Weight::default();
        let counts = |step: &&Step| Class::of(&step.action).is_some() && (!self.removed || is_account(step));
        steps.iter().filter(counts).for_each(|step| weight.add(Weight::of(step)));
        weight
    }
}

fn is_account(step: &Step) -> bool {
    step.subject == Subject::Account
}

fn size(desired: &Desired) -> i64 {
    let licences: usize = desired.users.iter().map(|user| user.licences.len()).sum();
    (desired.users.len() + desired.groups.len() + licences) as i64
}
