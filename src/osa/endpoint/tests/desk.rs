//! A desk in memory: it keeps what it is told, writes down every wish, and says what the test wants it to say.

use std::collections::{HashMap, VecDeque};
use std::fmt::Debug;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::domain::snapshot::{Snapshot, TenantNumbers};
use crate::domain::subscription::Admin;
use crate::domain::*;
use crate::ports::desk::*;
use serde_json::{Map, Value};
use uuid::Uuid;

type Answer<T> = Result<T, DeskError>;

#[derive(Default)]
pub struct Ledger {
    /// Everything that was written, in words.
    pub written: Vec<String>,
    pub instances: HashMap<InstanceId, InstanceKeys>,
    pub owners: HashMap<Thing, SubscriptionId>,
    pub numbers: HashMap<SubscriptionId, TenantNumbers>,
    pub snapshots: HashMap<SubscriptionId, Snapshot>,
    pub service_users: HashMap<UserId, Uuid>,
    pub told: HashMap<UserId, Map<String, Value>>,
    /// What the next wishes are answered; done when it is empty.
    pub next: VecDeque<Answer<Progress>>,
}

#[derive(Default)]
pub struct MemoryDesk {
    pub ledger: Mutex<Ledger>,
    /// How often keys were read.
    pub keys_read: AtomicUsize,
    /// The key that sealed the secrets is lost: until they are installed anew, none can be opened.
    pub key_lost: AtomicBool,
}

impl MemoryDesk {
    pub fn written(&self) -> Vec<String> {
        self.ledger.lock().unwrap().written.clone()
    }

    pub fn will(&self, answer: Answer<Progress>) {
        self.ledger.lock().unwrap().next.push_back(answer);
    }

    /// Another daemon writes another certificate of an instance's controller.
    pub fn installs_elsewhere(&self, id: InstanceId, certificate: &str) {
        let mut ledger = self.ledger.lock().unwrap();
        ledger.instances.get_mut(&id).unwrap().controller_certificate = Some(certificate.to_owned());
    }

    fn made(&self, ask: &Ask, thing: Thing, of: SubscriptionId, wish: &dyn Debug) -> Answer<Progress> {
        let mut ledger = self.ledger.lock().unwrap();
        let answer = ledger.next.pop_front().unwrap_or(Ok(Progress::Done));
        if answer.is_ok() {
            ledger.owners.insert(thing, of);
            ledger.written.push(format!("{wish:?} again={}", ask.again));
        }
        answer
    }

    fn changed(&self, thing: Thing, what: &str, how: &dyn Debug) -> Answer<Progress> {
        let mut ledger = self.ledger.lock().unwrap();
        let removal = what == "remove";
        if !ledger.owners.contains_key(&thing) {
            let unknown = Err(DeskError::NotFound(format!("{} {}", thing.kind(), thing.id())));
            return if removal { Ok(Progress::Done) } else { unknown };
        }
        let answer = ledger.next.pop_front().unwrap_or(Ok(Progress::Done));
        if answer.is_ok() {
            ledger.written.push(format!("{what} {} {how:?}", thing.kind()));
        }
        if removal && matches!(answer, Ok(Progress::Done)) {
            ledger.owners.remove(&thing);
        }
        answer
    }
}

impl Desk for MemoryDesk {
    async fn install(&self, install: Install) -> Answer<()> {
        let mut ledger = self.ledger.lock().unwrap();
        ledger.written.push(format!("{install:?}"));
        let before = ledger.instances.remove(&install.id);
        // Secrets and certificates that are not mentioned stay.
        let (application, identity, certificate, reseller) = before.map_or_else(Default::default, |before| {
            (before.application, before.identity, before.controller_certificate, before.reseller)
        });
        let keys = InstanceKeys {
            id: install.id,
            application: install.application.or(application),
            installed: true,
            reseller: install.reseller.unwrap_or(reseller),
            identity: install.identity.or(identity),
            controller_certificate: install.controller_certificate.or(certificate),
            controller: None,
        };
        ledger.instances.insert(keys.id, keys);
        self.key_lost.store(false, Ordering::Relaxed);
        Ok(())
    }

    async fn uninstall(&self, id: InstanceId) -> Answer<()> {
        let mut ledger = self.ledger.lock().unwrap();
        ledger.written.push(format!("uninstall {id}"));
        ledger.instances.remove(&id);
        Ok(())
    }

    async fn instance(&self, id: InstanceId) -> Answer<Option<InstanceKeys>> {
        self.keys_read.fetch_add(1, Ordering::Relaxed);
        if self.key_lost.load(Ordering::Relaxed) {
            return Err(DeskError::Unavailable("sealed with another key".into()));
        }
        Ok(self.ledger.lock().unwrap().instances.get(&id).cloned())
    }

    async fn controller_certificate(&self, id: InstanceId) -> Answer<Option<Option<String>>> {
        let ledger = self.ledger.lock().unwrap();
        Ok(ledger.instances.get(&id).map(|known| known.controller_certificate.clone()))
    }

    async fn heard_from(&self, id: InstanceId, controller: &str) -> Answer<()> {
        let mut ledger = self.ledger.lock().unwrap();
        ledger.written.push(format!("heard from {controller}"));
        let default = InstanceKeys {
            id,
            application: None,
            installed: false,
            reseller: None,
            identity: None,
            controller_certificate: None,
            controller: None,
        };
        ledger.instances.entry(id).or_insert(default).controller = Some(controller.to_owned());
        Ok(())
    }

    async fn owner(&self, _: InstanceId, thing: Thing) -> Answer<Option<SubscriptionId>> {
        Ok(self.ledger.lock().unwrap().owners.get(&thing).copied())
    }

    async fn order(&self, ask: &Ask, wish: TenantWish) -> Answer<Progress> {
        self.made(ask, Thing::Tenant(wish.id), wish.id, &wish)
    }

    async fn configure_tenant(&self, _: &Ask, id: SubscriptionId, patch: TenantPatch) -> Answer<Progress> {
        self.changed(Thing::Tenant(id), "configure", &patch)
    }

    async fn suspend_tenant(&self, _: &Ask, id: SubscriptionId, suspended: bool) -> Answer<Progress> {
        self.changed(Thing::Tenant(id), "suspend", &suspended)
    }

    async fn remove_tenant(&self, _: &Ask, id: SubscriptionId) -> Answer<Progress> {
        self.changed(Thing::Tenant(id), "remove", &())
    }

    async fn switch_sync(&self, _: &Ask, id: SubscriptionId, on: Option<bool>) -> Answer<Progress> {
        self.changed(Thing::Tenant(id), "sync", &on)
    }

    async fn choose_admin(
        &self,
        _: &Ask,
        id: SubscriptionId,
        staff: StaffId,
        admin: Admin,
    ) -> Answer<Progress> {
        self.changed(Thing::Tenant(id), "admin", &(staff, admin))
    }

    async fn add_user(&self, ask: &Ask, wish: UserWish) -> Answer<Progress> {
        self.made(ask, Thing::User(wish.id), wish.subscription, &wish)
    }

    async fn configure_user(&self, _: &Ask, id: UserId, patch: UserPatch) -> Answer<Progress> {
        self.changed(Thing::User(id), "configure", &patch)
    }

    async fn user_changed(&self, _: &Ask, id: UserId, patch: UserPatch) -> Answer<Progress> {
        self.changed(Thing::User(id), "event", &patch)
    }

    async fn suspend_user(&self, _: &Ask, id: UserId, suspended: bool) -> Answer<Progress> {
        self.changed(Thing::User(id), "suspend", &suspended)
    }

    async fn remove_user(&self, _: &Ask, id: UserId) -> Answer<Progress> {
        self.changed(Thing::User(id), "remove", &())
    }

    async fn add_licence(&self, ask: &Ask, wish: LicenceWish) -> Answer<Progress> {
        let owner = self.ledger.lock().unwrap().owners.get(&Thing::User(wish.user)).copied();
        let owner = owner.ok_or_else(|| DeskError::NotFound(format!("user {}", wish.user)))?;
        self.made(ask, Thing::Licence(wish.id), owner, &wish)
    }

    async fn configure_licence(&self, _: &Ask, id: LicenceId, quota: Option<Gb>) -> Answer<Progress> {
        self.changed(Thing::Licence(id), "configure", &quota)
    }

    async fn remove_licence(&self, _: &Ask, id: LicenceId) -> Answer<Progress> {
        self.changed(Thing::Licence(id), "remove", &())
    }

    async fn add_group(&self, ask: &Ask, wish: GroupWish) -> Answer<Progress> {
        self.made(ask, Thing::Group(wish.id), wish.subscription, &wish)
    }

    async fn rename_group(&self, _: &Ask, id: GroupId, name: Option<String>) -> Answer<Progress> {
        self.changed(Thing::Group(id), "rename", &name)
    }

    async fn remove_group(&self, _: &Ask, id: GroupId) -> Answer<Progress> {
        self.changed(Thing::Group(id), "remove", &())
    }

    async fn tenant(&self, _: InstanceId, id: SubscriptionId) -> Answer<Option<TenantNumbers>> {
        Ok(self.ledger.lock().unwrap().numbers.get(&id).cloned())
    }

    async fn snapshot(&self, id: SubscriptionId) -> Answer<Option<Snapshot>> {
        Ok(self.ledger.lock().unwrap().snapshots.get(&id).cloned())
    }

    async fn told(&self, id: UserId) -> Answer<Map<String, Value>> {
        Ok(self.ledger.lock().unwrap().told.get(&id).cloned().unwrap_or_default())
    }

    async fn tell(&self, id: UserId, more: &Map<String, Value>) -> Answer<()> {
        self.ledger.lock().unwrap().told.entry(id).or_default().extend(more.clone());
        Ok(())
    }

    async fn service_user(&self, id: UserId) -> Answer<Option<Uuid>> {
        Ok(self.ledger.lock().unwrap().service_users.get(&id).copied())
    }
}
