//! What fits: steps that need more than was bought are dropped and say so, the latest wish first. Limits hold at the
//! endpoint already; this is for what only Mozy shows: keys that others assigned in its panel, or a limit that went down.

use super::effect::{Change, Effects};
use super::shelf::moves;
use super::{Action, Both, Place, Shelf, Shelves, Subject};
use crate::domain::subscription::BoughtPool;
use crate::domain::{Amount, Reason};
use crate::plan::Step;
use crate::plan::draft::{Draft, Drafted};
use std::collections::{BTreeMap, BTreeSet};

/// Whether a step runs, waits for what earlier steps may free, or cannot be.
enum Fit {
    Runs,
    Waits,
    Refused(Reason),
}

/// More than anybody buys.
const NO_LIMIT: i64 = i64::MAX / 4;

/// Drops what the pool cannot hold; what stays is on the shelves.
pub(super) fn refuse_what_does_not_fit(
    draft: &mut Draft<'_>,
    effects: Effects<'_>,
    bought: &BoughtPool,
) -> Shelves {
    let shelves = Shelves::new(draft, effects);
    let limit = |amount: Amount| amount.limit().unwrap_or(NO_LIMIT);
    let mut left = Both::new(limit(bought.licences), limit(bought.quota)) - shelves.used_at_least();
    let mut coming = shelves.coming();
    let all_run = sieve(draft, effects, |need, _| {
        if need.keys <= left.keys.max(0) && need.gb <= left.gb.max(0) {
            left += -need;
            return Fit::Runs;
        }
        let with_coming = left.positive() + coming;
        match need.keys <= with_coming.keys && need.gb <= with_coming.gb {
            true => {
                coming += -need;
                Fit::Waits
            }
            false if need.keys > left.keys.max(0) => Fit::Refused(Reason::LicensesExceedPurchase),
            false => Fit::Refused(Reason::QuotaExceedsPurchase),
        }
    });
    if all_run { shelves } else { Shelves::new(draft, effects) }
}

/// Lets everything that needs stock wait: what is there is not known.
pub(super) fn let_all_wait(draft: &mut Draft<'_>, effects: Effects<'_>) {
    sieve(draft, effects, |_, _| Fit::Waits);
}

/// Drops what lacks stock that is bought and free, but in groups that are not ours to touch.
pub(super) fn refuse_what_cannot_be_brought(draft: &mut Draft<'_>, effects: Effects<'_>, shelves: &Shelves) {
    let short = shelves.all().map(|(place, shelf)| (place, Shelf::short(shelf)));
    let mut short: BTreeMap<Place, Both> = short.filter(|(_, short)| !short.is_nothing()).collect();
    if short.is_empty() {
        return;
    }
    draft.steps.reverse();
    sieve(draft, effects, |need, place| match short.get_mut(&place) {
        Some(missing) if missing.keys > 0 && need.keys > 0 => {
            *missing += -need;
            Fit::Refused(Reason::LicensesExceedPurchase)
        }
        Some(missing) if missing.gb > 0 && need.gb > 0 => {
            *missing += -need;
            Fit::Refused(Reason::QuotaExceedsPurchase)
        }
        _ => Fit::Runs,
    });
    draft.steps.reverse();
}

/// Notes whose steps find all they need where it is, before the pool is changed at all: if Mozy refuses that, they go on.
/// Not while somebody moves, which brings and takes.
pub(super) fn note_what_is_there(draft: &mut Draft<'_>, effects: Effects<'_>) {
    let more = |step: &Step| {
        step.subject == Subject::Pool(effects.kind) && !matches!(step.action, Action::Release { .. })
    };
    let any = |of: &dyn Fn(&Step) -> bool| draft.steps.iter().any(|drafted| of(&drafted.step));
    if !any(&more) || any(&|step| moves(&step.action)) {
        return;
    }
    let (mut there, mut missing) = (Shelves::observed(draft, effects.kind), BTreeSet::new());
    let mut found = BTreeSet::new();
    for Drafted { step, .. } in &draft.steps {
        for Change { place, need, .. } in effects.of(draft, step).into_iter().filter(Change::needs) {
            let free = &mut there.at(place).free;
            if need.keys <= free.keys.max(0) && need.gb <= free.gb.max(0) {
                *free += -need;
                found.insert(step.subject);
            } else {
                missing.insert(step.subject);
            }
        }
    }
    draft.in_stock.extend(found.difference(&missing));
}

/// Keeps the steps that run; those that need nothing always do, and so does a move. Whether all of them run.
fn sieve(draft: &mut Draft<'_>, effects: Effects<'_>, mut fit: impl FnMut(Both, Place) -> Fit) -> bool {
    let drafted = std::mem::take(&mut draft.steps);
    let before = drafted.len();
    let mut kept = Vec::with_capacity(before);
    for drafted in drafted {
        let changes = match moves(&drafted.step.action) {
            true => Vec::new(),
            false => effects.of(draft, &drafted.step),
        };
        let need = changes.iter().find(|change| change.needs());
        let subject = drafted.step.subject;
        match need.map_or(Fit::Runs, |change| fit(change.need, change.place)) {
            Fit::Runs => kept.push(drafted),
            Fit::Waits => draft.wait(subject),
            Fit::Refused(reason) => {
                let what = if reason == Reason::LicensesExceedPurchase { "licence" } else { "GB" };
                let kind = effects.kind;
                let message = match draft.policy.alone.contains_key(&Subject::Pool(kind)) {
                    true => format!("no free {kind} {what} is there: what was bought does not stay at Mozy"),
                    false => {
                        format!("no free {kind} {what} is left of what was bought; buy more or remove some")
                    }
                };
                draft.refuse(subject, reason, message);
            }
        }
    }
    draft.steps = kept;
    draft.steps.len() == before
}
