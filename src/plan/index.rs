//! An observation by its ids, so that planning never searches: every lookup is one step, and a plan is linear in what
//! there is.

use crate::domain::group::ObservedGroup;
use crate::domain::licence::{Machine, ObservedLicence};
use crate::domain::observed::{Account, GroupContents};
use crate::domain::user::ObservedUser;
use crate::domain::{Keystring, MachineId, MozyGroupId, MozyUserId};
use std::collections::HashMap;

/// Everything observed, by id.
#[derive(Debug)]
pub struct Index<'a> {
    groups: HashMap<MozyGroupId, &'a GroupContents>,
    users: HashMap<MozyUserId, &'a ObservedUser>,
    keys: HashMap<&'a Keystring, &'a ObservedLicence>,
    used: HashMap<MachineId, &'a ObservedLicence>,
    machines: HashMap<MachineId, &'a Machine>,
    machines_of: HashMap<MozyUserId, &'a [Machine]>,
    users_in: HashMap<MozyGroupId, usize>,
}

impl<'a> Index<'a> {
    /// Of an account.
    pub fn new(account: &'a Account) -> Self {
        let machines_of: HashMap<MozyUserId, &[Machine]> = account
            .groups
            .iter()
            .flat_map(|contents| contents.machines.iter().map(|(user, machines)| (*user, &machines[..])))
            .collect();
        let all = machines_of.values().flat_map(|machines| machines.iter());
        let mut users_in = HashMap::new();
        account.users().for_each(|user| *users_in.entry(user.group).or_default() += 1);
        let (users, keys) = (account.users().count(), account.licences().count());
        let used = account.licences().filter_map(|licence| Some((licence.machine?, licence)));
        Self {
            groups: account.groups.iter().map(|contents| (contents.group.id, contents)).collect(),
            users: filled(HashMap::with_capacity(users), account.users().map(|user| (user.id, user))),
            keys: filled(
                HashMap::with_capacity(keys),
                account.licences().map(|licence| (&licence.key, licence)),
            ),
            used: filled(HashMap::with_capacity(keys), used),
            machines: all.map(|machine| (machine.id, machine)).collect(),
            machines_of,
            users_in,
        }
    }

    /// A group with what is in it.
    pub fn contents(&self, id: MozyGroupId) -> Option<&'a GroupContents> {
        self.groups.get(&id).copied()
    }

    /// A group.
    pub fn group(&self, id: MozyGroupId) -> Option<&'a ObservedGroup> {
        self.contents(id).map(|contents| &contents.group)
    }

    /// A user, also one who was moved out of the subscription's groups.
    pub fn user(&self, id: MozyUserId) -> Option<&'a ObservedUser> {
        self.users.get(&id).copied()
    }

    /// How many users are in a group.
    pub fn users_in(&self, group: MozyGroupId) -> usize {
        self.users_in.get(&group).copied().unwrap_or(0)
    }

    /// A key.
    pub fn key(&self, key: &Keystring) -> Option<&'a ObservedLicence> {
        self.keys.get(key).copied()
    }

    /// The key that a machine uses.
    pub fn key_of(&self, machine: MachineId) -> Option<&'a ObservedLicence> {
        self.used.get(&machine).copied()
    }

    /// A machine, as last read.
    pub fn machine(&self, id: MachineId) -> Option<&'a Machine> {
        self.machines.get(&id).copied()
    }

    /// The machine that a key was activated on, as last read.
    pub fn machine_of(&self, key: &ObservedLicence) -> Option<&'a Machine> {
        self.machine(key.machine?)
    }

    /// A user's machines, as last read.
    pub fn machines(&self, user: MozyUserId) -> &'a [Machine] {
        self.machines_of.get(&user).copied().unwrap_or_default()
    }

    /// The pseudo-machine of a synced user.
    pub fn sync_machine(&self, user: MozyUserId) -> Option<&'a Machine> {
        self.machines(user).iter().find(|machine| machine.is_sync())
    }
}

/// Fills a collection that has its room from the start: growing, it would hash everything again and again.
pub(super) fn filled<T, C: Extend<T>>(mut roomy: C, items: impl Iterator<Item = T>) -> C {
    roomy.extend(items);
    roomy
}
