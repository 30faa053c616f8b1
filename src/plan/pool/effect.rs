//! Effects: what a step changes in the pool of one kind, and in which group.

use super::Both;
use super::belongings::{Belongings, machine_gb, sync_gb};
use crate::domain::licence::ObservedLicence;
use crate::domain::user::ObservedUser;
use crate::domain::{Gb, LicenceKind, UserId};
use crate::plan::draft::Draft;
use crate::plan::sync::starting_quota;
use crate::plan::{Action, Place, Step, Subject};

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
    /// Whether it needs anything.
    pub fn needs(&self) -> bool {
        !self.need.is_nothing()
    }

    fn at(place: Place) -> Self {
        let (freed, coming, need, carried) = Default::default();
        Self { place, freed, coming, need, carried }
    }

    /// Positive is needed, negative is freed.
    fn by(place: Place, amount: Both) -> Self {
        Self { need: amount.positive(), freed: (-amount).positive(), ..Self::at(place) }
    }
}

/// What steps change in the pool of one kind.
#[derive(Clone, Copy)]
pub(super) struct Effects<'b> {
    /// Whose.
    pub kind: LicenceKind,
    /// Whose is what in this plan.
    pub belongings: &'b Belongings,
}

impl Effects<'_> {
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
        let mover = match subject {
            Subject::Licence(id) if by > 0 => self.belongings.mover(draft, id),
            _ => None,
        };
        mover
            .map(|user| draft.place_of(user.want))
            .or(now)
            .map(|place| Change::by(place, Both::gb(by)))
            .into_iter()
            .collect()
    }

    fn of_user(&self, draft: &Draft<'_>, action: &Action, id: UserId) -> Vec<Change> {
        let Some(user) = self.belongings.user(draft, id) else { return Vec::new() };
        let here = user.have.and_then(|have| draft.matching.place(have.group));
        let there = match user.have {
            Some(_) if !self.belongings.moves(id) => here,
            _ => Some(draft.place_of(user.want)),
        };
        let synced = user.have.map_or(0, |have| sync_gb(draft, have, self.kind));
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
        let (mut carried, mut left) = (Both::gb(sync_gb(draft, have, self.kind)), Both::default());
        for (reserved, gb) in self.belongings.keys(draft, have, self.kind) {
            carried += Both::new(1, if reserved { 0 } else { gb });
            left += Both::gb(if reserved { gb } else { 0 });
        }
        let from = from.map(|place| Change { freed: left, carried: -carried, ..Change::at(place) });
        let to = to.map(|place| Change { need: left, carried, ..Change::at(place) });
        from.into_iter().chain(to).collect()
    }

    fn deleted(&self, draft: &Draft<'_>, have: &ObservedUser, place: Place) -> Change {
        let mut change = Change { freed: Both::gb(sync_gb(draft, have, self.kind)), ..Change::at(place) };
        for (reserved, gb) in self.belongings.keys(draft, have, self.kind) {
            let part = if reserved { &mut change.freed } else { &mut change.coming };
            *part += Both::new(1, gb);
        }
        change
    }
}
