//! The estate that is measured, as a formula: every id and name follows from a number, so that a million users need no
//! memory in the process that answers for Mozy, and the database is filled with the very same.

use uuid::Uuid;

use crate::domain::group::ObservedGroup;
use crate::domain::licence::{Machine, ObservedLicence};
use crate::domain::observed::{Account, GroupContents};
use crate::domain::partner::{Partner, Status};
use crate::domain::pool::Stock;
use crate::domain::user::ObservedUser;
use crate::domain::{Gb, Keystring, LicenceKind, MachineId, MozyGroupId, MozyUserId, PartnerId, PerKind};

/// The partner that all others are under.
pub const ROOT: i64 = 1;
/// GB of each licence.
pub const EACH_GB: i64 = 10;
/// Keys and GB that nobody has been given.
const SPARE: i64 = 2;
/// Bytes on each machine.
const USED: i64 = 3 << 30;

const PARTNERS: i64 = 10_000_000;
const GROUPS: i64 = 20_000_000;
const USERS: i64 = 1_000_000_000;
const MACHINES: i64 = 2_000_000_000;

/// So many subscriptions, each with so many users in its default group; each user has one key, every other key a
/// machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Estate {
    /// Subscriptions.
    pub subscriptions: i64,
    /// Users of each.
    pub each: i64,
}

/// What an APS id is of.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// A tenant.
    Tenant = 1,
    /// An account of OSA.
    Account = 2,
    /// A user.
    User = 3,
    /// A licence.
    Licence = 4,
    /// OSA's user behind a user.
    Service = 5,
}

/// The APS id of the `n`th of a kind; neighbours are far apart, as random ones are.
pub fn aps_id(kind: Kind, n: i64) -> Uuid {
    let seed = (kind as u64) << 56 ^ n.cast_unsigned();
    Uuid::from_u64_pair(scattered(seed), scattered(seed ^ 0x5DEE_CE66_D1CE_4E5B))
}

/// The finalizer of SplitMix64.
fn scattered(seed: u64) -> u64 {
    let mixed = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// OSA's number of a subscription.
pub fn number(subscription: i64) -> i64 {
    1_000_000 + subscription
}

/// A subscription's partner.
pub fn partner(subscription: i64) -> i64 {
    PARTNERS + subscription
}

/// A subscription's default group.
pub fn group(subscription: i64) -> i64 {
    GROUPS + subscription
}

/// A customer's name.
pub fn company(subscription: i64) -> String {
    format!("Company {subscription}")
}

/// A customer's root admin.
pub fn admin(subscription: i64) -> String {
    format!("admin@c{subscription}.example")
}

/// The user name of the `n`th user.
pub fn login(n: i64) -> String {
    format!("user{n}@users.example")
}

/// His full name.
pub fn full_name(n: i64) -> String {
    format!("User Number {n}")
}

/// The key of the `n`th user.
pub fn key(n: i64) -> String {
    format!("MZKEY{n:015}")
}

/// The machine that the `n`th user's key was activated on.
pub fn machine(n: i64) -> Option<i64> {
    (n % 2 == 0).then_some(MACHINES + n)
}

/// Mozy's id of the `n`th user.
pub fn user(n: i64) -> i64 {
    USERS + n
}

impl Estate {
    /// Whose partner this is.
    pub fn of_partner(&self, id: i64) -> Option<i64> {
        self.known(id - PARTNERS)
    }

    /// Whose default group this is.
    pub fn of_group(&self, id: i64) -> Option<i64> {
        self.known(id - GROUPS)
    }

    /// Which user this is, by Mozy's id.
    pub fn of_user(&self, id: i64) -> Option<i64> {
        let n = id - USERS;
        (0..self.subscriptions * self.each).contains(&n).then_some(n)
    }

    fn known(&self, subscription: i64) -> Option<i64> {
        (0..self.subscriptions).contains(&subscription).then_some(subscription)
    }

    /// The users of a subscription.
    pub fn users_of(&self, subscription: i64) -> std::ops::Range<i64> {
        subscription * self.each..(subscription + 1) * self.each
    }

    /// Of which subscription the `n`th user is.
    pub fn subscription_of(&self, n: i64) -> i64 {
        n / self.each
    }

    /// Keys bought.
    pub fn keys(&self) -> i64 {
        self.each + SPARE
    }

    /// GB bought.
    pub fn quota(&self) -> i64 {
        self.each * EACH_GB + SPARE
    }

    /// What a subscription has of Desktop; of Server it has nothing.
    pub fn stock(&self, subscription: i64) -> Stock {
        let used = self.users_of(subscription).filter(|n| machine(*n).is_some()).count() as i64;
        Stock {
            licences: self.keys(),
            reserved: self.each - used,
            used,
            quota: Gb(self.quota()),
            distributed: Gb(self.each * EACH_GB),
            used_bytes: used * USED,
        }
    }

    /// What a complete look at a subscription sees.
    pub fn account(&self, subscription: i64) -> Account {
        let partner = Partner {
            id: PartnerId(partner(subscription)),
            name: company(subscription),
            status: Some(Status::Active),
            external_id: external(subscription),
            parent: Some(PartnerId(ROOT)),
            default_group: Some(MozyGroupId(group(subscription))),
            admin: Some(admin(subscription)),
            sync: Some(false),
            default_sync_quota: None,
        };
        Account { partner, groups: vec![self.contents(subscription)], strays: Vec::new() }
    }

    /// The users that Mozy tells of.
    pub fn users(&self, subscription: i64) -> impl Iterator<Item = ObservedUser> {
        self.users_of(subscription).map(move |n| observed_user(subscription, n))
    }

    /// The keys that Mozy tells of, free ones last.
    pub fn licences(&self, subscription: i64) -> impl Iterator<Item = ObservedLicence> {
        let keys = self.users_of(subscription).map(move |n| observed_key(subscription, n));
        keys.chain((0..SPARE).map(move |n| free_key(subscription, n)))
    }

    fn contents(&self, subscription: i64) -> GroupContents {
        let machines =
            self.users_of(subscription).filter_map(|n| Some((MozyUserId(user(n)), observed_machine(n)?)));
        GroupContents {
            group: ObservedGroup {
                id: MozyGroupId(group(subscription)),
                partner: Some(PartnerId(partner(subscription))),
                name: "(default)".into(),
                status: Some(Status::Active),
                external_id: None,
                sync: Some(false),
            },
            users: self.users(subscription).collect(),
            licences: self.licences(subscription).collect(),
            stock: PerKind { desktop: self.stock(subscription), server: Stock::default() },
            machines: machines.map(|(user, machine)| (user, vec![machine])).collect(),
        }
    }
}

fn free_key(subscription: i64, n: i64) -> ObservedLicence {
    ObservedLicence {
        key: Keystring(format!("MZFREE{n}{subscription:013}")),
        kind: Some(LicenceKind::Desktop),
        group: MozyGroupId(group(subscription)),
        machine: None,
        email: None,
        quota: None,
        external_id: None,
    }
}

fn external(subscription: i64) -> Option<String> {
    Some(number(subscription).to_string())
}

fn observed_user(subscription: i64, n: i64) -> ObservedUser {
    ObservedUser {
        id: MozyUserId(user(n)),
        group: MozyGroupId(group(subscription)),
        username: login(n),
        full_name: full_name(n),
        status: Some(Status::Active),
        external_id: external(subscription),
        sync: Some(false),
    }
}

fn observed_key(subscription: i64, n: i64) -> ObservedLicence {
    ObservedLicence {
        key: Keystring(key(n)),
        kind: Some(LicenceKind::Desktop),
        group: MozyGroupId(group(subscription)),
        machine: machine(n).map(MachineId),
        email: Some(login(n)),
        quota: Some(Gb(EACH_GB)),
        external_id: external(subscription),
    }
}

/// The machine of the `n`th user, if he has one.
pub fn observed_machine(n: i64) -> Option<Machine> {
    Some(Machine {
        id: MachineId(machine(n)?),
        user: MozyUserId(user(n)),
        alias: Some(format!("PC-{n}")),
        key: Some(Keystring(key(n))),
        quota: Gb(EACH_GB),
        used_bytes: USED,
        last_backup: None,
    })
}
