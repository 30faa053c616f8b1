//! Freshness: whether numbers that somebody waits for have been read, and how far a round over all has come.

use super::error::StoreError;
use super::fixed::fixed;
use super::pool::Store;
use super::things::subscription_of;
use crate::domain::{SubscriptionId, Thing};
use crate::ports::ledger::Lease;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Double, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use std::time::Duration;

/// What became of a wish for fresh numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Freshness {
    /// They were read after they were wished for.
    Fresh,
    /// A cycle tried after they were wished for, and could not.
    Failed(String),
    /// Nobody has tried yet.
    Pending,
}

#[derive(QueryableByName)]
struct Looked {
    #[diesel(sql_type = Bool)]
    fresh: bool,
    #[diesel(sql_type = Nullable<Text>)]
    failure: Option<String>,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

const FRESHNESS: &str = "SELECT coalesce(w.last_success >= $2, false) AS fresh, \
        CASE WHEN w.last_attempt >= $2 THEN c.message END AS failure \
    FROM work w LEFT JOIN conditions c ON c.subscription_id = w.subscription_id \
        AND c.type = 'UsageFresh' AND NOT c.status \
    WHERE w.subscription_id = $1";

/// One that was woken while the cycle ran stays due now: a person's change waits for no failure.
const PUT_OFF: &str = "UPDATE work SET lease_owner = NULL, lease_until = NULL, last_attempt = begun_at, \
        lane = CASE WHEN enqueued_at > begun_at THEN lane ELSE 1 END, \
        attempts = CASE WHEN enqueued_at > begun_at THEN 0 ELSE attempts + 1 END, \
        due_at = CASE WHEN enqueued_at > begun_at THEN due_at ELSE now() + $3 * interval '1 second' END, \
        enqueued_at = CASE WHEN enqueued_at > begun_at THEN enqueued_at ELSE clock_timestamp() END \
    WHERE subscription_id = $1 AND lease_epoch = $2";

const UNSEEN: &str = "SELECT count(*) AS count FROM work \
    WHERE last_attempt IS NULL OR last_attempt < now() - $1 * interval '1 second'";

impl Store {
    /// Whether numbers wished for at `wanted` (see [`Store::refresh`]) are there.
    pub async fn freshness(
        &self,
        id: SubscriptionId,
        wanted: DateTime<Utc>,
    ) -> Result<Freshness, StoreError> {
        let query = fixed(|sql| sql.bind::<SqlUuid, _>(id.0).bind::<Timestamptz, _>(wanted), FRESHNESS);
        let looked: Option<Looked> =
            self.run("freshness", async |conn| Ok(query.get_result(conn).await.optional()?)).await?;
        Ok(match looked {
            Some(Looked { fresh: true, .. }) => Freshness::Fresh,
            Some(Looked { failure: Some(why), .. }) => Freshness::Failed(why),
            _ => Freshness::Pending,
        })
    }

    /// Gives a lease back for a cycle that could not report: it is tried again after `delay`.
    pub async fn put_off(&self, lease: Lease, delay: Duration) -> Result<(), StoreError> {
        let query = fixed(
            |sql| {
                sql.bind::<SqlUuid, _>(lease.subscription.0)
                    .bind::<BigInt, _>(lease.epoch)
                    .bind::<Double, _>(delay.as_secs_f64())
            },
            PUT_OFF,
        );
        self.run("put_off", async |conn| Ok(query.execute(conn).await.map(drop)?)).await
    }

    /// How many subscriptions no cycle has begun to look at for so long.
    pub async fn unseen_since(&self, span: Duration) -> Result<i64, StoreError> {
        let query = fixed(|sql| sql.bind::<Double, _>(span.as_secs_f64()), UNSEEN);
        let count: Count = self.run("unseen_since", async |conn| Ok(query.get_result(conn).await?)).await?;
        Ok(count.count)
    }

    /// The subscription a thing is in, whatever its state.
    pub async fn subscription_of(&self, thing: Thing) -> Result<Option<SubscriptionId>, StoreError> {
        self.run("subscription_of", async |conn| Ok(subscription_of(conn, thing).await?)).await
    }
}
