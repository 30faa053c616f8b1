//! Pools: licences and GB of a kind are raised, lowered and brought to the groups where they are needed.
//!
//! Stock lives in groups, and what a subscription has is the sum over them. Provision and Release work on the home
//! group; a group that lacks stock gets it by Transfer from one that has it free. More comes before its use, and less
//! after it: so everything freed by earlier steps of the same plan is counted as free here.

use super::draft::{Draft, differs};
use super::{Action, Place, Subject, Why};
use crate::domain::pool::Stock;
use crate::domain::subscription::BoughtPool;
use crate::domain::{Amount, Gb, LicenceKind, Reason};
use std::collections::BTreeMap;

mod demand;

/// What one group has and needs of one kind, once the other steps of this plan have run.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Shelf {
    /// As observed.
    stock: Stock,
    /// Free keys.
    free_licences: i64,
    /// Free GB; negative while a move is half done.
    free_quota: i64,
    /// Keys that this plan assigns here.
    need_licences: i64,
    /// GB that this plan promises here.
    need_quota: i64,
    /// The group is to go: all it has free goes home.
    closing: bool,
}

type Shelves = BTreeMap<Place, Shelf>;

/// Plans both pools.
pub fn plan(draft: &mut Draft<'_>) {
    if draft.desired.subscription.removed {
        return;
    }
    for kind in LicenceKind::ALL {
        // Numbers that may be old lead nowhere: what needs them waits too.
        if !draft.policy.unsettled.contains(&Subject::Pool(kind)) {
            plan_kind(draft, kind);
        }
    }
}

fn plan_kind(draft: &mut Draft<'_>, kind: LicenceKind) {
    let bought = *draft.desired.subscription.bought.pools.of(kind);
    demand::refuse_what_does_not_fit(draft, kind, &bought);
    let mut shelves = demand::shelves(draft, kind);
    let target = target(draft, kind, &bought, &shelves);
    resize(draft, kind, target, &mut shelves);
    transfer(draft, kind, &mut shelves);
}

/// Totals the pool is to have. A limit below what is in use is not forced: it stands in a condition.
fn target(draft: &mut Draft<'_>, kind: LicenceKind, bought: &BoughtPool, shelves: &Shelves) -> (i64, i64) {
    let have = draft.account.stock(kind);
    let freed = |of: fn(&Shelf) -> i64, seen: fn(&Stock) -> i64| -> i64 {
        shelves.values().map(|shelf| of(shelf) - seen(&shelf.stock)).sum()
    };
    let licences_used = have.assigned() - freed(|s| s.free_licences, Stock::free_licences)
        + shelves.values().map(|shelf| shelf.need_licences).sum::<i64>();
    let quota_used = have.distributed.0 - freed(|s| s.free_quota, |stock| stock.free_quota().0)
        + shelves.values().map(|shelf| shelf.need_quota).sum::<i64>();
    let licences = within(bought.licences, have.licences, licences_used);
    let quota = within(bought.quota, have.quota.0, quota_used);
    if licences.is_none() {
        let (limit, message) = (bought.licences, format!("{licences_used} {kind} licences are in use"));
        let advice = format!(
            "{limit} {kind} licences are bought, but {message}; remove some, and it happens by itself"
        );
        draft.refuse(Subject::Pool(kind), Reason::LicensesExceedPurchase, advice);
    }
    if quota.is_none() {
        let (limit, message) = (bought.quota, format!("{quota_used} GB are assigned"));
        let advice =
            format!("{limit} GB of {kind} are bought, but {message}; reduce some, and it happens by itself");
        draft.refuse(Subject::Pool(kind), Reason::QuotaExceedsPurchase, advice);
    }
    (licences.unwrap_or(have.licences), quota.unwrap_or(have.quota.0))
}

/// The total to reach, or `None` when the limit is below what is in use and what is there is more than the limit.
fn within(bought: Amount, have: i64, used: i64) -> Option<i64> {
    match bought {
        Amount::Unlimited => Some(used.max(0)),
        Amount::Limit(limit) if limit >= have || used <= limit => Some(limit),
        Amount::Limit(_) => None,
    }
}

/// Provision and Release are deltas of two independent numbers: one may rise while the other falls.
fn resize(draft: &mut Draft<'_>, kind: LicenceKind, target: (i64, i64), shelves: &mut Shelves) {
    let have = draft.account.stock(kind);
    let home = shelves.entry(Place::Home).or_default();
    let (licences, quota) = (target.0 - have.licences, target.1 - have.quota.0);
    home.free_licences += licences;
    home.free_quota += quota;
    let totals = |stock: i64, gb: i64| format!("{stock} licences and {gb} GB");
    let why = differs("pool", totals(have.licences, have.quota.0), totals(target.0, target.1));
    let (more, less) = (|by: i64| by > 0, |by: i64| by < 0);
    if more(licences) || more(quota) {
        let (licences, quota) = (more(licences).then_some(target.0), more(quota).then_some(Gb(target.1)));
        draft.step(Subject::Pool(kind), Action::Provision { licences, quota }, why.clone());
    }
    if less(licences) || less(quota) {
        let (licences, quota) = (less(licences).then_some(target.0), less(quota).then_some(Gb(target.1)));
        draft.step(Subject::Pool(kind), Action::Release { licences, quota }, why);
    }
}

/// Brings free stock to where it is short: from home first, then from the other groups; and home what closes.
fn transfer(draft: &mut Draft<'_>, kind: LicenceKind, shelves: &mut Shelves) {
    let places: Vec<Place> = shelves.keys().copied().collect();
    for &to in &places {
        for &from in &places {
            let (source, target) = (shelves[&from], shelves[&to]);
            let short = (target.need_licences - target.free_licences, target.need_quota - target.free_quota);
            let spare = (source.free_licences - source.need_licences, source.free_quota - source.need_quota);
            let closing = to == Place::Home && source.closing;
            let wanted = if closing { spare } else { short };
            let moved = (wanted.0.min(spare.0).max(0), wanted.1.min(spare.1).max(0));
            if from == to || moved == (0, 0) || (target.closing && to != Place::Home) {
                continue;
            }
            move_stock(draft, kind, (from, to), moved, shelves);
        }
    }
}

fn move_stock(
    draft: &mut Draft<'_>,
    kind: LicenceKind,
    (from, to): (Place, Place),
    (licences, quota): (i64, i64),
    shelves: &mut Shelves,
) {
    if let Some(source) = shelves.get_mut(&from) {
        source.free_licences -= licences;
        source.free_quota -= quota;
    }
    let Some(target) = shelves.get_mut(&to) else { return };
    target.free_licences += licences;
    target.free_quota += quota;
    target.stock.licences += licences;
    target.stock.quota += Gb(quota);
    let action = Action::Transfer { from, to, licences: target.stock.licences, quota: target.stock.quota };
    let why = Why::Needed(format!("{licences} licences and {quota} GB are free elsewhere and needed here"));
    draft.step(Subject::Pool(kind), action, why);
}
