//! Effects: what a step changes in a pool, and in which group.

use super::Both;
use crate::domain::licence::ObservedLicence;
use crate::domain::user::ObservedUser;
use crate::domain::{Gb, Keystring, LicenceId, LicenceKind, MachineId, MozyGroupId, MozyUserId, UserId};
use crate::plan::draft::Draft;
use crate::plan::sync::starting_quota;
use crate::plan::{Action, Place, Step, Subject};
use std::collections::{HashMap, HashSet};

/// What changes in one group.
#[derive(Debug, Clone, Copy)]
pub(super) struct Change {
    pub place: Place,
    /// Surely free afterwards.
    pub freed: Both,
    /// Perhaps free afterwards.
    pub coming: Both,
    /// Free before, and not afterwards.
    pub need: Both,
    /// Stock that comes along with a user, or goes with him.
    pub carried: Both,
}

impl Change {
    fn at(place: Place) -> Self {
        let (freed, coming, need, carried) = Default::default();
        Self { place, freed, coming, need, carried }
    }

    /// Positive is needed, negative is freed.
    fn by(place: Place, amount: Both) -> Self {
        Self { need: amount.positive(), freed: (-amount).positive(), ..Self::at(place) }
    }
}

/// Finds the effects of steps without searching.
pub(super) struct Effects {
    kind: LicenceKind,
    /// Where in the matching a user is.
    users: HashMap<UserId, usize>,
    /// Whose licence it is.
    owners: HashMap<LicenceId, usize>,
    /// Who is moved by this plan.
    moving: HashSet<UserId>,
    /// GB of keys and machines that this plan makes smaller before anybody is moved; cleared keys are nobody's then.
    smaller: HashMap<Held, Option<i64>>,
    /// All keys assigned or used in a group, by whom.
    belongings: HashMap<(MozyGroupId, Owner), Vec<usize>>,
}

/// What GB are promised to.
#[derive(PartialEq, Eq, Hash)]
enum Held {
    Key(Keystring),
    Machine(MachineId),
}

/// A key's owner is told by its machine, else by its address.
#[derive(PartialEq, Eq, Hash)]
enum Owner {
    Machine(MozyUserId),
    Address(String),
}

impl Effects {
    pub fn new(draft: &Draft<'_>, kind: LicenceKind) -> Self {
        let numbered = || draft.matching.users.iter().enumerate();
        let licences = numbered().flat_map(|(at, user)| user.licences.iter().map(move |(l, _)| (l.id, at)));
        let moving = draft.steps.iter().filter_map(|drafted| match drafted.step {
            Step { subject: Subject::User(id), action: Action::MoveUser { .. }, .. } => Some(id),
            _ => None,
        });
        Self {
            kind,
            users: numbered().map(|(at, user)| (user.want.id, at)).collect(),
            owners: licences.collect(),
            moving: moving.collect(),
            smaller: draft.steps.iter().filter_map(|drafted| smaller(draft, &drafted.step.action)).collect(),
            belongings: if whole_users(draft) { belongings(draft, kind) } else { HashMap::new() },
        }
    }

    /// What a step changes; nothing for most.
    pub fn of(&self, draft: &Draft<'_>, step: &Step) -> Vec<Change> {
        match (&step.action, step.subject) {
            (Action::AssignKey { kind, quota, place, .. }, _) if *kind == self.kind => {
                vec![Change::by(*place, Both::new(1, quota.0))]
            }
            (Action::ResizeKey { key, quota }, subject) => {
                let seen = draft.matching.index.key(key);
                self.resized(draft, subject, seen, seen.and_then(|seen| seen.quota), *quota)
            }
            (Action::ResizeMachine { machine, quota }, subject) => {
                let have = draft.matching.index.machine(*machine).map(|machine| machine.quota);
                self.resized(draft, subject, draft.matching.index.key_of(*machine), have, *quota)
            }
            (Action::ClearKey { key, .. }, _) => {
                let seen = draft.matching.index.key(key).filter(|seen| seen.kind == Some(self.kind));
                let change = |seen: &ObservedLicence| {
                    let freed = Both::new(1, seen.quota.map_or(0, |quota| quota.0));
                    Some(Change { freed, ..Change::at(draft.matching.place(seen.group)?) })
                };
                seen.and_then(change).into_iter().collect()
            }
            (Action::MoveKey { key, place }, _) => {
                let seen = draft.matching.index.key(key).filter(|seen| seen.kind == Some(self.kind));
                seen.map_or_else(Vec::new, |seen| {
                    let (key, gb) = (Both::new(1, 0), Both::gb(seen.quota.map_or(0, |quota| quota.0)));
                    let from = draft.matching.place(seen.group);
                    let from = from.map(|place| Change { freed: gb, carried: -key, ..Change::at(place) });
                    let to = Change { need: gb, carried: key, ..Change::at(*place) };
                    from.into_iter().chain([to]).collect()
                })
            }
            (Action::DeleteMachine { machine }, _) => {
                let key = draft.matching.index.key_of(*machine).filter(|seen| seen.kind == Some(self.kind));
                let change = |seen: &ObservedLicence| {
                    let coming = Both::new(1, machine_gb(draft, *machine));
                    Some(Change { coming, ..Change::at(draft.matching.place(seen.group)?) })
                };
                key.and_then(change).into_iter().collect()
            }
            (action, Subject::User(id)) => self.of_user(draft, action, id),
            _ => Vec::new(),
        }
    }

    /// Less frees where the key is now, for it runs before a move; more is needed where it will be.
    fn resized(
        &self,
        draft: &Draft<'_>,
        subject: Subject,
        seen: Option<&ObservedLicence>,
        have: Option<Gb>,
        quota: Gb,
    ) -> Vec<Change> {
        let Some(seen) = seen.filter(|seen| seen.kind == Some(self.kind)) else { return Vec::new() };
        let by = quota.0 - have.map_or(0, |have| have.0);
        let now = draft.matching.place(seen.group);
        let moved = match subject {
            Subject::Licence(id) => self.owners.get(&id).map(|at| draft.matching.users[*at].want),
            _ => None,
        };
        let moved =
            moved.filter(|want| by > 0 && self.moving.contains(&want.id)).map(|want| draft.place_of(want));
        moved.or(now).map(|place| Change::by(place, Both::gb(by))).into_iter().collect()
    }

    fn of_user(&self, draft: &Draft<'_>, action: &Action, id: UserId) -> Vec<Change> {
        let Some(user) = self.users.get(&id).map(|at| &draft.matching.users[*at]) else { return Vec::new() };
        let here = user.have.and_then(|have| draft.matching.place(have.group));
        let there = match user.have {
            Some(_) if !self.moving.contains(&id) => here,
            _ => Some(draft.place_of(user.want)),
        };
        let synced = user.have.map_or(0, |have| self.synced(draft, have));
        let wanted = draft.desired.sync_quota(user.want).map_or(0, |quota| quota.0);
        let desktop = self.kind == LicenceKind::Desktop;
        let change = match action {
            Action::MoveUser { .. } => {
                return user.have.map_or_else(Vec::new, |have| self.moved(draft, have, here, there));
            }
            Action::DeleteUser => user.have.zip(here).map(|(have, place)| self.deleted(draft, have, place)),
            Action::SetUserSync(false) => here.map(|place| Change::by(place, Both::gb(-synced))),
            Action::SetUserSync(true) if desktop => {
                let starts = starting_quota(draft).0;
                there.map(|place| Change::by(place, Both::gb(wanted.max(starts))))
            }
            Action::ResizeSync { quota, .. } if desktop => {
                let by = quota.0 - synced;
                if by > 0 { there } else { here }.map(|place| Change::by(place, Both::gb(by)))
            }
            _ => None,
        };
        change.into_iter().collect()
    }

    /// His keys and the GB of his machines go along; the GB of his reserved keys stay (contract, section 3, fine print).
    fn moved(
        &self,
        draft: &Draft<'_>,
        have: &ObservedUser,
        from: Option<Place>,
        to: Option<Place>,
    ) -> Vec<Change> {
        let (mut carried, mut left) = (Both::gb(self.synced(draft, have)), Both::default());
        for (reserved, gb) in self.his(draft, have) {
            carried += Both::new(1, if reserved { 0 } else { gb });
            left += Both::gb(if reserved { gb } else { 0 });
        }
        let from = from.map(|place| Change { freed: left, carried: -carried, ..Change::at(place) });
        let to = to.map(|place| Change { need: left, carried, ..Change::at(place) });
        from.into_iter().chain(to).collect()
    }

    fn deleted(&self, draft: &Draft<'_>, have: &ObservedUser, place: Place) -> Change {
        let mut change = Change { freed: Both::gb(self.synced(draft, have)), ..Change::at(place) };
        for (reserved, gb) in self.his(draft, have) {
            let part = if reserved { &mut change.freed } else { &mut change.coming };
            *part += Both::new(1, gb);
        }
        change
    }

    /// Each of his keys: whether it is reserved, and its GB.
    fn his(&self, draft: &Draft<'_>, have: &ObservedUser) -> Vec<(bool, i64)> {
        let Some(contents) = draft.matching.index.contents(have.group) else { return Vec::new() };
        let address = Owner::Address(have.username.trim().to_lowercase());
        let owners = [Owner::Machine(have.id), address].map(|owner| (have.group, owner));
        let keys = owners.iter().filter_map(|owner| self.belongings.get(owner)).flatten();
        let keys = keys.map(|at| &contents.licences[*at]);
        let keys = keys.map(|key| match key.machine {
            Some(machine) => (false, Held::Machine(machine), machine_gb(draft, machine)),
            None => (true, Held::Key(key.key.clone()), key.quota.map_or(0, |quota| quota.0)),
        });
        keys.filter_map(|(reserved, held, gb)| {
            Some((reserved, self.smaller.get(&held).copied().unwrap_or(Some(gb))?))
        })
        .collect()
    }

    fn synced(&self, draft: &Draft<'_>, have: &ObservedUser) -> i64 {
        let machine = draft.matching.index.sync_machine(have.id);
        machine.filter(|_| self.kind == LicenceKind::Desktop).map_or(0, |machine| machine.quota.0)
    }
}

fn machine_gb(draft: &Draft<'_>, machine: MachineId) -> i64 {
    draft.matching.index.machine(machine).map_or(0, |machine| machine.quota.0)
}

/// Whether somebody is moved or deleted, with all that is his.
fn whole_users(draft: &Draft<'_>) -> bool {
    let whole = |action: &Action| matches!(action, Action::MoveUser { .. } | Action::DeleteUser);
    draft.steps.iter().any(|drafted| whole(&drafted.step.action))
}

fn belongings(draft: &Draft<'_>, kind: LicenceKind) -> HashMap<(MozyGroupId, Owner), Vec<usize>> {
    let mut belongings: HashMap<(MozyGroupId, Owner), Vec<usize>> = HashMap::new();
    for contents in &draft.account.groups {
        for (at, licence) in
            contents.licences.iter().enumerate().filter(|(_, licence)| licence.kind == Some(kind))
        {
            let machine = draft.matching.index.machine_of(licence);
            let owner = match (machine, &licence.email) {
                (Some(machine), _) => Owner::Machine(machine.user),
                (None, Some(email)) => Owner::Address(email.trim().to_lowercase()),
                (None, None) => continue,
            };
            belongings.entry((contents.group.id, owner)).or_default().push(at);
        }
    }
    belongings
}

fn smaller(draft: &Draft<'_>, action: &Action) -> Option<(Held, Option<i64>)> {
    let (held, have, quota) = match action {
        Action::ClearKey { key, .. } => return Some((Held::Key(key.clone()), None)),
        Action::ResizeKey { key, quota } => {
            let have = draft.matching.index.key(key)?.quota.map_or(0, |quota| quota.0);
            (Held::Key(key.clone()), have, quota.0)
        }
        Action::ResizeMachine { machine, quota } => {
            (Held::Machine(*machine), machine_gb(draft, *machine), quota.0)
        }
        _ => return None,
    };
    (quota < have).then_some((held, Some(quota)))
}
