//! Shelves: what each group has, frees and needs of one kind, once the other steps of the plan have run.

use super::Both;
use super::belongings::sync_gb;
use super::effect::{Change, Effects};
use crate::domain::licence::ObservedLicence;
use crate::domain::observed::GroupContents;
use crate::domain::{Gb, LicenceKind, MachineId};
use crate::plan::draft::Draft;
use crate::plan::{Action, Place};
use std::collections::{BTreeMap, HashMap};

/// One group's.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Shelf {
    /// All there is.
    pub stock: Both,
    /// Neither assigned nor promised; GB are negative while a move is half done.
    pub free: Both,
    /// Perhaps free later: what becomes of a deleted machine's key, Mozy decides.
    pub coming: Both,
    /// What this plan assigns and promises here.
    pub need: Both,
    /// The group is to go: all it has free goes home.
    pub closing: bool,
}

impl Shelf {
    /// What is missing here.
    pub fn short(&self) -> Both {
        (self.need - self.free).positive()
    }

    /// What nobody here needs.
    pub fn spare(&self) -> Both {
        (self.free - self.need).positive()
    }
}

/// All groups' that are ours.
pub(super) struct Shelves {
    shelves: BTreeMap<Place, Shelf>,
    /// Free in groups that are not ours: nobody here can use or release it.
    pub beyond: Both,
    /// Keys assigned and GB promised over all groups, unmanaged ones among them.
    used: Both,
    freed: Both,
    need: Both,
    /// What moved users leave behind, and where they go.
    moved: BTreeMap<(Place, Place), Both>,
}

impl Shelves {
    /// With the effects of the steps drafted so far.
    pub fn new(draft: &Draft<'_>, effects: Effects<'_>) -> Self {
        let mut all = Self::observed(draft, effects.kind);
        all.owe(draft, effects.kind);
        for drafted in &draft.steps {
            let (moves, user) =
                (moves(&drafted.step.action), matches!(drafted.step.action, Action::MoveUser { .. }));
            let changes = effects.of(draft, &drafted.step);
            // A key that somebody moved may have left its GB where it goes back to.
            if let (true, [from, to]) = (user, &changes[..]) {
                *all.moved.entry((from.place, to.place)).or_default() += from.freed;
            }
            changes.into_iter().for_each(|change| all.apply(change, moves));
        }
        all
    }

    /// What was left behind before this plan follows as well, if both groups are still ours and stay.
    fn owe(&mut self, draft: &Draft<'_>, kind: LicenceKind) {
        for owed in draft.policy.owed.iter().filter(|owed| owed.kind == kind) {
            let places = draft.matching.place(owed.from).zip(draft.matching.place(owed.to));
            if let Some((from, to)) = places.filter(|(from, to)| from != to && !self.at(*to).closing) {
                *self.moved.entry((from, to)).or_default() += Both::gb(owed.quota.0);
            }
        }
    }

    /// As they were seen.
    pub fn observed(draft: &Draft<'_>, kind: LicenceKind) -> Self {
        let (shelves, beyond, used, freed, need, moved) = Default::default();
        let mut all = Self { shelves, beyond, used, freed, need, moved };
        all.shelves.insert(Place::Home, Shelf::default());
        for (group, have) in &draft.matching.groups {
            if (have.is_some() || !group.removed) && !draft.matching.is_home(group.id) {
                let shelf = Shelf { closing: group.removed, ..Shelf::default() };
                all.shelves.insert(Place::Own(group.id), shelf);
            }
        }
        for contents in &draft.account.groups {
            let stock = *contents.stock.of(kind);
            let used = Both::new(stock.assigned(), committed(draft, contents, kind));
            let free = Both::from(stock) - used;
            all.used += used;
            match draft.matching.place(contents.group.id) {
                Some(place) => {
                    let shelf = all.at(place);
                    (shelf.stock, shelf.free) = (stock.into(), free);
                }
                None => all.beyond += free.positive(),
            }
        }
        all
    }

    fn apply(&mut self, change: Change, moves: bool) {
        let Change { place, freed, coming, need, carried } = change;
        // A move needs nothing that it does not free elsewhere.
        if !moves {
            self.freed += freed;
            self.need += need;
        }
        let shelf = self.at(place);
        shelf.stock += carried;
        shelf.free += freed;
        shelf.coming += coming;
        shelf.need += need;
    }

    /// One group's.
    pub fn at(&mut self, place: Place) -> &mut Shelf {
        self.shelves.entry(place).or_default()
    }

    /// What moved users leave behind, and where they go; who goes back takes nothing along that never followed him.
    pub fn moved(&self) -> BTreeMap<(Place, Place), Both> {
        let back = |(from, to): (Place, Place)| self.moved.get(&(to, from)).copied().unwrap_or_default();
        self.moved.iter().map(|(way, left)| (*way, (*left - back(*way)).positive())).collect()
    }

    /// All, home first.
    pub fn all(&self) -> impl Iterator<Item = (Place, &Shelf)> {
        self.shelves.iter().map(|(place, shelf)| (*place, shelf))
    }

    /// What is left of ours once this plan has what it needs.
    pub fn spare(&self) -> Both {
        self.shelves.values().fold(Both::default(), |sum, shelf| sum + shelf.free - shelf.need).positive()
    }

    /// In use when what this plan frees is freed, and what it needs not yet used.
    pub fn used_at_least(&self) -> Both {
        self.used - self.freed
    }

    /// In use when this plan has run.
    pub fn used_in_the_end(&self) -> Both {
        self.used_at_least() + self.need
    }

    /// What may be freed by this plan, or stay in use.
    pub fn coming(&self) -> Both {
        self.shelves.values().fold(Both::default(), |sum, shelf| sum + shelf.coming)
    }
}

/// Whether what is needed in one group is left behind in another.
pub(super) fn moves(action: &Action) -> bool {
    matches!(action, Action::MoveUser { .. } | Action::MoveKey { .. })
}

/// GB promised to the keys and synced users of a group. While a move is half done, what Mozy counts as distributed may
/// still stand in the old group, and whether it counts sync there is not written; so what the keys and machines say counts
/// too, as far as they were read.
fn committed(draft: &Draft<'_>, contents: &GroupContents, kind: LicenceKind) -> i64 {
    let machines: HashMap<MachineId, Gb> =
        contents.machines.values().flatten().map(|machine| (machine.id, machine.quota)).collect();
    let of = |licence: &ObservedLicence| match licence.machine {
        Some(machine) => machines.get(&machine).copied(),
        None => licence.quota.filter(|_| !licence.is_free()),
    };
    let licences = contents.licences.iter().filter(|licence| licence.kind == Some(kind));
    let promised: i64 = licences.filter_map(of).map(|quota| quota.0).sum();
    let synced = contents.users.iter().filter(|user| user.sync != Some(false));
    let synced: i64 = synced.map(|user| sync_gb(draft, user, kind)).sum();
    contents.stock.of(kind).distributed.0.max(promised + synced)
}
