//! All that APSC knows: resources and how they hang together, instances, tasks, the ledger of billing.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use serde_json::json;
use tokio::sync::watch;
use uuid::Uuid;

use super::billing::Ledger;
use super::instance::Instance;
use super::names::{ACCOUNT, Service};
use super::operate::Job;
use super::resource::{Resource, Status};
use super::task::TaskRecord;

/// A task and what is needed to run it.
pub(super) struct Slot {
    pub record: watch::Sender<TaskRecord>,
    pub job: Arc<Job>,
}

/// The state of OSA.
pub(super) struct World {
    pub resources: HashMap<Uuid, Resource>,
    pub instances: HashMap<Uuid, Arc<Instance>>,
    pub tasks: BTreeMap<u64, Slot>,
    /// Resources with a task under way, and which.
    pub busy: HashMap<Uuid, u64>,
    /// Transactions that callbacks may name.
    pub transactions: HashSet<Uuid>,
    pub ledger: Ledger,
    /// The provider's own account.
    pub provider: Uuid,
    made: u64,
    number: u64,
}

/// The relations that lead from what depends to what it depends on.
pub(super) const OWNERS: [&str; 6] =
    ["mozyProAccountUser", "mozyProAccount", "mozyPro", "subscription", "account", "parent"];

impl World {
    /// A world with the provider in it.
    pub fn new() -> Self {
        let mut world = Self {
            resources: HashMap::new(),
            instances: HashMap::new(),
            tasks: BTreeMap::new(),
            busy: HashMap::new(),
            transactions: HashSet::new(),
            ledger: Ledger::default(),
            provider: Uuid::nil(),
            made: 0,
            number: 1_000_000,
        };
        let contact =
            json!({"email": "provider@provider.test", "givenName": "The", "familyName": "Provider"});
        let properties =
            json!({"id": 1, "type": "ADMIN", "companyName": "The Provider", "techContact": contact});
        world.provider = world.insert(Resource::new(ACCOUNT, Status::Ready, properties));
        world
    }

    /// Stores a resource at the end of every listing.
    pub fn insert(&mut self, mut resource: Resource) -> Uuid {
        let id = resource.id;
        self.made += 1;
        resource.made = self.made;
        self.resources.insert(id, resource);
        id
    }

    /// A number of the sort that accounts and subscriptions have.
    pub fn number(&mut self) -> u64 {
        self.number += 1;
        self.number
    }

    /// The resources for which something holds, oldest first.
    pub fn select(&self, mut holds: impl FnMut(&Resource) -> bool) -> Vec<&Resource> {
        let mut found: Vec<&Resource> = self.resources.values().filter(|r| holds(r)).collect();
        found.sort_by_key(|resource| resource.made);
        found
    }

    /// Everything that cannot be without this resource, itself not included.
    pub fn dependents(&self, of: Uuid) -> Vec<Uuid> {
        let direct = self.select(|r| OWNERS.iter().any(|relation| r.link(relation) == Some(of)));
        direct.iter().flat_map(|r| std::iter::once(r.id).chain(self.dependents(r.id))).collect()
    }

    /// The instance of the application that a resource belongs to.
    pub fn instance_of(&self, id: Uuid) -> Option<Uuid> {
        let resource = self.resources.get(&id)?;
        match resource.service()? {
            Service::MozyPro => Some(id),
            Service::MozyProAccount => resource.link("mozyPro"),
            Service::MozyProAccountUserLicense => self.instance_of(resource.link("mozyProAccountUser")?),
            Service::MozyProAccountUser | Service::MozyProAccountGroup => {
                self.instance_of(resource.link("mozyProAccount")?)
            }
        }
    }

    /// The account that a resource belongs to; an account belongs to itself, the application to the provider.
    pub fn account_of(&self, id: Uuid) -> Option<Uuid> {
        let resource = self.resources.get(&id)?;
        if resource.type_id == ACCOUNT {
            return Some(id);
        }
        match resource.service() {
            Some(Service::MozyPro) => Some(self.provider),
            Some(Service::MozyProAccountUserLicense) => self.account_of(resource.link("mozyProAccountUser")?),
            Some(Service::MozyProAccountUser | Service::MozyProAccountGroup) => {
                self.account_of(resource.link("mozyProAccount")?)
            }
            Some(Service::MozyProAccount) | None => resource.link("account"),
        }
    }

    /// Whether `upper` is `lower` or one of the accounts above it.
    pub fn above(&self, upper: Uuid, lower: Uuid) -> bool {
        let parent = |id: &Uuid| self.resources.get(id).and_then(|account| account.link("parent"));
        std::iter::successors(Some(lower), parent).any(|account| account == upper)
    }

    /// What this resource was linked to and how, where the link is a strong one.
    pub fn owners<'a>(&'a self, resource: &'a Resource) -> impl Iterator<Item = Uuid> + 'a {
        OWNERS.iter().filter_map(|relation| resource.link(relation))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::osa::names::SUBSCRIPTION;

    #[test]
    fn what_depends_on_a_tenant_is_found_and_belongs_to_its_account() {
        let mut world = World::new();
        let (new, ready) = (Resource::new, Status::Ready);
        let account = world.insert(new(ACCOUNT, ready, json!({})).linked("parent", world.provider));
        let subscription = world.insert(new(SUBSCRIPTION, ready, json!({})).linked("account", account));
        let app = world.insert(new(Service::MozyPro.type_id(), ready, json!({})));
        let tenant = new(Service::MozyProAccount.type_id(), ready, json!({}))
            .linked("account", account)
            .linked("subscription", subscription)
            .linked("mozyPro", app);
        let tenant = world.insert(tenant);
        let user = new(Service::MozyProAccountUser.type_id(), ready, json!({}));
        let user = world.insert(user.linked("mozyProAccount", tenant));
        let licence = new(Service::MozyProAccountUserLicense.type_id(), ready, json!({}));
        let licence = world.insert(licence.linked("mozyProAccountUser", user));
        assert_eq!(world.dependents(tenant), [user, licence]);
        assert_eq!(world.dependents(user), [licence]);
        assert_eq!(world.instance_of(licence), Some(app));
        assert_eq!(world.account_of(licence), Some(account));
        assert!(world.above(world.provider, account) && !world.above(account, world.provider));
    }
}
