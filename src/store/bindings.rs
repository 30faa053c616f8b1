//! Bindings: the ids that Mozy gave, kept with what they belong to. A new one is owed to OSA's screens.

use super::owed::{self, Service};
use super::reseller;
use super::rows::TenantRow;
use super::schema::{licences, subscriptions, user_groups, users};
use crate::plan::Call;
use crate::ports::ledger::Binding;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// Keeps what was learned; what is known already writes nothing.
pub(super) async fn learn(
    conn: &AsyncPgConnection,
    tenant: &TenantRow,
    bindings: &[Binding],
) -> QueryResult<()> {
    for binding in bindings {
        let new = keep(conn, tenant, binding).await? > 0;
        if let (true, Some((service, id))) = (new, Service::of_binding(binding, tenant.id)) {
            owed::owe(conn, tenant.subscription(), service, id).await?;
        }
    }
    Ok(())
}

/// When a reseller's partner appears or goes, or `turned` its sync on or off, his customers are concerned.
pub(super) async fn wake_customers(
    conn: &AsyncPgConnection,
    tenant: &TenantRow,
    bindings: &[Binding],
    turned: bool,
) -> QueryResult<()> {
    let partner = |binding: &Binding| match binding {
        Binding::Partner(id) => id.map(|id| id.0) != tenant.partner_id,
        _ => false,
    };
    if tenant.is("reseller") && (turned || bindings.iter().any(partner)) {
        reseller::wake_customers(conn, tenant).await?;
    }
    Ok(())
}

/// Keeps with a reseller's customer which partner his group was made in.
pub(super) async fn settle_in(conn: &AsyncPgConnection, tenant: &TenantRow, call: &Call) -> QueryResult<()> {
    match call {
        Call::CreateGroup { partner, .. } if tenant.is("customer") => {
            let row = diesel::update(subscriptions::table.find(tenant.id));
            row.set(subscriptions::partner_id.eq(partner.0)).execute(&mut &*conn).await.map(drop)
        }
        _ => Ok(()),
    }
}

async fn keep(conn: &AsyncPgConnection, tenant: &TenantRow, binding: &Binding) -> QueryResult<usize> {
    let mut conn = conn;
    match binding {
        // A customer's partner is his reseller's and is not kept twice.
        Binding::Partner(id) => {
            let id = id.map(|id| id.0);
            let row = subscriptions::table.find(tenant.id).filter(subscriptions::model.ne("customer"));
            let other = row.filter(subscriptions::partner_id.is_distinct_from(id));
            diesel::update(other).set(subscriptions::partner_id.eq(id)).execute(&mut conn).await
        }
        Binding::Admin(email) => {
            let row = subscriptions::table.find(tenant.id).filter(subscriptions::model.ne("customer"));
            let other = row.filter(subscriptions::admin_email.ne(email));
            diesel::update(other).set(subscriptions::admin_email.eq(email)).execute(&mut conn).await
        }
        Binding::HomeGroup(id) => {
            let id = id.map(|id| id.0);
            let other = subscriptions::table
                .find(tenant.id)
                .filter(subscriptions::home_group_id.is_distinct_from(id));
            diesel::update(other).set(subscriptions::home_group_id.eq(id)).execute(&mut conn).await
        }
        Binding::Group(group, id) => {
            let id = id.map(|id| id.0);
            let row = user_groups::table.find(group.0).filter(user_groups::subscription_id.eq(tenant.id));
            let other = row.filter(user_groups::mozy_id.is_distinct_from(id));
            diesel::update(other).set(user_groups::mozy_id.eq(id)).execute(&mut conn).await
        }
        Binding::User(user, id) => {
            let id = id.map(|id| id.0);
            let row = users::table.find(user.0).filter(users::subscription_id.eq(tenant.id));
            let other = row.filter(users::mozy_id.is_distinct_from(id));
            diesel::update(other).set(users::mozy_id.eq(id)).execute(&mut conn).await
        }
        Binding::Licence(licence, key) => {
            let key = key.as_ref().map(|key| key.0.as_str());
            let row = licences::table.find(licence.0).filter(licences::subscription_id.eq(tenant.id));
            let other = row.filter(licences::keystring.is_distinct_from(key));
            diesel::update(other).set(licences::keystring.eq(key)).execute(&mut conn).await
        }
        Binding::Address(licence, address) => {
            let row = licences::table.find(licence.0).filter(licences::subscription_id.eq(tenant.id));
            let other = row.filter(licences::address.is_distinct_from(address));
            diesel::update(other).set(licences::address.eq(address)).execute(&mut conn).await
        }
    }
}
