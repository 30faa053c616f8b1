//! Free stock is brought to where it is short: home first, then to the other groups, from home before others; and home
//! what closes.

use super::{Both, Shelves, withholds};
use crate::domain::{Gb, LicenceKind};
use crate::plan::draft::{Draft, Drafted};
use crate::plan::{Action, Place, Step, Subject, Why};
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
    let (becomes, more) = (shelves.at(to).stock + amount, (amount.keys, Gb(amount.gb)));
    let transfer = Action::Transfer { from, to, licences: becomes.keys, quota: Gb(becomes.gb), more };
    if withholds(draft, kind, &transfer) {
        return;
    }
    let source = shelves.at(from);
    source.free += -amount;
    source.stock += -amount;
    let target = shelves.at(to);
    target.free += amount;
    target.stock = becomes;
    if !goes_along(draft, kind, (from, to), amount) {
        draft.step(Subject::Pool(kind), transfer, why(more));
    }
}

/// What goes the same way as something before goes along with it, unless it first has to come to where it starts. What
/// comes to the target after that finds so much more there.
fn goes_along(draft: &mut Draft<'_>, kind: LicenceKind, way: (Place, Place), amount: Both) -> bool {
    let of_kind = |drafted: &&mut Drafted| drafted.step.subject == Subject::Pool(kind);
    let mut later: Vec<&mut Step> =
        draft.steps.iter_mut().filter(of_kind).map(|drafted| &mut drafted.step).collect();
    let goes = |step: &&mut Step, way: (Option<Place>, Place)| matches!(step.action, Action::Transfer { from, to, .. } if way.0.is_none_or(|w| w == from) && to == way.1);
    let Some(at) = later.iter().rposition(|step| goes(step, (Some(way.0), way.1))) else { return false };
    if later[at..].iter().any(|step| goes(step, (None, way.0))) {
        return false;
    }
    for (nth, step) in later[at..].iter_mut().enumerate() {
        if let Action::Transfer { to, licences, quota, more, .. } = &mut step.action
            && *to == way.1
        {
            *licences += amount.keys;
            *quota += Gb(amount.gb);
            if nth == 0 {
                *more = (more.0 + amount.keys, more.1 + Gb(amount.gb));
                step.why = why(*more);
            }
        }
    }
    true
}

fn why((keys, gb): (i64, Gb)) -> Why {
    Why::Needed(format!("{keys} licences and {gb} are free elsewhere and needed here"))
}
