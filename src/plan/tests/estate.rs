//! Estates: a subscription that is wished for, and an account that has exactly what is wished. Tests begin in agreement
//! and disturb one side.

use crate::domain::group::{Group, ObservedGroup};
use crate::domain::licence::{Licence, Machine, ObservedLicence};
use crate::domain::observed::{Account, GroupContents};
use crate::domain::partner::{Partner, Status};
use crate::domain::pool::Stock;
use crate::domain::subscription::{Admin, Bought, BoughtPool, Model, Subscription};
use crate::domain::user::{ObservedUser, User};
use crate::domain::*;
use proptest::prelude::*;
use uuid::Uuid;

const NUMBER: SubscriptionNumber = SubscriptionNumber(1000);

/// A user in few numbers.
#[derive(Debug, Clone)]
pub struct Person {
    group: Option<usize>,
    suspended: bool,
    sync: Option<i64>,
    /// Desktop or not, GB, activated or not.
    licences: Vec<(bool, i64, bool)>,
}

fn person(groups: usize) -> impl Strategy<Value = Person> {
    let group = proptest::option::of(0..groups.max(1)).prop_map(move |at| at.filter(|_| groups > 0));
    let licences = proptest::collection::vec((any::<bool>(), 0..50_i64, any::<bool>()), 0..3);
    (group, any::<bool>(), proptest::option::of(1..20_i64), licences)
        .prop_map(|(group, suspended, sync, licences)| Person { group, suspended, sync, licences })
}

/// A wish and an account in agreement with it.
pub fn agreed() -> impl Strategy<Value = (Desired, Account)> {
    (0..3_usize, any::<bool>(), any::<bool>())
        .prop_flat_map(|(groups, sync, spare)| {
            (proptest::collection::vec(person(groups), 0..6), Just((groups, sync, spare)))
        })
        .prop_map(|(people, (groups, sync, spare))| estate(groups, sync, spare, &people))
}

/// Always the same: a user at home and one in the only group, each with a reserved Desktop key of 10 GB; 2 keys and 30 GB
/// are free at home.
pub fn plain(sync: bool) -> (Desired, Account) {
    let person = |group| Person { group, suspended: false, sync: None, licences: vec![(true, 10, false)] };
    estate(1, sync, true, &[person(None), person(Some(0))])
}

fn uuid(space: u128, number: usize) -> Uuid {
    Uuid::from_u128((space << 64) + number as u128)
}

fn estate(groups: usize, sync: bool, spare: bool, people: &[Person]) -> (Desired, Account) {
    let mut all = Estate::new(groups, sync);
    people.iter().enumerate().for_each(|(at, person)| all.add(at, person));
    all.buy(spare);
    (all.desired, all.account)
}

struct Estate {
    desired: Desired,
    account: Account,
    next: i64,
}

impl Estate {
    fn new(groups: usize, sync: bool) -> Self {
        let subscription = Subscription {
            id: SubscriptionId(uuid(1, 0)),
            instance: InstanceId(uuid(9, 0)),
            number: NUMBER,
            account: AccountId(uuid(8, 0)),
            generation: 1,
            model: Model::Direct,
            company: "Acme".into(),
            admin: Admin { email: "admin@acme.test".into(), full_name: "Adam".into() },
            bought: Bought { sync_available: true, sync_default_quota: Some(Gb(5)), ..Bought::default() },
            sync,
            suspended: false,
            removed: false,
            partner: Some(PartnerId(1)),
            home_group: Some(MozyGroupId(10)),
        };
        let partner = Partner {
            id: PartnerId(1),
            name: "Acme".into(),
            status: Some(Status::Active),
            external_id: Some(NUMBER.to_string()),
            parent: None,
            default_group: Some(MozyGroupId(10)),
            admin: Some("admin@acme.test".into()),
            sync: Some(sync),
            default_sync_quota: Some(Gb(5)),
        };
        let mut desired = Desired { subscription, groups: Vec::new(), users: Vec::new() };
        let mut account = Account { partner, groups: vec![contents(10, "(default)")], strays: Vec::new() };
        for at in 0..groups {
            let (id, name) = (11 + at as i64, format!("Group {at}"));
            account.groups.push(contents(id, &name));
            let mozy_id = Some(MozyGroupId(id));
            desired.groups.push(Group {
                id: GroupId(uuid(2, at)),
                generation: 1,
                name,
                removed: false,
                mozy_id,
            });
        }
        Self { desired, account, next: 100 }
    }

    fn id(&mut self) -> i64 {
        self.next += 1;
        self.next
    }

    fn add(&mut self, at: usize, person: &Person) {
        let id = MozyUserId(self.id());
        let login = format!("user{at}@acme.test");
        let place = person.group.map_or(0, |group| group + 1);
        let sync = person.sync.filter(|_| self.desired.subscription.sync);
        let mut user = User {
            id: UserId(uuid(3, at)),
            generation: 1,
            login: login.clone(),
            display_name: format!("User {at}"),
            group: person.group.map(|group| self.desired.groups[group].id),
            suspended: person.suspended,
            sync: sync.is_some(),
            sync_quota: sync.map(Gb),
            removed: false,
            mozy_id: Some(id),
            licences: Vec::new(),
        };
        let mut machines = Vec::new();
        for (nth, licence) in person.licences.iter().enumerate() {
            let (wish, seen, machine) = self.licence(at * 10 + nth, *licence, &login, id, place);
            user.licences.push(wish);
            self.account.groups[place].licences.push(seen);
            machines.extend(machine);
        }
        if let Some(quota) = sync {
            let alias = Some("Sync".into());
            machines.push(self.machine(id, alias, None, quota));
            self.account.groups[place].stock.desktop.distributed += Gb(quota);
        }
        let contents = &mut self.account.groups[place];
        contents.users.push(ObservedUser {
            id,
            group: contents.group.id,
            username: login.to_uppercase().to_lowercase(),
            full_name: user.display_name.clone(),
            status: Some(Status::wanted(user.suspended)),
            external_id: Some(NUMBER.to_string()),
            sync: Some(sync.is_some()),
        });
        if !machines.is_empty() {
            contents.machines.insert(id, machines);
        }
        self.desired.users.push(user);
    }

    fn licence(
        &mut self,
        number: usize,
        (desktop, quota, used): (bool, i64, bool),
        login: &str,
        owner: MozyUserId,
        place: usize,
    ) -> (Licence, ObservedLicence, Option<Machine>) {
        let kind = if desktop { LicenceKind::Desktop } else { LicenceKind::Server };
        let key = Keystring(format!("KEY{number:017}"));
        let machine = used.then(|| self.machine(owner, None, Some(key.clone()), quota));
        let group = self.account.groups[place].group.id;
        let stock = self.account.groups[place].stock.of_mut(kind);
        stock.licences += 1;
        if used {
            stock.used += 1
        } else {
            stock.reserved += 1
        }
        stock.distributed += Gb(quota);
        let seen = ObservedLicence {
            key: key.clone(),
            kind: Some(kind),
            group,
            machine: machine.as_ref().map(|machine| machine.id),
            email: Some(login.to_owned()),
            quota: Some(Gb(quota)),
            external_id: Some(NUMBER.to_string()),
        };
        let id = LicenceId(uuid(4, number));
        let wish = Licence {
            id,
            generation: 1,
            kind,
            quota: Gb(quota),
            removed: false,
            key: Some(key),
            address: None,
        };
        (wish, seen, machine)
    }

    fn machine(
        &mut self,
        user: MozyUserId,
        alias: Option<String>,
        key: Option<Keystring>,
        gb: i64,
    ) -> Machine {
        let id = MachineId(self.id());
        Machine { id, user, alias, key, quota: Gb(gb), used_bytes: 0, last_backup: None }
    }

    /// What is there is what was bought, with some to spare at home or without a limit.
    fn buy(&mut self, spare: bool) {
        for kind in LicenceKind::ALL {
            for contents in &mut self.account.groups {
                let stock = contents.stock.of_mut(kind);
                stock.quota = stock.distributed;
            }
            if spare {
                let home = self.account.groups[0].stock.of_mut(kind);
                home.licences += 2;
                home.quota += Gb(30);
            }
            let stock = self.account.stock(kind);
            *self.desired.subscription.bought.pools.of_mut(kind) = match spare {
                true => BoughtPool {
                    licences: Amount::Limit(stock.licences),
                    quota: Amount::Limit(stock.quota.0),
                },
                false => BoughtPool { licences: Amount::Unlimited, quota: Amount::Unlimited },
            };
        }
    }
}

fn contents(id: i64, name: &str) -> GroupContents {
    let group = ObservedGroup {
        id: MozyGroupId(id),
        partner: Some(PartnerId(1)),
        name: name.to_owned(),
        status: Some(Status::Active),
        external_id: Some(NUMBER.to_string()),
        sync: None,
    };
    let stock = PerKind { desktop: Stock::default(), server: Stock::default() };
    GroupContents { group, users: Vec::new(), licences: Vec::new(), stock, machines: Default::default() }
}
