//! Things that were wished away and are gone from Mozy. What has no tombstone is never marked, whoever says so.

use crate::domain::{SubscriptionId, Thing};
use crate::store::fixed::fixed;
use crate::store::rows::TenantRow;
use crate::store::schema::{
    approvals, conditions, held, licences, observations, pushes, subscriptions, unmanaged, usages,
    user_groups, users, verdicts,
};
use crate::store::{reseller, wake};
use diesel::dsl::now;
use diesel::prelude::*;
use diesel::sql_types::{Array, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// Marks what is gone, and tells whether the subscription itself is.
pub(super) async fn mark(conn: &AsyncPgConnection, tenant: &TenantRow, gone: &[Thing]) -> QueryResult<bool> {
    for thing in gone {
        match thing {
            Thing::Tenant(_) => {}
            Thing::Group(id) => group(conn, tenant, id.0).await?,
            Thing::User(id) => user(conn, tenant, id.0).await?,
            Thing::Licence(id) => licence(conn, tenant, id.0).await?,
        }
        forget_push(conn, thing.id()).await?;
    }
    if !gone.is_empty() {
        forget_verdicts(conn, tenant, gone).await?;
    }
    let all = gone.iter().any(|thing| matches!(thing, Thing::Tenant(id) if id.0 == tenant.id));
    if all && tenant.removed_at.is_some() {
        account(conn, tenant).await?;
        return Ok(true);
    }
    Ok(false)
}

async fn group(conn: &AsyncPgConnection, tenant: &TenantRow, id: Uuid) -> QueryResult<()> {
    let row = user_groups::table.find(id).filter(user_groups::subscription_id.eq(tenant.id));
    let row = row.filter(user_groups::removed_at.is_not_null()).filter(user_groups::gone_at.is_null());
    diesel::update(row).set(user_groups::gone_at.eq(now)).execute(&mut &*conn).await.map(drop)
}

async fn user(conn: &AsyncPgConnection, tenant: &TenantRow, id: Uuid) -> QueryResult<()> {
    let row = users::table.find(id).filter(users::subscription_id.eq(tenant.id));
    let row = row.filter(users::removed_at.is_not_null()).filter(users::gone_at.is_null());
    if diesel::update(row).set(users::gone_at.eq(now)).execute(&mut &*conn).await? > 0 {
        // A user's keys go with him.
        let his = licences::table.filter(licences::user_id.eq(id)).filter(licences::removed_at.is_not_null());
        let his = his.filter(licences::gone_at.is_null());
        diesel::update(his).set(licences::gone_at.eq(now)).execute(&mut &*conn).await?;
    }
    Ok(())
}

async fn licence(conn: &AsyncPgConnection, tenant: &TenantRow, id: Uuid) -> QueryResult<()> {
    let row = licences::table.find(id).filter(licences::subscription_id.eq(tenant.id));
    let row = row.filter(licences::removed_at.is_not_null()).filter(licences::gone_at.is_null());
    diesel::update(row).set(licences::gone_at.eq(now)).execute(&mut &*conn).await.map(drop)
}

async fn forget_push(conn: &AsyncPgConnection, id: Uuid) -> QueryResult<()> {
    diesel::delete(pushes::table.find(id)).execute(&mut &*conn).await.map(drop)
}

/// Nobody asks for a verdict on what is gone.
async fn forget_verdicts(conn: &AsyncPgConnection, tenant: &TenantRow, gone: &[Thing]) -> QueryResult<()> {
    const SQL: &str = "DELETE FROM verdicts WHERE subscription_id = $1 AND (object_id = ANY($2) \
        OR object_id IN (SELECT id FROM licences WHERE user_id = ANY($2) AND gone_at IS NOT NULL))";
    let ids: Vec<Uuid> = gone.iter().map(|thing| thing.id()).collect();
    let query = fixed(|sql| sql.bind::<SqlUuid, _>(tenant.id).bind::<Array<SqlUuid>, _>(ids), SQL);
    query.execute(&mut &*conn).await.map(drop)
}

/// With the account goes all that was in it, and what was known of it.
async fn account(conn: &AsyncPgConnection, tenant: &TenantRow) -> QueryResult<()> {
    let mut conn = conn;
    let id = tenant.id;
    macro_rules! gone {
        ($table:ident) => {
            let rows = $table::table.filter($table::subscription_id.eq(id)).filter($table::gone_at.is_null());
            let removed = $table::removed_at.eq(diesel::dsl::sql("coalesce(removed_at, now())"));
            diesel::update(rows).set((removed, $table::gone_at.eq(now))).execute(&mut conn).await?;
        };
    }
    gone!(licences);
    gone!(users);
    gone!(user_groups);
    forget(conn, tenant.subscription()).await?;
    diesel::update(subscriptions::table.find(id))
        .set(subscriptions::gone_at.eq(now))
        .execute(&mut conn)
        .await?;
    wake::retire(conn, tenant.subscription()).await?;
    reseller::wake_reseller(conn, tenant).await
}

/// What was known of an account goes with it, also where it never came to be.
pub async fn forget(conn: &AsyncPgConnection, id: SubscriptionId) -> QueryResult<()> {
    macro_rules! forget {
        ($($table:ident),*) => { $(
            let rows = $table::table.filter($table::subscription_id.eq(id.0));
            diesel::delete(rows).execute(&mut &*conn).await?;
        )* };
    }
    forget!(approvals, conditions, held, observations, pushes, unmanaged, usages, verdicts);
    Ok(())
}
