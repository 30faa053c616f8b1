//! Wishes in a line: subscriptions, groups, users and licences with made-up ids.

use crate::domain::group::Group;
use crate::domain::licence::Licence;
use crate::domain::subscription::{
    Admin, Bought, BoughtPool, Customers, Model, ResellerAccount, Subscription,
};
use crate::domain::user::User;
use crate::domain::{
    AccountId, Amount, Desired, Gb, GroupId, InstanceId, LicenceId, LicenceKind, PerKind, SubscriptionId,
    SubscriptionNumber, UserId,
};
use uuid::Uuid;

/// An id that is the same in every run.
pub fn id(space: u8, number: u128) -> Uuid {
    Uuid::from_u128((u128::from(space) << 96) | number)
}

fn hash(text: &str) -> u128 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u128, byte| {
        ((hash ^ u128::from(byte)).wrapping_mul(0x0100_0000_01b3)) & 0xffff_ffff_ffff_ffff
    })
}

pub fn pool(licences: i64, quota: i64) -> BoughtPool {
    BoughtPool { licences: Amount::Limit(licences), quota: Amount::Limit(quota) }
}

pub fn unlimited() -> BoughtPool {
    BoughtPool { licences: Amount::Unlimited, quota: Amount::Unlimited }
}

/// Desktop and Server, licences and GB, and sync with 10 GB by default.
pub fn bought(desktop: BoughtPool, server: BoughtPool) -> Bought {
    let pools = PerKind { desktop, server };
    Bought { pools, sync_available: true, sync_default_quota: Some(Gb(10)) }
}

/// A subscription of that number with 5 licences and 100 GB of each kind; its names follow from `company`.
pub fn direct(company: &str, number: i64) -> Desired {
    subscription(company, number, Model::Direct)
}

pub fn reseller(company: &str, number: i64) -> Desired {
    subscription(company, number, Model::Reseller(Customers::default()))
}

/// A customer of the reseller with that subscription.
pub fn customer(company: &str, number: i64, reseller: SubscriptionId) -> Desired {
    let account = ResellerAccount {
        id: reseller,
        partner: None,
        suspended: false,
        sync_default_quota: None,
        removed: false,
    };
    subscription(company, number, Model::Customer(Some(account)))
}

fn subscription(company: &str, number: i64, model: Model) -> Desired {
    let domain = format!("{}.test", company.to_lowercase());
    Desired {
        subscription: Subscription {
            id: SubscriptionId(id(1, number as u128)),
            instance: InstanceId(id(9, 1)),
            number: SubscriptionNumber(number),
            account: AccountId(id(8, number as u128)),
            generation: 1,
            model,
            company: company.to_owned(),
            admin: Admin { email: format!("admin@{domain}"), full_name: "Adam Admin".to_owned() },
            bought: bought(pool(5, 100), pool(5, 100)),
            sync: false,
            suspended: false,
            removed: false,
            partner: None,
            home_group: None,
        },
        groups: Vec::new(),
        users: Vec::new(),
    }
}

pub fn group(name: &str) -> Group {
    let id = GroupId(id(2, hash(name)));
    Group { id, generation: 1, name: name.to_owned(), removed: false, mozy_id: None }
}

pub fn user(login: &str) -> User {
    User {
        id: UserId(id(3, hash(login))),
        generation: 1,
        login: login.to_owned(),
        display_name: login.split('@').next().unwrap().to_owned(),
        group: None,
        suspended: false,
        sync: false,
        sync_quota: None,
        removed: false,
        mozy_id: None,
        licences: Vec::new(),
    }
}

/// A licence; `name` makes its id.
pub fn licence(name: &str, kind: LicenceKind, quota: i64) -> Licence {
    let id = LicenceId(id(4, hash(name)));
    Licence { id, generation: 1, kind, quota: Gb(quota), removed: false, key: None, address: None }
}

/// A user with one licence of each of these kinds and GB.
pub fn user_with(login: &str, licences: &[(LicenceKind, i64)]) -> User {
    let licences = licences
        .iter()
        .enumerate()
        .map(|(nth, (kind, quota))| licence(&format!("{login} {nth}"), *kind, *quota))
        .collect();
    User { licences, ..user(login) }
}

impl Desired {
    /// With this user.
    pub fn with_user(mut self, user: User) -> Self {
        self.users.push(user);
        self
    }

    /// With this group.
    pub fn with_group(mut self, group: Group) -> Self {
        self.groups.push(group);
        self
    }

    /// The living user of that address.
    pub fn user_mut(&mut self, login: &str) -> &mut User {
        self.users.iter_mut().find(|user| user.login == login && !user.removed).unwrap()
    }

    /// The living group of that name.
    pub fn group_mut(&mut self, name: &str) -> &mut Group {
        self.groups.iter_mut().find(|group| group.name == name && !group.removed).unwrap()
    }

    /// The living group's id.
    pub fn group_id(&self, name: &str) -> GroupId {
        self.groups.iter().find(|group| group.name == name && !group.removed).unwrap().id
    }

    /// What was bought of a kind.
    pub fn pool_mut(&mut self, kind: LicenceKind) -> &mut BoughtPool {
        self.subscription.bought.pools.of_mut(kind)
    }

    /// With his licences, as the desk does.
    pub fn remove_user(&mut self, login: &str) {
        let user = self.user_mut(login);
        user.removed = true;
        user.licences.iter_mut().for_each(|licence| licence.removed = true);
    }

    /// Off takes the users' wishes along, as the desk does.
    pub fn switch_sync(&mut self, on: bool) {
        self.subscription.sync = on;
        if !on {
            self.users.iter_mut().for_each(|user| user.sync = false);
        }
    }
}
