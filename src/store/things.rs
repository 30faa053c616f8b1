//! Whose a thing is, by its APS id.

use super::doc::Doc;
use super::error::StoreError;
use super::fixed::fixed;
use super::pool::Store;
use super::schema::{licences, subscriptions, user_groups, users};
use crate::domain::{InstanceId, SubscriptionId, Thing, UserId};
use diesel::prelude::*;
use diesel::sql_types::{Jsonb, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::{Map, Value};
use uuid::Uuid;

impl Store {
    /// Of which subscription a thing is that is known to an instance and not being removed.
    pub async fn owner(
        &self,
        instance: InstanceId,
        thing: Thing,
    ) -> Result<Option<SubscriptionId>, StoreError> {
        self.run("owner", async |conn| Ok(live_owner(conn, instance, thing).await?)).await
    }

    /// OSA's service user behind a user, gone or not.
    pub async fn service_user(&self, id: UserId) -> Result<Option<Uuid>, StoreError> {
        let row = users::table.find(id.0).select(users::service_user_id);
        self.run("service_user", async |conn| Ok(row.first(conn).await.optional()?)).await
    }

    /// What OSA was told of a user; nothing of one who is not known.
    pub async fn told(&self, id: UserId) -> Result<Map<String, Value>, StoreError> {
        let row = users::table.find(id.0).select(users::told);
        let told: Option<Doc<_>> =
            self.run("told", async |conn| Ok(row.first(conn).await.optional()?)).await?;
        Ok(told.map(|told| told.0).unwrap_or_default())
    }

    /// Notes what OSA was told of a user besides what it was told before.
    pub async fn tell(&self, id: UserId, more: &Map<String, Value>) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE users SET told = told || $2 WHERE id = $1 AND NOT told @> $2";
        let more = Value::Object(more.clone());
        let query = fixed(|sql| sql.bind::<SqlUuid, _>(id.0).bind::<Jsonb, _>(more), SQL);
        self.run("tell", async |conn| Ok(query.execute(conn).await.map(drop)?)).await
    }
}

/// Forgets what OSA holds of a user. Its task failed, and it goes back to what it held before, which nobody here knows:
/// what it says next, it may mean.
pub(super) async fn untell(conn: &AsyncPgConnection, id: UserId) -> QueryResult<()> {
    let row = diesel::update(users::table.find(id.0)).set(users::told.eq(Doc(Map::<String, Value>::new())));
    row.execute(&mut &*conn).await.map(drop)
}

/// The subscription a thing is in, whatever its state.
pub(super) async fn subscription_of(
    conn: &AsyncPgConnection,
    thing: Thing,
) -> QueryResult<Option<SubscriptionId>> {
    let mut conn = conn;
    let found: Option<Uuid> = match thing {
        Thing::Tenant(id) => {
            subscriptions::table.find(id.0).select(subscriptions::id).first(&mut conn).await.optional()?
        }
        Thing::Group(id) => user_groups::table
            .find(id.0)
            .select(user_groups::subscription_id)
            .first(&mut conn)
            .await
            .optional()?,
        Thing::User(id) => {
            users::table.find(id.0).select(users::subscription_id).first(&mut conn).await.optional()?
        }
        Thing::Licence(id) => {
            licences::table.find(id.0).select(licences::subscription_id).first(&mut conn).await.optional()?
        }
    };
    Ok(found.map(SubscriptionId))
}

async fn live_owner(
    conn: &AsyncPgConnection,
    instance: InstanceId,
    thing: Thing,
) -> QueryResult<Option<SubscriptionId>> {
    let mut conn = conn;
    let tenant = subscriptions::table
        .filter(subscriptions::instance_id.eq(instance.0))
        .filter(subscriptions::removed_at.is_null())
        .select(subscriptions::id);
    macro_rules! inside {
        ($table:ident, $id:expr) => {{
            let row = tenant.inner_join($table::table);
            row.filter($table::id.eq($id)).filter($table::removed_at.is_null()).first(&mut conn).await
        }};
    }
    let found: QueryResult<Uuid> = match thing {
        Thing::Tenant(id) => tenant.filter(subscriptions::id.eq(id.0)).first(&mut conn).await,
        Thing::Group(id) => inside!(user_groups, id.0),
        Thing::User(id) => inside!(users, id.0),
        Thing::Licence(id) => inside!(licences, id.0),
    };
    Ok(found.optional()?.map(SubscriptionId))
}
