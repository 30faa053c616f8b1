//! What Mozy runs for each subscription, from its simulator's own state.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::picture::{Key, Picture, Pool, Standing, User};
use crate::sim::mozy::{Group, LicenseType, Machine, MozySim, Status, Stock, World};
use crate::sim::osa::{Counter, Usage};

/// One account of Mozy: a partner, or a group in a reseller's partner (contract section 3).
#[derive(Default)]
pub struct Actual {
    /// What is there.
    pub picture: Picture,
    /// What OSA should bill: reserved and used keys, GB promised to them.
    pub in_use: Usage,
    /// Groups that promise more GB than they have, as after a move that is half done.
    pub strains: Vec<String>,
}

/// The accounts of these subscriptions by `external_id`, which is the subscription's number; more than one would be
/// a defect.
pub fn all(mozy: &MozySim, numbers: &BTreeSet<String>) -> BTreeMap<String, Vec<Actual>> {
    mozy.with(|world| {
        let places = places(world, numbers);
        let mut by_number: BTreeMap<String, Vec<Actual>> = BTreeMap::new();
        let contents = Contents::of(world);
        for place in places {
            by_number.entry(place.number.clone()).or_default().push(place.actual(world, &contents));
        }
        by_number
    })
}

/// An account: its groups, the home group among them.
struct Place {
    number: String,
    status: Status,
    sync: bool,
    home: i64,
    groups: Vec<i64>,
}

fn places(world: &World, numbers: &BTreeSet<String>) -> Vec<Place> {
    let known = |number: &Option<String>| number.clone().filter(|number| numbers.contains(number));
    let mut groups: HashMap<i64, Vec<&Group>> = HashMap::new();
    world.groups.values().for_each(|group| groups.entry(group.partner_id).or_default().push(group));
    let mut places = Vec::new();
    for partner in world.partners.values().filter(|partner| partner.deleted_at.is_none()) {
        let (own, of_customers): (Vec<&Group>, Vec<&Group>) =
            groups.remove(&partner.id).unwrap_or_default().into_iter().partition(|group| {
                known(&group.external_id).is_none() || group.external_id == partner.external_id
            });
        places.extend(of_customers.into_iter().filter_map(|group| {
            let (number, sync) = (known(&group.external_id)?, group.enable_sync == Some(true));
            Some(Place { number, status: group.status, sync, home: group.id, groups: vec![group.id] })
        }));
        if let Some(number) = known(&partner.external_id) {
            let groups = own.iter().map(|group| group.id).collect();
            let (status, sync) = (partner.status, partner.enable_sync == Some(true));
            places.push(Place { number, status, sync, home: partner.default_group_id, groups });
        }
    }
    places
}

/// Users, assigned keys and machines, found by what they hang on.
struct Contents<'a> {
    users: HashMap<i64, Vec<&'a crate::sim::mozy::User>>,
    keys: HashMap<i64, Vec<&'a crate::sim::mozy::License>>,
    machines: HashMap<i64, &'a Machine>,
    syncs: HashMap<i64, i64>,
}

impl<'a> Contents<'a> {
    fn of(world: &'a World) -> Self {
        let mut this = Self {
            users: HashMap::new(),
            keys: HashMap::new(),
            machines: HashMap::new(),
            syncs: HashMap::new(),
        };
        world.users.values().for_each(|user| this.users.entry(user.group_id).or_default().push(user));
        for key in world.licenses.values().filter(|key| !key.is_free()) {
            this.keys.entry(key.group_id).or_default().push(key);
        }
        for machine in world.machines.values() {
            this.machines.insert(machine.id, machine);
            if machine.is_sync() {
                this.syncs.insert(machine.user_id, machine.quota);
            }
        }
        this
    }
}

impl Place {
    fn actual(&self, world: &World, contents: &Contents<'_>) -> Actual {
        let stock = |kind| {
            let add = |sum: Stock, group: &i64| sum_of(sum, world.stock(*group, kind));
            self.groups.iter().fold(Stock::default(), add)
        };
        let (desktop, server) = (stock(LicenseType::Desktop), stock(LicenseType::Server));
        let others = self.groups.iter().filter(|group| **group != self.home);
        let mut picture = Picture {
            standing: if self.status == Status::Active { Standing::Active } else { Standing::Suspended },
            desktop: Pool::of(desktop.licenses, desktop.quota),
            server: Pool::of(server.licenses, server.quota),
            sync: self.sync,
            groups: others.filter_map(|group| Some(world.groups.get(group)?.name.clone())).collect(),
            ..Picture::default()
        };
        self.fill(world, contents, &mut picture);
        Actual { picture, in_use: in_use(desktop, server, self.sync), strains: self.strains(world) }
    }

    fn strains(&self, world: &World) -> Vec<String> {
        let groups = self.groups.iter().filter_map(|group| world.groups.get(group));
        let pools =
            groups.flat_map(|group| LicenseType::ALL.map(|kind| (group, kind, *group.stock.of(kind))));
        let strained = pools.filter(|(_, _, stock)| stock.undistributed() < 0);
        let words = strained.map(|(group, kind, stock)| {
            let (name, kind) = (&group.name, kind.as_str());
            format!(
                "group {name}: {} GB of {kind} are promised, {} are there",
                stock.quota_distributed, stock.quota
            )
        });
        words.collect()
    }

    fn fill(&self, world: &World, contents: &Contents<'_>, picture: &mut Picture) {
        let each = |group: &i64| contents.users.get(group).into_iter().flatten();
        for user in self.groups.iter().flat_map(each) {
            let group = Some(user.group_id).filter(|group| *group != self.home);
            let drawn = User {
                name: user.full_name.clone().unwrap_or_default(),
                group: group.and_then(|group| Some(world.groups.get(&group)?.name.clone())),
                suspended: user.status == Status::Suspended,
                sync: user.enable_sync.then(|| contents.syncs.get(&user.id).copied().unwrap_or_default()),
                keys: BTreeMap::new(),
            };
            picture.users.insert(user.username.to_lowercase(), drawn);
        }
        for key in self.groups.iter().filter_map(|group| contents.keys.get(group)).flatten() {
            let machine = key.machine_id.and_then(|id| contents.machines.get(&id));
            let gb = machine.map_or(key.quota_desired, |machine| Some(machine.quota)).unwrap_or_default();
            let email = key.email.as_deref().unwrap_or_default().to_lowercase();
            let drawn = Key { kind: key.license_type.as_str().to_owned(), gb };
            match picture.users.get_mut(&email) {
                Some(user) => drop(user.keys.insert(key.keystring.to_string(), drawn)),
                None => drop(picture.strays.insert(format!("{} ({email})", key.keystring))),
            }
        }
    }
}

fn sum_of(one: Stock, other: Stock) -> Stock {
    Stock {
        licenses: one.licenses + other.licenses,
        licenses_reserved: one.licenses_reserved + other.licenses_reserved,
        licenses_used: one.licenses_used + other.licenses_used,
        quota: one.quota + other.quota,
        quota_distributed: one.quota_distributed + other.quota_distributed,
        quota_used_bytes: one.quota_used_bytes + other.quota_used_bytes,
    }
}

/// The rule of what is usage: contract section 3 of OSA's.
fn in_use(desktop: Stock, server: Stock, sync: bool) -> Usage {
    let keys = |stock: Stock| stock.licenses_reserved + stock.licenses_used;
    Usage::from([
        (Counter::DesktopLicenseNum.name(), keys(desktop)),
        (Counter::DesktopQuota.name(), desktop.quota_distributed),
        (Counter::ServerLicenseNum.name(), keys(server)),
        (Counter::ServerQuota.name(), server.quota_distributed),
        (Counter::SyncAvailable.name(), i64::from(sync)),
    ])
}
