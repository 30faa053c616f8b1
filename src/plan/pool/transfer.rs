//! Free stock is brought to where it is short: home first, then to the other groups, from home before others; and home
//! what closes.

use super::{Both, Shelves};
use crate::domain::{Gb, LicenceKind};
use crate::plan::draft::Draft;
use crate::plan::{Action, Place, Subject, Why};
use std::collections::VecDeque;

/// Plans the transfers of one kind.
pub(super) fn plan(draft: &mut Draft<'_>, kind: LicenceKind, shelves: &mut Shelves) {
    // What a moved user left behind follows him, whether his new group has stock of its own or not.
    for ((from, to), left) in shelves.moved() {
        let spare = shelves.at(from).spare();
        bring(draft, kind, (from, to), left.each(spare, i64::min), shelves);
    }
    let closing: Vec<Place> =
        shelves.all().filter(|(_, shelf)| shelf.closing).map(|(place, _)| place).collect();
    for from in closing {
        let spare = shelves.at(from).spare();
        bring(draft, kind, (from, Place::Home), spare, shelves);
    }
    let mut donors: VecDeque<Place> = places(shelves, |spare, _| !spare.is_nothing());
    let short = places(shelves, |_, short| !short.is_nothing());
    for to in short {
        fill(draft, kind, to, &mut donors, shelves);
    }
}

fn places(shelves: &Shelves, of: impl Fn(Both, Both) -> bool) -> VecDeque<Place> {
    let fits = shelves.all().filter(|(_, shelf)| of(shelf.spare(), shelf.short()));
    fits.map(|(place, _)| place).collect()
}

/// Takes from the donors in their order until nothing is short; who has nothing left is no donor any more.
fn fill(
    draft: &mut Draft<'_>,
    kind: LicenceKind,
    to: Place,
    donors: &mut VecDeque<Place>,
    shelves: &mut Shelves,
) {
    // More promised than there is: a move is half done, and what it left behind is not at home.
    if shelves.at(to).free.gb < 0 && donors.front() == Some(&Place::Home) {
        donors.rotate_left(1);
    }
    let mut passed = VecDeque::new();
    while let Some(from) = donors.pop_front() {
        let (spare, short) = (shelves.at(from).spare(), shelves.at(to).short());
        if short.is_nothing() {
            donors.push_front(from);
            break;
        }
        if from != to {
            bring(draft, kind, (from, to), spare.each(short, i64::min), shelves);
        }
        if !shelves.at(from).spare().is_nothing() {
            passed.push_back(from);
        }
    }
    passed.into_iter().rev().for_each(|donor| donors.push_front(donor));
    if donors.back() == Some(&Place::Home) {
        donors.rotate_right(1);
    }
}

fn bring(
    draft: &mut Draft<'_>,
    kind: LicenceKind,
    (from, to): (Place, Place),
    amount: Both,
    shelves: &mut Shelves,
) {
    if amount.is_nothing() {
        return;
    }
    let source = shelves.at(from);
    source.free += -amount;
    source.stock += -amount;
    let target = shelves.at(to);
    target.free += amount;
    target.stock += amount;
    let (licences, quota) = (target.stock.keys, Gb(target.stock.gb));
    let why = Why::Needed(format!(
        "{} licences and {} GB are free elsewhere and needed here",
        amount.keys, amount.gb
    ));
    let more = (amount.keys, Gb(amount.gb));
    draft.step(Subject::Pool(kind), Action::Transfer { from, to, licences, quota, more }, why);
}
