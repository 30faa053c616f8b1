//! Pools: licences and GB of a kind are raised, lowered and brought to the groups where they are needed.
//!
//! Stock lives in groups, and what a subscription has is the sum over them. Provision and Release work on the home
//! group; a group that lacks stock gets it by Transfer from one that has it free. More comes before its use, and less
//! after it: so what is surely freed by earlier steps of the same plan is counted as free here.

use super::draft::{Draft, differs};
use super::{Action, Place, Subject};
use crate::domain::pool::Stock;
use crate::domain::subscription::BoughtPool;
use crate::domain::{Amount, Gb, LicenceKind, Reason};
use std::ops::{Add, AddAssign, Neg, Sub};

mod belongings;
mod effect;
mod fit;
pub mod owed;
mod shelf;
mod transfer;

use belongings::Belongings;
use effect::Effects;
use shelf::{Shelf, Shelves};

/// Keys and GB: two numbers that have nothing to do with each other but that they are of one kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Both {
    keys: i64,
    gb: i64,
}

impl Both {
    fn new(keys: i64, gb: i64) -> Self {
        Self { keys, gb }
    }

    fn gb(gb: i64) -> Self {
        Self { keys: 0, gb }
    }

    fn each(self, other: Self, of: impl Fn(i64, i64) -> i64) -> Self {
        Self { keys: of(self.keys, other.keys), gb: of(self.gb, other.gb) }
    }

    /// What of it is more than nothing.
    fn positive(self) -> Self {
        self.each(Self::default(), i64::max)
    }

    fn is_nothing(self) -> bool {
        self == Self::default()
    }
}

impl Add for Both {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        self.each(other, i64::saturating_add)
    }
}

impl Sub for Both {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self.each(other, i64::saturating_sub)
    }
}

impl Neg for Both {
    type Output = Self;
    fn neg(self) -> Self {
        Self::default() - self
    }
}

impl AddAssign for Both {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl From<Stock> for Both {
    fn from(stock: Stock) -> Self {
        Self::new(stock.licences, stock.quota.0)
    }
}

/// Plans both pools.
pub fn plan(draft: &mut Draft<'_>) {
    if draft.desired.subscription.removed {
        return;
    }
    // Who was moved elsewhere took stock along, and brings it back.
    let astray = draft.matching.users.iter().any(|user| user.have.is_some_and(|have| draft.is_astray(have)));
    let belongings = Belongings::of(draft);
    for kind in LicenceKind::ALL {
        let effects = Effects { kind, belongings: &belongings };
        if astray || draft.policy.unsettled.contains(&Subject::Pool(kind)) {
            // Numbers that may be old lead nowhere: what needs them waits too.
            draft.wait(Subject::Pool(kind));
            fit::let_all_wait(draft, effects);
        } else {
            plan_kind(draft, effects);
        }
    }
}

fn plan_kind(draft: &mut Draft<'_>, effects: Effects<'_>) {
    let kind = effects.kind;
    let bought = *draft.desired.subscription.bought.pools.of(kind);
    let mut shelves = fit::refuse_what_does_not_fit(draft, effects, &bought);
    let target = target(draft, kind, &bought, &shelves);
    resize(draft, kind, target, &mut shelves);
    transfer::plan(draft, kind, &mut shelves);
    fit::refuse_what_cannot_be_brought(draft, effects, &shelves);
    fit::note_what_is_there(draft, effects);
}

/// Totals the pool is to have. A limit below what is in use is not forced: it stands in a condition.
fn target(draft: &mut Draft<'_>, kind: LicenceKind, bought: &BoughtPool, shelves: &Shelves) -> Both {
    let have = Both::from(draft.account.stock(kind));
    let (used, coming) = (shelves.used_in_the_end(), shelves.coming());
    let mut within = |limit: Amount,
                      (have, used, coming, beyond): (i64, i64, i64, i64),
                      reason,
                      noun: &str| match limit {
        Amount::Unlimited => used.max(0) + beyond,
        Amount::Limit(limit) if limit >= have || used <= limit => limit,
        Amount::Limit(limit) if used - coming <= limit => {
            draft.wait(Subject::Pool(kind));
            have
        }
        Amount::Limit(limit) => {
            let message = format!(
                "{limit} {noun} of {kind} are bought, but {used} are assigned; reduce some, and it happens by itself"
            );
            draft.refuse(Subject::Pool(kind), reason, message);
            have
        }
    };
    let beyond = shelves.beyond;
    let keys = (have.keys, used.keys, coming.keys, beyond.keys);
    let gb = (have.gb, used.gb, coming.gb, beyond.gb);
    let target = Both {
        keys: within(bought.licences, keys, Reason::LicensesExceedPurchase, "licences"),
        gb: within(bought.quota, gb, Reason::QuotaExceedsPurchase, "GB"),
    };
    within_reach(draft, kind, have, target, shelves)
}

/// Only what is free in groups of ours can be released: the rest would be missing from what this plan uses.
fn within_reach(
    draft: &mut Draft<'_>,
    kind: LicenceKind,
    have: Both,
    target: Both,
    shelves: &Shelves,
) -> Both {
    let most = (target - have).each(-shelves.spare(), i64::max);
    if most != target - have {
        let message = format!(
            "free {kind} stock is in groups that we were never told of; bring it to the default group"
        );
        draft.refuse(Subject::Pool(kind), Reason::LicensesExceedPurchase, message);
    }
    have + most
}

/// Provision and Release are deltas of two independent numbers: one may rise while the other falls.
fn resize(draft: &mut Draft<'_>, kind: LicenceKind, target: Both, shelves: &mut Shelves) {
    let have = Both::from(draft.account.stock(kind));
    let change = target - have;
    let totals = |of: Both| format!("{} licences and {} GB", of.keys, of.gb);
    let why = differs("pool", totals(have), totals(target));
    let part = |of: fn(i64) -> bool| {
        let keys = of(change.keys).then_some(target.keys);
        (keys, of(change.gb).then_some(Gb(target.gb)))
    };
    let mut step = |by: Both, action: Action| {
        if by.is_nothing() || withholds(draft, kind, &action) {
            return;
        }
        let home = shelves.at(Place::Home);
        home.free += by;
        // A Transfer comes after a Provision, and before a Release.
        home.stock += by.positive();
        draft.step(Subject::Pool(kind), action, why.clone());
    };
    let (licences, quota) = part(|by| by > 0);
    step(change.positive(), Action::Provision { licences, quota });
    let (licences, quota) = part(|by| by < 0);
    step(-(-change).positive(), Action::Release { licences, quota });
}

/// Whether a step of the pool is not done: then nothing is counted on it.
fn withholds(draft: &Draft<'_>, kind: LicenceKind, action: &Action) -> bool {
    draft.withholds(Subject::Pool(kind), |withheld| withheld == action)
}
