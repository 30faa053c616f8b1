//! Wishes about a tenant: order, limits, suspend, remove, and another admin.

use super::limits::reseller_cancelled;
use super::operation::Verb;
use super::refuse::{not_found, refused};
use super::sync;
use super::wish::Wish;
use super::{Answer, Desk};
use crate::domain::subscription::{Admin, ResellerAccount};
use crate::domain::user::same_login;
use crate::domain::{InstanceId, LicenceKind, Reason, StaffId, Thing};
use crate::ports::desk::{Ask, DeskError, ModelWish, Progress, TenantPatch, TenantWish};
use crate::store::estate::Estate;
use crate::store::reseller::{self, MadeIn};
use crate::store::rows::{Row, TenantRow};
use crate::store::schema::{instances, subscriptions};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::time::Instant;

impl Desk {
    /// Takes an order. A tenant that was never heard of begins as one that is gone, so that there is a row to lock.
    pub(super) async fn take_order(&self, ask: &Ask, wish: TenantWish) -> Answer<Progress> {
        let (thing, instance) = (Thing::Tenant(wish.id), ask.instance);
        let verb = Verb::Provision;
        let asked = Instant::now();
        let taken = self.store.transact(verb.operation(), async |conn| {
            insert_unborn(conn, instance, &wish).await?;
            let estate = Estate::lock(conn, wish.id, wish.id.0).await?;
            let estate = estate.filter(|estate| estate.tenant.instance_id == instance.0);
            let estate = estate.ok_or_else(|| not_found(thing))?;
            let reseller = match wish.model {
                ModelWish::Customer(account) => {
                    let made_in = match estate.tenant.is_gone() {
                        true => MadeIn::default(),
                        false => MadeIn::of(&estate.tenant),
                    };
                    reseller::reseller(conn, account.0, instance.0, made_in).await?
                }
                ModelWish::Direct | ModelWish::Reseller => None,
            };
            let decide = |estate: &mut Estate, open| order(estate, &wish, reseller, open);
            let wish = Wish { ask, verb, thing, patience: self.patience, clock: &self.store.clock };
            wish.carry_out(conn, estate, asked, decide).await
        });
        taken.await?
    }
}

async fn insert_unborn(conn: &AsyncPgConnection, instance: InstanceId, wish: &TenantWish) -> QueryResult<()> {
    // The default instance is served without ever having been installed.
    diesel::insert_into(instances::table)
        .values((instances::id.eq(instance.0), instances::installed.eq(false)))
        .on_conflict_do_nothing()
        .execute(&mut &*conn)
        .await?;
    diesel::insert_into(subscriptions::table)
        .values(unborn(instance, wish, Utc::now()))
        .on_conflict_do_nothing()
        .execute(&mut &*conn)
        .await
        .map(drop)
}

/// The row of a tenant before anything was wished of it.
pub(super) fn unborn(instance: InstanceId, wish: &TenantWish, now: DateTime<Utc>) -> TenantRow {
    let (model, reseller) = model(wish);
    TenantRow {
        id: wish.id.0,
        instance_id: instance.0,
        number: wish.number.0,
        account_id: wish.account.0,
        reseller_account_id: reseller,
        model: model.into(),
        company: wish.company.clone(),
        admin_email: wish.admin.email.clone(),
        admin_name: wish.admin.full_name.clone(),
        admin_staff_id: None,
        desktop_licences: Some(0),
        desktop_quota: Some(0),
        server_licences: Some(0),
        server_quota: Some(0),
        sync_available: false,
        sync_default_quota: None,
        sync: false,
        suspended: false,
        groups_tab: true,
        paused_at: None,
        generation: 0,
        account_generation: 0,
        request_id: None,
        removed_at: Some(now),
        gone_at: Some(now),
        partner_id: None,
        home_group_id: None,
        created_at: now,
    }
}

fn model(wish: &TenantWish) -> (&'static str, Option<uuid::Uuid>) {
    match wish.model {
        ModelWish::Direct => ("direct", None),
        ModelWish::Reseller => ("reseller", None),
        ModelWish::Customer(account) => ("customer", Some(account.0)),
    }
}

/// Orders. Posted again after it was answered, it changes nothing.
pub(super) fn order(
    estate: &mut Estate,
    wish: &TenantWish,
    reseller: Option<ResellerAccount>,
    open: bool,
) -> Result<(), DeskError> {
    let tenant = &mut estate.tenant;
    let anew = tenant.is_removed();
    if !anew && !open {
        return Ok(());
    }
    if reseller.is_some_and(|reseller| reseller.removed) {
        return Err(reseller_cancelled());
    }
    if anew {
        tenant.revive();
        (tenant.sync, tenant.suspended) = (false, false);
    }
    // Where it lives at Mozy stays, once it lives there.
    if tenant.partner_id.is_none() && tenant.home_group_id.is_none() {
        let (model, reseller) = model(wish);
        (tenant.model, tenant.reseller_account_id) = (model.into(), reseller);
        (tenant.number, tenant.account_id) = (wish.number.0, wish.account.0);
        (tenant.admin_email, tenant.admin_name) = (wish.admin.email.clone(), wish.admin.full_name.clone());
        tenant.admin_staff_id = wish.staff.map(|staff| staff.0);
    }
    tenant.company.clone_from(&wish.company);
    tenant.groups_tab = wish.groups_tab;
    tenant.buy(&wish.bought);
    Ok(())
}

/// Changes what was bought. Never refused: limits are a commercial fact.
pub(super) fn configure(estate: &mut Estate, patch: &TenantPatch) -> Result<(), DeskError> {
    let tenant = live(estate)?;
    let TenantPatch { licences, quota, sync_available, sync_default_quota, groups_tab } = patch;
    let mut bought = tenant.bought();
    for kind in LicenceKind::ALL {
        let pool = bought.pools.of_mut(kind);
        pool.licences = licences.of(kind).unwrap_or(pool.licences);
        pool.quota = quota.of(kind).unwrap_or(pool.quota);
    }
    bought.sync_available = sync_available.unwrap_or(bought.sync_available);
    bought.sync_default_quota = sync_default_quota.unwrap_or(bought.sync_default_quota);
    tenant.buy(&bought);
    tenant.groups_tab = groups_tab.unwrap_or(tenant.groups_tab);
    sync::follow(estate);
    Ok(())
}

/// Suspends or resumes.
pub(super) fn suspend(estate: &mut Estate, suspended: bool) -> Result<(), DeskError> {
    live(estate)?.suspended = suspended;
    Ok(())
}

/// Wishes it away, with everything in it.
pub(super) fn remove(estate: &mut Estate) -> Result<(), DeskError> {
    estate.tenant.remove(estate.now);
    Ok(())
}

/// Chooses another root admin, as long as nobody has become it.
///
/// The same one again is a new wish too: his address may be free now. Not so when OSA only asks how far it has come.
pub(super) fn choose_admin(
    estate: &mut Estate,
    staff: StaffId,
    admin: Admin,
    open: bool,
) -> Result<(), DeskError> {
    let tenant = live(estate)?;
    if tenant.partner_id.is_some() && !same_login(&tenant.admin_email, &admin.email) {
        let message = "there is a root admin already: he is changed in Mozy's control panel";
        return Err(refused(Reason::VendorRejected, message));
    }
    if tenant.partner_id.is_none() {
        tenant.admin_staff_id = Some(staff.0);
        (tenant.admin_email, tenant.admin_name) = (admin.email, admin.full_name);
        tenant.account_generation += i64::from(!open);
    }
    Ok(())
}

/// The tenant, unless it is being removed.
pub(super) fn live(estate: &mut Estate) -> Result<&mut TenantRow, DeskError> {
    let thing = Thing::Tenant(estate.tenant.subscription());
    if estate.tenant.is_removed() { Err(not_found(thing)) } else { Ok(&mut estate.tenant) }
}
