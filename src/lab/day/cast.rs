//! The customers of the day: who they are, what they buy, whom they give what.

use uuid::Uuid;

use crate::lab::names::Names;
use crate::lab::screen::count;
use crate::sim::osa::{Counter, Counters, LicenceKind};

/// GB bought for each desktop licence: more than anybody is given.
const GB_A_DESKTOP: i64 = 30;
/// The same for servers.
const GB_A_SERVER: i64 = 80;

/// A customer. What is not there yet has the nil id.
#[derive(Clone, Debug)]
pub struct Customer {
    /// The company.
    pub company: String,
    /// Its first staff member's name and address.
    pub admin: (String, String),
    /// What it bought.
    pub bought: Bought,
    /// Its two groups.
    pub teams: [Team; 2],
    /// Its people.
    pub people: Vec<Person>,
    /// Its account.
    pub account: Uuid,
    /// Its tenant.
    pub tenant: Uuid,
}

/// What a customer bought.
#[derive(Clone, Copy, Debug)]
pub struct Bought {
    /// Desktop licences and GB.
    pub desktop: (i64, i64),
    /// Server licences and GB.
    pub server: (i64, i64),
    /// Sync, and the GB of a synced user.
    pub sync: Option<i64>,
}

/// A group that a customer makes.
#[derive(Clone, Debug)]
pub struct Team {
    /// Its name.
    pub name: String,
    /// Its resource.
    pub id: Uuid,
}

/// Somebody who has backups.
#[derive(Clone, Debug)]
pub struct Person {
    /// The name shown.
    pub name: String,
    /// The login, which is an e-mail address.
    pub login: String,
    /// His licences.
    pub licences: Vec<Licence>,
    /// The service user.
    pub service_user: Uuid,
    /// The user of the application.
    pub id: Uuid,
}

/// A licence that somebody is given.
#[derive(Clone, Copy, Debug)]
pub struct Licence {
    /// For what.
    pub kind: LicenceKind,
    /// GB.
    pub gb: i64,
    /// Its resource.
    pub id: Uuid,
}

impl Bought {
    /// As an order says it.
    pub fn counters(&self) -> Counters {
        let counters = Counters::none()
            .limit(Counter::DesktopLicenseNum, self.desktop.0)
            .limit(Counter::DesktopQuota, self.desktop.1)
            .limit(Counter::ServerLicenseNum, self.server.0)
            .limit(Counter::ServerQuota, self.server.1);
        match self.sync {
            Some(default) => {
                counters.limit(Counter::SyncAvailable, 1).limit(Counter::SyncDefaultQuota, default)
            }
            None => counters,
        }
    }

    /// For people.
    pub fn in_words(&self) -> String {
        let ((keys, gb), (servers, server_gb)) = (self.desktop, self.server);
        let sync = if self.sync.is_some() { ", sync" } else { "" };
        let (keys, servers) = (count(keys, "licence"), count(servers, "licence"));
        format!("desktop {keys} of {gb} GB, server {servers} of {server_gb} GB{sync}")
    }
}

/// So many customers; every third buys no sync.
pub fn invent(customers: usize, names: &mut Names) -> Vec<Customer> {
    (0..customers).map(|index| customer(names, index % 3 != 2)).collect()
}

fn customer(names: &mut Names, sync: bool) -> Customer {
    let (company, domain) = names.company();
    let admin = names.person(&domain);
    let people: Vec<Person> = (0..names.number(2..=4)).map(|nth| person(names, &domain, nth)).collect();
    let (desktops, servers) = (people.len() as i64 + names.number(2..=4), names.number(2..=3));
    let bought = Bought {
        desktop: (desktops, desktops * GB_A_DESKTOP),
        server: (servers, servers * GB_A_SERVER),
        sync: sync.then(|| names.number(2..=8)),
    };
    let teams = names.teams().map(|name| Team { name, id: Uuid::nil() });
    let nil = Uuid::nil();
    Customer { company, admin, bought, teams, people, account: nil, tenant: nil }
}

/// Everybody has a desktop; the first also has a server.
fn person(names: &mut Names, domain: &str, nth: i64) -> Person {
    let (name, login) = names.person(domain);
    let licence = |kind, gb| Licence { kind, gb, id: Uuid::nil() };
    let mut licences = vec![licence(LicenceKind::Desktop, names.number(10..=20))];
    if nth == 0 {
        licences.push(licence(LicenceKind::Server, names.number(30..=60)));
    }
    Person { name, login, licences, service_user: Uuid::nil(), id: Uuid::nil() }
}
