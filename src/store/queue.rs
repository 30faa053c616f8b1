//! The queue: subscriptions that are due are claimed under a lease, worked on, and given back.

use super::error::StoreError;
use super::fixed::fixed;
use super::pool::Store;
use crate::domain::SubscriptionId;
use crate::ports::ledger::Lease;
use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Bool, Double, Integer, Nullable, SmallInt, Timestamptz, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryableByName};
use diesel_async::RunQueryDsl;
use futures_util::future::try_join_all;
use std::sync::atomic::Ordering;
use std::time::Duration;
use uuid::Uuid;

/// Of so many claims one goes by age, not by lane.
const SHARE: u64 = 8;

/// Lanes, the most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lane {
    /// A person's change.
    Change,
    /// A retry.
    Retry,
    /// The sweep.
    Sweep,
}

impl Lane {
    /// All, the most urgent first.
    pub const ALL: [Self; 3] = [Self::Change, Self::Retry, Self::Sweep];

    /// As metrics name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Change => "person",
            Self::Retry => "retry",
            Self::Sweep => "sweep",
        }
    }

    /// As the queue's table writes it.
    pub(super) fn number(self) -> i16 {
        match self {
            Self::Change => 0,
            Self::Retry => 1,
            Self::Sweep => 2,
        }
    }

    pub(super) fn from_number(number: i16) -> Self {
        Self::ALL.into_iter().find(|lane| lane.number() == number).unwrap_or(Self::Sweep)
    }
}

/// A subscription that is ours to work on until the lease runs out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// The right to write about it.
    pub lease: Lease,
    /// From which lane.
    pub lane: Lane,
    /// When it was due.
    pub due_at: DateTime<Utc>,
    /// When it was put into its lane; change-to-call is measured from here.
    pub enqueued_at: DateTime<Utc>,
    /// How long it was due before it was claimed, by the database's clock.
    pub waited: Duration,
    /// The lease before this one, if its cycle looked with success and gave it back: nobody has begun anything since.
    pub last_epoch: Option<i64>,
    /// Cycles in a row that failed.
    pub attempts: i32,
    /// Whether somebody asked for fresh numbers and has not got them: all machines are then read too.
    pub refresh_wanted: bool,
}

#[derive(QueryableByName)]
struct ClaimedRow {
    #[diesel(sql_type = SqlUuid)]
    subscription_id: Uuid,
    #[diesel(sql_type = BigInt)]
    lease_epoch: i64,
    #[diesel(sql_type = SmallInt)]
    lane: i16,
    #[diesel(sql_type = Timestamptz)]
    due_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    enqueued_at: DateTime<Utc>,
    #[diesel(sql_type = Double)]
    waited: f64,
    #[diesel(sql_type = Integer)]
    attempts: i32,
    #[diesel(sql_type = Bool)]
    refresh_wanted: bool,
    #[diesel(sql_type = Nullable<BigInt>)]
    last_epoch: Option<i64>,
}

#[derive(QueryableByName)]
struct Held {
    #[diesel(sql_type = BigInt)]
    lease_epoch: i64,
}

#[derive(QueryableByName)]
struct Earliest {
    #[diesel(sql_type = Nullable<Double>)]
    seconds: Option<f64>,
}

/// Takes the subscriptions that a query before it chose and locked: `$1` is the owner, `$2` for how many seconds.
macro_rules! take {
    ($chosen:literal) => {
        concat!(
            "UPDATE work SET lease_owner = $1, lease_epoch = nextval('lease_epochs'), \
                lease_until = now() + $2 * interval '1 second', begun_at = clock_timestamp() \
            FROM ",
            $chosen,
            " AS before WHERE work.subscription_id = before.subscription_id \
            RETURNING work.subscription_id, work.lease_epoch, lane, due_at, enqueued_at, attempts, \
                CASE WHEN before.lease_epoch = success_epoch THEN success_epoch END AS last_epoch, \
                greatest(extract(epoch FROM clock_timestamp() - due_at), 0)::double precision AS waited, \
                refresh_epoch > success_epoch AS refresh_wanted"
        )
    };
}

/// Each lane is asked by itself, so that a lane of 100,000 that are not due costs nothing; the branches run one after
/// another until there are enough.
const CLAIM: &str = concat!(
    "WITH longest AS MATERIALIZED ( \
        SELECT w.subscription_id, w.lease_epoch FROM (VALUES (0::smallint), (1::smallint), (2::smallint)) AS l (lane) \
        CROSS JOIN LATERAL (SELECT subscription_id, lease_epoch, due_at FROM work WHERE lane = l.lane AND due_at <= now() \
            AND (lease_until IS NULL OR lease_until <= now()) \
            ORDER BY due_at LIMIT $4 FOR UPDATE SKIP LOCKED) w ORDER BY w.due_at LIMIT $4), \
    by_lane AS MATERIALIZED ( \
        SELECT w.* FROM (VALUES (0::smallint), (1::smallint), (2::smallint)) AS l (lane) \
        CROSS JOIN LATERAL (SELECT subscription_id, lease_epoch FROM work WHERE lane = l.lane AND due_at <= now() \
            AND (lease_until IS NULL OR lease_until <= now()) \
            AND subscription_id <> ALL (ARRAY(SELECT subscription_id FROM longest)) \
            ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED) w LIMIT $3), \
    chosen AS (SELECT * FROM longest UNION ALL SELECT * FROM by_lane) ",
    take!("chosen")
);

impl Store {
    /// Claims up to `limit` subscriptions that are due, the most urgent lane first; but one of every eight is the one
    /// that is due for longest whatever its lane, so that the lowest lane moves too. What is claimed is nobody
    /// else's until the lease runs out.
    pub async fn claim(&self, owner: Uuid, lease: Duration, limit: u32) -> Result<Vec<Claimed>, StoreError> {
        let before = self.claims.fetch_add(u64::from(limit), Ordering::Relaxed);
        let longest = (before + u64::from(limit)) / SHARE - before / SHARE;
        let urgent = u64::from(limit) - longest;
        let query = fixed(
            |sql| {
                sql.bind::<SqlUuid, _>(owner)
                    .bind::<Double, _>(lease.as_secs_f64())
                    .bind::<BigInt, _>(urgent.cast_signed())
                    .bind::<BigInt, _>(longest.cast_signed())
            },
            CLAIM,
        );
        let rows = self.run("claim", async |conn| Ok(query.load(conn).await?)).await?;
        let mut claimed: Vec<_> = rows.into_iter().map(claimed).collect();
        claimed.sort_by_key(|claimed| (claimed.lane, claimed.due_at));
        Ok(claimed)
    }

    /// Claims one subscription, due or not, for somebody who waits for it; `None` while another holds it, and
    /// when it is not in the queue.
    pub async fn claim_one(
        &self,
        owner: Uuid,
        lease: Duration,
        id: SubscriptionId,
    ) -> Result<Option<Claimed>, StoreError> {
        let query = fixed(
            |sql| {
                sql.bind::<SqlUuid, _>(owner).bind::<Double, _>(lease.as_secs_f64()).bind::<SqlUuid, _>(id.0)
            },
            concat!(
                "WITH chosen AS (SELECT subscription_id, lease_epoch FROM work WHERE subscription_id = $3 \
                    AND (lease_until IS NULL OR lease_until <= now()) FOR UPDATE SKIP LOCKED) ",
                take!("chosen")
            ),
        );
        let row = self.run("claim_one", async |conn| Ok(query.get_result(conn).await.optional()?));
        Ok(row.await?.map(claimed))
    }

    /// Keeps leases for another while, and tells which are still ours. One that is not was taken by another worker.
    pub async fn renew(&self, leases: &[Lease], lease: Duration) -> Result<Vec<Lease>, StoreError> {
        const SQL: &str = "UPDATE work SET lease_until = now() + $3 * interval '1 second' \
            WHERE subscription_id = $1 AND lease_epoch = $2 AND lease_owner IS NOT NULL RETURNING lease_epoch";
        let query = |one: &Lease| {
            fixed(
                |sql| {
                    sql.bind::<SqlUuid, _>(one.subscription.0)
                        .bind::<BigInt, _>(one.epoch)
                        .bind::<Double, _>(lease.as_secs_f64())
                },
                SQL,
            )
        };
        // Each is a transaction of its own: none waits for one while holding another.
        let renewed: Vec<Vec<Held>> = if self.local.is_some() {
            let one = |lease| {
                let query = query(lease);
                async move { self.run("renew", async |conn| Ok(query.load(conn).await?)).await }
            };
            try_join_all(leases.iter().map(one)).await?
        } else {
            let all = self.run("renew", async |conn| {
                let conn = &*conn;
                let one = |lease| {
                    let query = query(lease);
                    async move { query.load::<Held>(&mut &*conn).await }
                };
                Ok(try_join_all(leases.iter().map(one)).await?)
            });
            all.await?
        };
        let held: Vec<i64> = renewed.into_iter().flatten().map(|row| row.lease_epoch).collect();
        Ok(leases.iter().filter(|lease| held.contains(&lease.epoch)).copied().collect())
    }

    /// Gives a lease back; the subscription is due as before. Whether it was still ours: nothing
    /// happens otherwise.
    pub async fn release(&self, lease: Lease) -> Result<bool, StoreError> {
        const SQL: &str = "UPDATE work SET lease_owner = NULL, lease_until = NULL \
            WHERE subscription_id = $1 AND lease_epoch = $2";
        let query =
            fixed(|sql| sql.bind::<SqlUuid, _>(lease.subscription.0).bind::<BigInt, _>(lease.epoch), SQL);
        Ok(self.run("release", async |conn| Ok(query.execute(conn).await?)).await? > 0)
    }

    /// In how long the next subscription is due that nobody holds; zero when one is overdue, `None` without any.
    pub async fn earliest_due(&self) -> Result<Option<Duration>, StoreError> {
        let due_in = |seconds: f64| Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX);
        Ok(self.due_in().await?.map(due_in))
    }

    /// Whether something has been due for longer than `span`, and nobody holds it.
    pub async fn is_left(&self, span: Duration) -> Result<bool, StoreError> {
        Ok(self.due_in().await?.is_some_and(|seconds| seconds < -span.as_secs_f64()))
    }

    /// In how many seconds the first that nobody holds is due; below zero when it is overdue.
    async fn due_in(&self) -> Result<Option<f64>, StoreError> {
        const SQL: &str = "SELECT extract(epoch FROM min(due_at) - now())::double precision AS seconds FROM \
                (VALUES (0::smallint), (1::smallint), (2::smallint)) AS l (lane) \
            CROSS JOIN LATERAL (SELECT due_at FROM work WHERE lane = l.lane \
                AND (lease_until IS NULL OR lease_until <= now()) ORDER BY due_at LIMIT 1) w";
        let query = fixed(|sql| sql, SQL);
        let row: Earliest = self.run("earliest_due", async |conn| Ok(query.get_result(conn).await?)).await?;
        Ok(row.seconds)
    }
}

fn claimed(row: ClaimedRow) -> Claimed {
    Claimed {
        lease: Lease { subscription: SubscriptionId(row.subscription_id), epoch: row.lease_epoch },
        lane: Lane::from_number(row.lane),
        due_at: row.due_at,
        enqueued_at: row.enqueued_at,
        waited: Duration::try_from_secs_f64(row.waited).unwrap_or_default(),
        attempts: row.attempts,
        refresh_wanted: row.refresh_wanted,
        last_epoch: row.last_epoch,
    }
}
