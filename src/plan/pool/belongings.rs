//! Belongings: whose is what, and what goes along with whom. It is found once for a plan and holds for both kinds: what
//! is dropped for lack of stock neither moves nor removes anything, and makes nothing smaller.

use crate::domain::licence::ObservedLicence;
use crate::domain::user::ObservedUser;
use crate::domain::{Keystring, LicenceId, LicenceKind, MachineId, MozyGroupId, MozyUserId, UserId};
use crate::plan::draft::Draft;
use crate::plan::matching::MatchedUser;
use crate::plan::{Action, Step, Subject};
use std::collections::{HashMap, HashSet};

/// Finds without searching.
#[derive(Default)]
pub(super) struct Belongings {
    /// Where in the matching a user is.
    users: HashMap<UserId, usize>,
    /// Where in the matching the user of a licence is.
    owners: HashMap<LicenceId, usize>,
    /// Who is moved by this plan.
    moving: HashSet<UserId>,
    /// GB of keys and machines that this plan makes smaller before anybody is moved; cleared keys are nobody's then.
    smaller: HashMap<Held, Option<i64>>,
    /// All keys assigned or used in a group, by whom; only where somebody is moved or deleted.
    keys: HashMap<(MozyGroupId, Owner), Vec<usize>>,
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

impl Belongings {
    /// As far as the steps drafted so far ask for it.
    pub fn of(draft: &Draft<'_>) -> Self {
        let about_users = |step: &Step| matches!(step.subject, Subject::User(_));
        let moves = |step: &Step| match step {
            Step { subject: Subject::User(id), action: Action::MoveUser { .. }, .. } => Some(*id),
            _ => None,
        };
        let whole = |step: &Step| matches!(step.action, Action::MoveUser { .. } | Action::DeleteUser);
        let steps = || draft.steps.iter().map(|drafted| &drafted.step);
        let mut belongings = Self::default();
        if !steps().any(about_users) {
            return belongings;
        }
        let users = || draft.matching.users.iter().enumerate();
        belongings.users = users().map(|(at, user)| (user.want.id, at)).collect();
        if !steps().any(whole) {
            return belongings;
        }
        let licences = users().flat_map(|(at, user)| user.licences.iter().map(move |(l, _)| (l.id, at)));
        belongings.owners = licences.collect();
        belongings.moving = steps().filter_map(moves).collect();
        belongings.smaller = steps().filter_map(|step| smaller(draft, &step.action)).collect();
        belongings.keys = keys(draft);
        belongings
    }

    /// A user in the matching.
    pub fn user<'d>(&self, draft: &'d Draft<'_>, id: UserId) -> Option<&'d MatchedUser<'d>> {
        self.users.get(&id).map(|at| &draft.matching.users[*at])
    }

    /// Whether this plan moves him.
    pub fn moves(&self, id: UserId) -> bool {
        self.moving.contains(&id)
    }

    /// The user of a licence, if this plan moves him.
    pub fn mover<'d>(&self, draft: &'d Draft<'_>, id: LicenceId) -> Option<&'d MatchedUser<'d>> {
        let user = self.owners.get(&id).map(|at| &draft.matching.users[*at]);
        user.filter(|user| self.moves(user.want.id))
    }

    /// Each key of one kind that goes with somebody: whether it is reserved, and its GB.
    pub fn keys(&self, draft: &Draft<'_>, have: &ObservedUser, kind: LicenceKind) -> Vec<(bool, i64)> {
        let Some(contents) = draft.matching.index.contents(have.group) else { return Vec::new() };
        let address = Owner::Address(have.username.trim().to_lowercase());
        let owners = [Owner::Machine(have.id), address].map(|owner| (have.group, owner));
        let keys = owners.iter().filter_map(|owner| self.keys.get(owner)).flatten();
        let keys = keys.map(|at| &contents.licences[*at]).filter(|key| key.kind == Some(kind));
        let keys = keys.map(|key| match key.machine {
            Some(machine) => (false, Held::Machine(machine), machine_gb(draft, machine)),
            None => (true, Held::Key(key.key.clone()), key.quota.map_or(0, |quota| quota.0)),
        });
        keys.filter_map(|(reserved, held, gb)| {
            Some((reserved, self.smaller.get(&held).copied().unwrap_or(Some(gb))?))
        })
        .collect()
    }
}

/// GB of a machine, as last read.
pub(super) fn machine_gb(draft: &Draft<'_>, machine: MachineId) -> i64 {
    draft.matching.index.machine(machine).map_or(0, |machine| machine.quota.0)
}

/// GB of a kind that a user's sync has, as last read.
pub(super) fn sync_gb(draft: &Draft<'_>, user: &ObservedUser, kind: LicenceKind) -> i64 {
    let machine = draft.matching.index.sync_machine(user.id);
    machine.filter(|_| kind == LicenceKind::Desktop).map_or(0, |machine| machine.quota.0)
}

fn keys(draft: &Draft<'_>) -> HashMap<(MozyGroupId, Owner), Vec<usize>> {
    let mut keys: HashMap<(MozyGroupId, Owner), Vec<usize>> = HashMap::new();
    let owner = |licence: &ObservedLicence| match (draft.matching.index.machine_of(licence), &licence.email) {
        (Some(machine), _) => Some(Owner::Machine(machine.user)),
        (None, Some(email)) => Some(Owner::Address(email.trim().to_lowercase())),
        (None, None) => None,
    };
    for contents in &draft.account.groups {
        for (at, licence) in
            contents.licences.iter().enumerate().filter(|(_, licence)| licence.kind.is_some())
        {
            if let Some(owner) = owner(licence) {
                keys.entry((contents.group.id, owner)).or_default().push(at);
            }
        }
    }
    keys
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
