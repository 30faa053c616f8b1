//! Observed: what Mozy last said. Absent, present or unknown; a failed look is never an absence.

use super::group::ObservedGroup;
use super::licence::{Machine, ObservedLicence};
use super::partner::Partner;
use super::pool::Stock;
use super::user::ObservedUser;
use super::{Keystring, LicenceKind, MozyGroupId, MozyUserId, PerKind};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Whether one thing is there, by a complete and healthy look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Presence<T> {
    /// Looked, and it is not there.
    Absent,
    /// It is there.
    Present(T),
}

impl<T> Presence<T> {
    /// The thing, if it is there.
    pub fn present(self) -> Option<T> {
        match self {
            Self::Present(thing) => Some(thing),
            Self::Absent => None,
        }
    }
}

/// What Mozy has for one subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Observed {
    /// There is no account for it, by a complete look.
    Absent,
    /// There is one.
    Present(Box<Account>),
    /// We could not look, or not completely. Plans nothing.
    Unknown {
        /// What went wrong, for people.
        why: String,
    },
}

impl Observed {
    /// The account, if present.
    pub fn account(&self) -> Option<&Account> {
        match self {
            Self::Present(account) => Some(account),
            Self::Absent | Self::Unknown { .. } => None,
        }
    }
}

/// A partner (or a reseller's customer's group inside one) with all in it that concerns the subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The partner: the subscription's own, or the reseller's.
    pub partner: Partner,
    /// The groups that are the subscription's: all of a direct partner, one for a reseller or his customer.
    pub groups: Vec<GroupContents>,
    /// Users we know by id who are outside those groups now: somebody moved them.
    pub strays: Vec<ObservedUser>,
}

/// One group and what is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupContents {
    /// The group itself.
    pub group: ObservedGroup,
    /// Its users.
    pub users: Vec<ObservedUser>,
    /// Its keys, free ones included.
    pub licences: Vec<ObservedLicence>,
    /// Its stock by kind.
    pub stock: PerKind<Stock>,
    /// Machines of its users who have one, as last read.
    pub machines: BTreeMap<MozyUserId, Vec<Machine>>,
}

impl Account {
    /// The group with this id.
    pub fn group(&self, id: MozyGroupId) -> Option<&GroupContents> {
        self.groups.iter().find(|contents| contents.group.id == id)
    }

    /// All users, strays among them.
    pub fn users(&self) -> impl Iterator<Item = &ObservedUser> {
        self.groups.iter().flat_map(|contents| &contents.users).chain(&self.strays)
    }

    /// The user with this id.
    pub fn user(&self, id: MozyUserId) -> Option<&ObservedUser> {
        self.users().find(|user| user.id == id)
    }

    /// All keys.
    pub fn licences(&self) -> impl Iterator<Item = &ObservedLicence> {
        self.groups.iter().flat_map(|contents| &contents.licences)
    }

    /// The key, if it is here.
    pub fn licence(&self, key: &Keystring) -> Option<&ObservedLicence> {
        self.licences().find(|licence| licence.key == *key)
    }

    /// A user's machines, as last read.
    pub fn machines(&self, user: MozyUserId) -> &[Machine] {
        self.groups.iter().find_map(|contents| contents.machines.get(&user)).map_or(&[], Vec::as_slice)
    }

    /// The machine a key was activated on.
    pub fn machine_of(&self, licence: &ObservedLicence) -> Option<&Machine> {
        let id = licence.machine?;
        self.groups
            .iter()
            .flat_map(|contents| contents.machines.values().flatten())
            .find(|machine| machine.id == id)
    }

    /// Stock of one kind over all the subscription's groups.
    pub fn stock(&self, kind: LicenceKind) -> Stock {
        let mut sum = Stock::default();
        for contents in &self.groups {
            sum += *contents.stock.of(kind);
        }
        sum
    }
}
