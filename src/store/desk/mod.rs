//! The desk: OSA's wishes, each decided on what is stored, written in one transaction, and answered from it.
//!
//! A wish is a pure function on an [`Estate`]: it changes the rows in memory, or refuses. What differs afterwards is
//! written; when nothing does, nothing is, so every wish can be sent as often as OSA likes. [`wish`] does that for
//! all of them.

mod ended;
mod event;
mod group;
mod instance;
mod licence;
mod limits;
mod operation;
mod progress;
mod refuse;
#[cfg(test)]
mod samples;
mod save;
mod sync;
mod tenant;
mod user;
mod wish;
mod withdraw;
mod words;

use super::pool::Store;
use crate::domain::snapshot::{Snapshot, TenantNumbers};
use crate::domain::subscription::Admin;
use crate::domain::{Gb, GroupId, InstanceId, LicenceId, StaffId, SubscriptionId, Thing, UserId};
use crate::ports::desk::{self, Ask, DeskError, GroupWish, Install, InstanceKeys, LicenceWish, Progress};
use crate::ports::desk::{TenantPatch, TenantWish, UserPatch, UserWish};
use operation::Verb;
use serde_json::{Map, Value};
use std::time::Duration;
use uuid::Uuid;
use wish::Seat;

type Answer<T> = Result<T, DeskError>;

/// Where OSA's wishes are written.
#[derive(Clone)]
pub struct Desk {
    store: Store,
    patience: Duration,
}

impl Desk {
    /// A desk at this store. `patience` is `osa.task_patience`: how long OSA is told to wait for Mozy.
    pub fn new(store: Store, patience: Duration) -> Self {
        Self { store, patience }
    }
}

impl desk::Desk for Desk {
    async fn install(&self, install: Install) -> Answer<()> {
        Ok(self.store.install(install).await?)
    }

    async fn uninstall(&self, id: InstanceId) -> Answer<()> {
        self.store.uninstall(id).await
    }

    async fn instance(&self, id: InstanceId) -> Answer<Option<InstanceKeys>> {
        Ok(self.store.instance(id).await?)
    }

    async fn controller_certificate(&self, id: InstanceId) -> Answer<Option<Option<String>>> {
        Ok(self.store.controller_certificate(id).await?)
    }

    async fn heard_from(&self, id: InstanceId, controller: &str) -> Answer<()> {
        Ok(self.store.heard_from(id, controller).await?)
    }

    async fn owner(&self, instance: InstanceId, thing: Thing) -> Answer<Option<SubscriptionId>> {
        Ok(self.store.owner(instance, thing).await?)
    }

    async fn order(&self, ask: &Ask, wish: TenantWish) -> Answer<Progress> {
        self.take_order(ask, wish).await
    }

    async fn configure_tenant(&self, ask: &Ask, id: SubscriptionId, patch: TenantPatch) -> Answer<Progress> {
        let verb = Verb::Configure;
        self.wish(ask, verb, Thing::Tenant(id), Seat::Itself, |estate, _| tenant::configure(estate, &patch))
            .await
    }

    async fn suspend_tenant(&self, ask: &Ask, id: SubscriptionId, suspended: bool) -> Answer<Progress> {
        let verb = Verb::suspending(suspended);
        self.wish(ask, verb, Thing::Tenant(id), Seat::Itself, |estate, _| tenant::suspend(estate, suspended))
            .await
    }

    async fn remove_tenant(&self, ask: &Ask, id: SubscriptionId) -> Answer<Progress> {
        let verb = Verb::Unprovision;
        self.wish(ask, verb, Thing::Tenant(id), Seat::Itself, |estate, _| tenant::remove(estate)).await
    }

    async fn switch_sync(&self, ask: &Ask, id: SubscriptionId, on: Option<bool>) -> Answer<Progress> {
        // A poll whose first call was lost is all there is of a wish. Where a transaction is named, one that is not lost is
        // known: it is open, or has ended.
        let asked = ask.again && ask.request.is_none();
        let decide = move |estate: &mut _, open| sync::switch(estate, on, open || asked);
        self.wish(ask, Verb::Sync, Thing::Tenant(id), Seat::Itself, decide).await
    }

    async fn choose_admin(
        &self,
        ask: &Ask,
        id: SubscriptionId,
        staff: StaffId,
        admin: Admin,
    ) -> Answer<Progress> {
        let decide = move |estate: &mut _, open| tenant::choose_admin(estate, staff, admin, open);
        self.wish(ask, Verb::Admin, Thing::Tenant(id), Seat::Itself, decide).await
    }

    async fn add_user(&self, ask: &Ask, wish: UserWish) -> Answer<Progress> {
        let (thing, seat) = (Thing::User(wish.id), Seat::Tenant(wish.subscription));
        self.wish(ask, Verb::Provision, thing, seat, move |estate, open| user::add(estate, wish, open)).await
    }

    async fn configure_user(&self, ask: &Ask, id: UserId, patch: UserPatch) -> Answer<Progress> {
        let decide = move |estate: &mut _, _| user::configure(estate, id, patch);
        self.wish(ask, Verb::Configure, Thing::User(id), Seat::Itself, decide).await
    }

    async fn user_changed(&self, ask: &Ask, id: UserId, patch: UserPatch) -> Answer<Progress> {
        self.hear_of_user(ask, id, patch).await
    }

    async fn suspend_user(&self, ask: &Ask, id: UserId, suspended: bool) -> Answer<Progress> {
        let decide = move |estate: &mut _, _| user::suspend(estate, id, suspended);
        self.wish(ask, Verb::suspending(suspended), Thing::User(id), Seat::Itself, decide).await
    }

    async fn remove_user(&self, ask: &Ask, id: UserId) -> Answer<Progress> {
        let decide = move |estate: &mut _, _| user::remove(estate, id);
        self.wish(ask, Verb::Unprovision, Thing::User(id), Seat::Itself, decide).await
    }

    async fn add_licence(&self, ask: &Ask, wish: LicenceWish) -> Answer<Progress> {
        let (thing, seat) = (Thing::Licence(wish.id), Seat::User(wish.user));
        self.wish(ask, Verb::Provision, thing, seat, move |estate, open| licence::add(estate, wish, open))
            .await
    }

    async fn configure_licence(&self, ask: &Ask, id: LicenceId, quota: Option<Gb>) -> Answer<Progress> {
        let decide = move |estate: &mut _, _| licence::configure(estate, id, quota);
        self.wish(ask, Verb::Configure, Thing::Licence(id), Seat::Itself, decide).await
    }

    async fn remove_licence(&self, ask: &Ask, id: LicenceId) -> Answer<Progress> {
        let decide = move |estate: &mut _, _| licence::remove(estate, id);
        self.wish(ask, Verb::Unprovision, Thing::Licence(id), Seat::Itself, decide).await
    }

    async fn add_group(&self, ask: &Ask, wish: GroupWish) -> Answer<Progress> {
        let (thing, seat) = (Thing::Group(wish.id), Seat::Tenant(wish.subscription));
        self.wish(ask, Verb::Provision, thing, seat, move |estate, open| group::add(estate, wish, open)).await
    }

    async fn rename_group(&self, ask: &Ask, id: GroupId, name: Option<String>) -> Answer<Progress> {
        let decide = move |estate: &mut _, _| group::rename(estate, id, name);
        self.wish(ask, Verb::Configure, Thing::Group(id), Seat::Itself, decide).await
    }

    async fn remove_group(&self, ask: &Ask, id: GroupId) -> Answer<Progress> {
        let decide = move |estate: &mut _, _| group::remove(estate, id);
        self.wish(ask, Verb::Unprovision, Thing::Group(id), Seat::Itself, decide).await
    }

    async fn tenant(&self, instance: InstanceId, id: SubscriptionId) -> Answer<Option<TenantNumbers>> {
        Ok(self.store.numbers(instance, id).await?)
    }

    async fn snapshot(&self, id: SubscriptionId) -> Answer<Option<Snapshot>> {
        Ok(self.store.snapshot(id).await?)
    }

    async fn told(&self, id: UserId) -> Answer<Map<String, Value>> {
        Ok(self.store.told(id).await?)
    }

    async fn tell(&self, id: UserId, more: &Map<String, Value>) -> Answer<()> {
        Ok(self.store.tell(id, more).await?)
    }

    async fn service_user(&self, id: UserId) -> Answer<Option<Uuid>> {
        Ok(self.store.service_user(id).await?)
    }
}
