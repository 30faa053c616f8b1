//! What each group will have free and need of a kind, after the steps drafted so far; and which of them do not fit.

use super::{Shelf, Shelves};
use crate::domain::licence::ObservedLicence;
use crate::domain::observed::{Account, GroupContents};
use crate::domain::subscription::BoughtPool;
use crate::domain::{Amount, Gb, Keystring, LicenceKind, MachineId, MozyGroupId, Reason, UserId};
use crate::plan::draft::Draft;
use crate::plan::{Action, Place, Step, Subject};
use std::collections::BTreeMap;

/// What each group has, with the effects of the drafted steps.
pub(super) fn shelves(draft: &Draft<'_>, kind: LicenceKind) -> Shelves {
    let mut shelves = Shelves::new();
    shelves.insert(Place::Home, shelf(draft, Place::Home, kind));
    for (group, have) in &draft.matching.groups {
        if have.is_some() || !group.removed {
            let place = Place::Own(group.id);
            shelves.insert(place, Shelf { closing: group.removed, ..shelf(draft, place, kind) });
        }
    }
    let index = Index::new(draft, kind);
    for step in &draft.steps {
        if let Some((place, (licences, quota))) = index.effect(draft, step) {
            let shelf = shelves.entry(place).or_default();
            shelf.need_licences += licences.max(0);
            shelf.free_licences += (-licences).max(0);
            shelf.need_quota += quota.max(0);
            shelf.free_quota += (-quota).max(0);
        }
    }
    shelves
}

fn shelf(draft: &Draft<'_>, place: Place, kind: LicenceKind) -> Shelf {
    let Some(contents) = draft.mozy_group(place).and_then(|id| draft.account.group(id)) else {
        return Shelf::default();
    };
    let stock = *contents.stock.of(kind);
    let committed = stock.distributed.0.max(promised(contents, kind));
    Shelf {
        stock,
        free_licences: stock.free_licences(),
        free_quota: stock.quota.0 - committed,
        ..Shelf::default()
    }
}

/// GB promised to the keys and synced machines of a group, as far as they were read. While a move is half done, what
/// Mozy counts as distributed may still stand in the old group.
fn promised(contents: &GroupContents, kind: LicenceKind) -> i64 {
    let machines: BTreeMap<MachineId, Gb> =
        contents.machines.values().flatten().map(|machine| (machine.id, machine.quota)).collect();
    let of = |licence: &ObservedLicence| match licence.machine {
        Some(machine) => machines.get(&machine).copied(),
        None => licence.quota.filter(|_| !licence.is_free()),
    };
    contents.licences.iter().filter(|licence| licence.kind == kind).filter_map(of).map(|quota| quota.0).sum()
}

/// Drops what the pool cannot hold, the latest wish first, and says so. Limits hold at the endpoint already; this is
/// for what only Mozy shows: keys that others assigned in its panel, or a limit that went down since.
pub(super) fn refuse_what_does_not_fit(draft: &mut Draft<'_>, kind: LicenceKind, bought: &BoughtPool) {
    let shelves = shelves(draft, kind);
    let have = draft.account.stock(kind);
    let growth =
        |amount: Amount, have: i64| amount.limit().map_or(i64::MAX / 4, |limit| (limit - have).max(0));
    let mut licences: i64 = shelves.values().map(|shelf| shelf.free_licences).sum::<i64>()
        + growth(bought.licences, have.licences);
    let mut quota: i64 =
        shelves.values().map(|shelf| shelf.free_quota).sum::<i64>() + growth(bought.quota, have.quota.0);
    let index = Index::new(draft, kind);
    let mut refused = Vec::new();
    for (at, step) in draft.steps.iter().enumerate() {
        let Some((_, (need_licences, need_quota))) = index.effect(draft, step) else { continue };
        let (need_licences, need_quota) = (need_licences.max(0), need_quota.max(0));
        if need_licences > licences.max(0) {
            refused.push((at, Reason::LicensesExceedPurchase));
        } else if need_quota > quota.max(0) {
            refused.push((at, Reason::QuotaExceedsPurchase));
        } else {
            licences -= need_licences;
            quota -= need_quota;
        }
    }
    for (at, reason) in refused.into_iter().rev() {
        let step = draft.steps.remove(at);
        let what = if reason == Reason::LicensesExceedPurchase { "licence" } else { "GB" };
        let message = format!("no free {kind} {what} is left of what was bought; buy more or remove some");
        draft.refuse(step.subject, reason, message);
    }
}

/// Finds what a step changes in a pool without searching.
struct Index<'a> {
    kind: LicenceKind,
    account: &'a Account,
    by_key: BTreeMap<&'a Keystring, &'a ObservedLicence>,
    by_machine: BTreeMap<MachineId, &'a ObservedLicence>,
    machine_quota: BTreeMap<MachineId, Gb>,
    places: BTreeMap<MozyGroupId, Place>,
    users: BTreeMap<UserId, usize>,
}

/// Keys and GB: positive is needed, negative is freed.
type Effect = (i64, i64);

impl<'a> Index<'a> {
    fn new(draft: &Draft<'a>, kind: LicenceKind) -> Self {
        let own = draft
            .matching
            .groups
            .iter()
            .filter_map(|(want, have)| Some((have.as_ref()?.id, Place::Own(want.id))));
        let home = draft.mozy_group(Place::Home).map(|id| (id, Place::Home));
        let machines = draft.account.groups.iter().flat_map(|contents| contents.machines.values().flatten());
        let licences = || draft.account.licences().filter(|licence| licence.kind == kind);
        Self {
            kind,
            account: draft.account,
            by_key: licences().map(|licence| (&licence.key, licence)).collect(),
            by_machine: licences().filter_map(|licence| Some((licence.machine?, licence))).collect(),
            machine_quota: machines.map(|machine| (machine.id, machine.quota)).collect(),
            places: own.chain(home).collect(),
            users: draft.matching.users.iter().enumerate().map(|(at, user)| (user.want.id, at)).collect(),
        }
    }

    fn effect(&self, draft: &Draft<'a>, step: &Step) -> Option<(Place, Effect)> {
        match &step.action {
            Action::AssignKey { kind, quota, place, .. } => {
                (*kind == self.kind).then_some((*place, (1, quota.0)))
            }
            Action::ResizeKey { key, quota } => {
                let seen = self.by_key.get(key)?;
                Some((self.place(seen.group)?, (0, quota.0 - seen.quota.map_or(0, |have| have.0))))
            }
            Action::ResizeMachine { machine, quota } => {
                let have = self.machine_quota.get(machine)?;
                Some((self.place(self.by_machine.get(machine)?.group)?, (0, quota.0 - have.0)))
            }
            Action::ClearKey { key } => self.freed(self.by_key.get(key)?),
            Action::DeleteMachine { machine } => self.freed(self.by_machine.get(machine)?),
            Action::DeleteUser | Action::SetUserSync(_) | Action::ResizeSync { .. } => {
                self.of_user(draft, step)
            }
            _ => None,
        }
    }

    fn place(&self, group: MozyGroupId) -> Option<Place> {
        self.places.get(&group).copied()
    }

    fn freed(&self, licence: &ObservedLicence) -> Option<(Place, Effect)> {
        let quota = match licence.machine {
            Some(machine) => self.machine_quota.get(&machine).map_or(0, |quota| quota.0),
            None => licence.quota.map_or(0, |quota| quota.0),
        };
        Some((self.place(licence.group)?, (-1, -quota)))
    }

    fn of_user(&self, draft: &Draft<'a>, step: &Step) -> Option<(Place, Effect)> {
        let Subject::User(id) = step.subject else { return None };
        let user = &draft.matching.users[*self.users.get(&id)?];
        let machines = user.have.map_or(&[][..], |have| self.account.machines(have.id));
        let synced = machines.iter().find(|machine| machine.is_sync()).map_or(0, |machine| machine.quota.0);
        let sync = if self.kind == LicenceKind::Desktop { synced } else { 0 };
        match &step.action {
            Action::DeleteUser => {
                let place = self.place(user.have?.group)?;
                let keys = user
                    .licences
                    .iter()
                    .filter_map(|(_, seen)| self.freed(self.by_key.get(&seen.as_ref()?.key)?));
                let (count, quota) = keys.fold((0, -sync), |sum, (_, (one, gb))| (sum.0 + one, sum.1 + gb));
                Some((place, (count, quota)))
            }
            Action::SetUserSync(on) if self.kind == LicenceKind::Desktop => {
                let place =
                    user.have.map_or(Some(Draft::place_of(user.want)), |have| self.place(have.group))?;
                let wanted = draft.desired.sync_quota(user.want).map_or(0, |quota| quota.0);
                Some((place, (0, if *on { wanted } else { -synced })))
            }
            Action::ResizeSync { quota, .. } if self.kind == LicenceKind::Desktop => {
                Some((self.place(user.have?.group)?, (0, quota.0 - synced)))
            }
            _ => None,
        }
    }
}
