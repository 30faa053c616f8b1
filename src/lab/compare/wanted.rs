//! What OSA wants of each subscription, from its simulator's own state.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;
use uuid::Uuid;

use super::picture::{Key, Picture, Pool, Standing, User};
use super::wishes::Wishes;
use crate::sim::osa::{Counter, OsaSim, Resource, Service};

/// GB of a synced user where the plan has no default.
const MOZYS_DEFAULT: i64 = 2;

/// One subscription as OSA has it.
pub struct Wanted {
    /// OSA's number.
    pub number: i64,
    /// The company of its account.
    pub company: String,
    /// The tenant; none once it was removed, or where its order failed.
    pub tenant: Option<Resource>,
    /// What is to be.
    pub picture: Picture,
}

/// Every subscription, oldest first.
pub fn all(osa: &OsaSim, wishes: &Wishes) -> Vec<Wanted> {
    let osa = Osa::new(osa, wishes);
    let subscriptions = osa.all.iter().filter(|resource| resource.type_id.contains("/subscription/"));
    subscriptions.map(|subscription| osa.wanted(subscription)).collect()
}

/// The resources, and who hangs on whom.
struct Osa<'a> {
    all: Vec<Resource>,
    at: HashMap<Uuid, usize>,
    below: HashMap<(Uuid, Service), Vec<usize>>,
    tenants: HashMap<Uuid, usize>,
    wishes: &'a Wishes,
}

impl<'a> Osa<'a> {
    fn new(osa: &OsaSim, wishes: &'a Wishes) -> Self {
        let all = osa.resources();
        let mut this = Self {
            at: HashMap::new(),
            below: HashMap::new(),
            tenants: HashMap::new(),
            wishes,
            all: Vec::new(),
        };
        for (index, resource) in all.iter().enumerate() {
            this.at.insert(resource.id, index);
            let Some(service) = resource.service() else { continue };
            for owner in
                ["mozyProAccount", "mozyProAccountUser"].iter().filter_map(|name| resource.link(name))
            {
                this.below.entry((owner, service)).or_default().push(index);
            }
            if let (Service::MozyProAccount, Some(on)) = (service, resource.link("subscription")) {
                this.tenants.insert(on, index);
            }
        }
        Self { all, ..this }
    }

    fn get(&self, id: Option<Uuid>) -> Option<&Resource> {
        self.at.get(&id?).map(|index| &self.all[*index])
    }

    fn below(&self, owner: &Resource, service: Service) -> impl Iterator<Item = &Resource> {
        let found = self.below.get(&(owner.id, service));
        found.into_iter().flatten().map(|index| &self.all[*index])
    }

    fn wanted(&self, subscription: &Resource) -> Wanted {
        let company = self.get(subscription.link("account")).map(|account| text(account, "companyName"));
        let tenant = self.tenants.get(&subscription.id).map(|index| &self.all[*index]);
        let disabled = subscription.properties.get("disabled") == Some(&Value::Bool(true));
        let standing = if disabled { Standing::Suspended } else { Standing::Active };
        let picture = tenant.map(|tenant| Picture { standing, ..self.picture(tenant) });
        Wanted {
            number: whole(subscription.properties.get("subscriptionId")).unwrap_or_default(),
            company: company.unwrap_or_default(),
            tenant: tenant.cloned(),
            picture: picture.unwrap_or_default(),
        }
    }

    fn picture(&self, tenant: &Resource) -> Picture {
        let limit = |counter| limit(tenant, counter);
        let pool = |keys, gb| Pool { keys: limit(keys), gb: limit(gb) };
        let sync = self.wishes.sync.get(&tenant.id).copied().unwrap_or(false);
        let groups = self.below(tenant, Service::MozyProAccountGroup).map(|group| text(group, "name"));
        let users = self.below(tenant, Service::MozyProAccountUser);
        Picture {
            standing: Standing::Active,
            desktop: pool(Counter::DesktopLicenseNum, Counter::DesktopQuota),
            server: pool(Counter::ServerLicenseNum, Counter::ServerQuota),
            sync,
            groups: groups.collect(),
            users: users.map(|user| self.user(tenant, user, sync)).collect(),
            ..Picture::default()
        }
    }

    fn user(&self, tenant: &Resource, user: &Resource, sync: bool) -> (String, User) {
        let person = self.get(user.link("user"));
        let of_person = |name| person.map(|person| text(person, name)).unwrap_or_default();
        let name = Some(text(user, "displayName")).filter(|name| !name.is_empty());
        let has_sync = sync && user.properties.get("enableSync") == Some(&Value::Bool(true));
        let own = whole(user.properties.get("syncQuota"));
        let default =
            || limit(tenant, Counter::SyncDefaultQuota).filter(|_| has(tenant, Counter::SyncDefaultQuota));
        let keys = self.below(user, Service::MozyProAccountUserLicense).map(key);
        let wanted = User {
            name: name.unwrap_or_else(|| of_person("displayName")),
            group: self.group(tenant, &text(user, "user_group_id")),
            suspended: self.wishes.suspended.contains(&user.id),
            sync: has_sync.then(|| own.or_else(default).unwrap_or(MOZYS_DEFAULT)),
            keys: keys.collect::<BTreeMap<_, _>>(),
        };
        let login = Some(of_person("email")).filter(|email| !email.is_empty());
        (login.unwrap_or_else(|| of_person("login")).to_lowercase(), wanted)
    }

    /// The group's name, by any of the ways in which OSA names it (contract section 5).
    fn group(&self, tenant: &Resource, named: &str) -> Option<String> {
        if named.is_empty() || named == text(tenant, "user_group_id") {
            return None;
        }
        let is_it = |group: &&Resource| group.id.to_string() == named || text(group, "groupId") == named;
        let found = self.below(tenant, Service::MozyProAccountGroup).find(is_it);
        Some(found.map_or_else(|| format!("(unknown group {named})"), |group| text(group, "name")))
    }
}

fn key(licence: &Resource) -> (String, Key) {
    let keystring = Some(text(licence, "keyString")).filter(|keystring| !keystring.is_empty());
    let gb = whole(licence.properties.get("quota")).unwrap_or_default();
    let unknown = || format!("(not told of licence {})", licence.id);
    (keystring.unwrap_or_else(unknown), Key { kind: text(licence, "licenseType"), gb })
}

/// A counter's limit: 0 where the plan does not contain it, none where it is unlimited.
fn limit(tenant: &Resource, counter: Counter) -> Option<i64> {
    match tenant.properties.get(counter.name()) {
        None => Some(0),
        Some(counter) => whole(counter.get("limit")).filter(|limit| *limit >= 0),
    }
}

/// Whether the plan contains a counter.
pub fn has(tenant: &Resource, counter: Counter) -> bool {
    tenant.properties.contains_key(counter.name())
}

/// A property as text, also where it is a number; empty where it is not there.
fn text(resource: &Resource, name: &str) -> String {
    match resource.properties.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

fn whole(value: Option<&Value>) -> Option<i64> {
    match value? {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}
