//! Pushes owed to OSA's screens: taken by one daemon at a time, and struck off only if nothing changed since.

use super::error::StoreError;
use super::fixed::fixed;
use super::owed::Service;
use super::pool::Store;
use crate::domain::{GroupId, InstanceId, LicenceId, SubscriptionId, Thing, UserId};
use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Double, Integer, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use std::time::Duration;
use uuid::Uuid;

/// A push that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushDue {
    /// About what.
    pub thing: Thing,
    /// APS service.
    pub service: &'static str,
    /// In which subscription.
    pub subscription: SubscriptionId,
    /// Of which instance.
    pub instance: InstanceId,
    /// The mark; a push that is done strikes off this one and no later.
    pub owed_at: DateTime<Utc>,
    /// How often it failed.
    pub attempts: i32,
}

#[derive(QueryableByName)]
struct Instance {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    object_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    subscription_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    instance_id: Uuid,
    #[diesel(sql_type = Text)]
    service: String,
    #[diesel(sql_type = Timestamptz)]
    owed_at: DateTime<Utc>,
    #[diesel(sql_type = Integer)]
    attempts: i32,
}

const DUE: &str = "WITH due AS (SELECT p.object_id FROM pushes p JOIN subscriptions s ON s.id = p.subscription_id \
        WHERE p.due_at <= now() AND s.instance_id = $3 ORDER BY p.due_at LIMIT $1 FOR UPDATE OF p SKIP LOCKED) \
    UPDATE pushes p SET due_at = now() + $2 * interval '1 second' FROM due, subscriptions s \
    WHERE p.object_id = due.object_id AND s.id = p.subscription_id \
    RETURNING p.object_id, p.subscription_id, s.instance_id, p.service, p.owed_at, p.attempts";

const OWED: &str = "SELECT id FROM instances i WHERE EXISTS (SELECT FROM pushes p \
    JOIN subscriptions s ON s.id = p.subscription_id WHERE s.instance_id = i.id AND p.due_at <= now())";

/// What was owed anew while the push was under way is due now. The mark is read under its lock: one that is being owed
/// anew at this moment would else match neither.
const DONE: &str = "WITH mark AS MATERIALIZED (SELECT owed_at FROM pushes WHERE object_id = $1 FOR UPDATE), \
    done AS (DELETE FROM pushes USING mark WHERE object_id = $1 AND mark.owed_at = $2) \
    UPDATE pushes SET due_at = now(), attempts = 0 FROM mark WHERE object_id = $1 AND mark.owed_at <> $2";

const FAILED: &str = "UPDATE pushes SET due_at = now() + $2 * interval '1 second', attempts = attempts + 1 \
    WHERE object_id = $1";

impl Store {
    /// The instances that pushes are due for.
    pub async fn instances_owed(&self) -> Result<Vec<InstanceId>, StoreError> {
        let query = fixed(|sql| sql, OWED);
        let rows = self.run("instances_owed", async |conn| Ok(query.load::<Instance>(conn).await?));
        Ok(rows.await?.into_iter().map(|row| InstanceId(row.id)).collect())
    }

    /// Takes pushes of an instance that are due; nobody else is given them for the time of `hold`.
    pub async fn due_pushes(
        &self,
        instance: InstanceId,
        limit: u32,
        hold: Duration,
    ) -> Result<Vec<PushDue>, StoreError> {
        let query = fixed(
            |sql| {
                sql.bind::<BigInt, _>(i64::from(limit))
                    .bind::<Double, _>(hold.as_secs_f64())
                    .bind::<SqlUuid, _>(instance.0)
            },
            DUE,
        );
        let rows = self.run("due_pushes", async |conn| Ok(query.load(conn).await?));
        Ok(rows.await?.into_iter().map(push).collect())
    }

    /// Strikes off a push that OSA has answered, unless it was owed again meanwhile.
    pub async fn push_done(&self, thing: Thing, owed_at: DateTime<Utc>) -> Result<(), StoreError> {
        let query = fixed(|sql| sql.bind::<SqlUuid, _>(thing.id()).bind::<Timestamptz, _>(owed_at), DONE);
        self.run("push_done", async |conn| Ok(query.execute(conn).await?)).await.map(drop)
    }

    /// Puts off a push that failed.
    pub async fn push_failed(&self, thing: Thing, delay: Duration) -> Result<(), StoreError> {
        let query =
            fixed(|sql| sql.bind::<SqlUuid, _>(thing.id()).bind::<Double, _>(delay.as_secs_f64()), FAILED);
        self.run("push_failed", async |conn| Ok(query.execute(conn).await?)).await.map(drop)
    }
}

fn push(row: Row) -> PushDue {
    let service = Service::ALL.into_iter().find(|service| service.as_str() == row.service);
    let service = service.unwrap_or(Service::Tenant);
    let thing = match service {
        Service::Tenant => Thing::Tenant(SubscriptionId(row.object_id)),
        Service::Group => Thing::Group(GroupId(row.object_id)),
        Service::User => Thing::User(UserId(row.object_id)),
        Service::Licence => Thing::Licence(LicenceId(row.object_id)),
    };
    PushDue {
        thing,
        service: service.as_str(),
        subscription: SubscriptionId(row.subscription_id),
        instance: InstanceId(row.instance_id),
        owed_at: row.owed_at,
        attempts: row.attempts,
    }
}
