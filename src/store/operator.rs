//! What operators and schedules ask of the queue: a look at all, pauses, and that nobody is left out.

use super::between;
use super::error::StoreError;
use super::events;
use super::fixed::fixed;
use super::pool::Store;
use super::schema::{subscriptions, work};
use super::wake::{self, due_again, is_free, locked, put_in_lane};
use crate::domain::SubscriptionId;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Double, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::time::Duration;
use uuid::Uuid;

/// So many subscriptions are woken by one statement.
const BATCH: i64 = 5000;

#[derive(QueryableByName)]
struct Touched {
    #[diesel(sql_type = SqlUuid)]
    subscription_id: Uuid,
}

const REFRESH_ALL: &str = concat!(
    "WITH batch AS MATERIALIZED (",
    locked!(
        "w.subscription_id IN (SELECT subscription_id FROM work WHERE subscription_id > $1 \
            ORDER BY subscription_id LIMIT $2)"
    ),
    ") UPDATE work SET ",
    due_again!(),
    " FROM batch WHERE work.subscription_id = batch.subscription_id RETURNING work.subscription_id"
);

/// Where in an interval a subscription has its place, from 0 to 1: the same has always the same.
macro_rules! place {
    ($id:literal) => {
        concat!("(('x' || left(md5(", $id, "::text), 8))::bit(32)::bigint / 4294967296.0)")
    };
}

const ENQUEUE_MISSING: &str = concat!(
    "INSERT INTO work (subscription_id, lane, due_at, enqueued_at) \
    SELECT id, 2, now() + $1 * interval '1 second' * ",
    place!("id"),
    ", clock_timestamp() FROM (SELECT id FROM subscriptions s \
        WHERE gone_at IS NULL AND NOT EXISTS (SELECT FROM work WHERE subscription_id = s.id) LIMIT $2) missing \
    ON CONFLICT DO NOTHING"
);

/// Changes and retries are due now, and nobody is due later than an interval from now. Whoever is at work goes by the old
/// rules, and is due again afterwards.
const RESCHEDULE: &str = concat!(
    "WITH late AS MATERIALIZED (",
    locked!(
        "w.lane < 2 AND w.due_at > now() OR w.due_at > now() + $1 * interval '1 second' OR w.lease_owner IS NOT NULL"
    ),
    ") UPDATE work SET ",
    put_in_lane!(),
    ", due_at = CASE WHEN NOT ",
    is_free!(),
    " THEN clock_timestamp() \
            WHEN lane < 2 OR due_at <= now() THEN least(due_at, now()) \
            ELSE now() + $1 * interval '1 second' * ",
    place!("work.subscription_id"),
    " END FROM late WHERE work.subscription_id = late.subscription_id"
);

/// Changes and retries are due now, the others are spread. Whoever is at work on one must see that it was woken, so that
/// when it was put into its lane stays as it is.
const PULL_IN: &str = concat!(
    "WITH far AS MATERIALIZED (",
    locked!(
        "w.due_at > now() + $1 * interval '1 second' OR w.lease_until > now() + $2 * interval '1 second' \
            OR w.lane < 2 AND w.enqueued_at > now() + interval '1 second' AND w.lease_owner IS NULL"
    ),
    ") UPDATE work SET enqueued_at = CASE WHEN ",
    is_free!(),
    " THEN least(enqueued_at, clock_timestamp()) ELSE enqueued_at END, \
        due_at = CASE WHEN lane < 2 AND (enqueued_at > now() OR due_at > now() + $1 * interval '1 second') THEN now() \
            WHEN due_at > now() + $1 * interval '1 second' THEN now() + $1 * interval '1 second' * ",
    place!("work.subscription_id"),
    " ELSE due_at END, \
        lease_until = CASE WHEN lease_until > now() + $2 * interval '1 second' \
            THEN now() + $2 * interval '1 second' ELSE lease_until END \
    FROM far WHERE work.subscription_id = far.subscription_id"
);

const PULL_IN_PUSHES: &str =
    "UPDATE pushes SET due_at = now() WHERE due_at > now() + $1 * interval '1 second'";

/// A doubt is settled and a release runs out as long after now as if it began now.
const PULL_IN_STEPS: &str = "UPDATE steps SET intended_at = least(intended_at, now()), settled_at = least(settled_at, now()) \
    WHERE (outcome IS NULL OR outcome = 'in_doubt') AND coalesce(settled_at, intended_at) > now() + interval '1 second'";
const PULL_IN_APPROVALS: &str = "UPDATE approvals SET expires_at = now() + (expires_at - approved_at), approved_at = now() \
    WHERE approved_at > now() + interval '1 second'";

impl Store {
    /// Has everybody looked at within an interval that may have become shorter, and what waits now: what stood in its
    /// way may be gone.
    pub async fn reschedule(&self, interval: Duration) -> Result<usize, StoreError> {
        let query = fixed(|sql| sql.bind::<Double, _>(interval.as_secs_f64()), RESCHEDULE);
        self.run("reschedule", async |conn| Ok(query.execute(conn).await?)).await
    }

    /// Brings back into reach what a clock that was stepped back has left in the future: nothing is due later than
    /// `longest` from now, and no lease lasts longer than one that begins now. Whoever holds it renews it long before.
    pub async fn pull_in(&self, longest: Duration, lease: Duration) -> Result<usize, StoreError> {
        let work = fixed(
            |sql| sql.bind::<Double, _>(longest.as_secs_f64()).bind::<Double, _>(lease.as_secs_f64()),
            PULL_IN,
        );
        let pushes = fixed(|sql| sql.bind::<Double, _>(longest.as_secs_f64()), PULL_IN_PUSHES);
        let pulled = self.run("pull_in", async |conn| {
            let mut pulled = work.execute(&mut *conn).await? + pushes.execute(&mut *conn).await?;
            for sql in [PULL_IN_STEPS, PULL_IN_APPROVALS] {
                pulled += fixed(|sql| sql, sql).execute(&mut *conn).await?;
            }
            Ok(pulled)
        });
        pulled.await
    }

    /// Has all subscriptions looked at now, each in its lane, and tells how many they are. The numbers come from pools and
    /// keys; machines, a call for each user's, are read where a sum says so, as ever.
    pub async fn refresh_all(&self) -> Result<usize, StoreError> {
        let (mut after, mut count) = (Uuid::nil(), 0);
        loop {
            let query = fixed(|sql| sql.bind::<SqlUuid, _>(after).bind::<BigInt, _>(BATCH), REFRESH_ALL);
            let batch = self.run("refresh_all", async |conn| Ok(query.load::<Touched>(conn).await?)).await?;
            let Some(last) = batch.iter().map(|row| row.subscription_id).max() else { return Ok(count) };
            (after, count) = (last, count + batch.len());
        }
    }

    /// When the last cycle that looked with success began.
    pub async fn last_success(&self, id: SubscriptionId) -> Result<Option<DateTime<Utc>>, StoreError> {
        let row = work::table.find(id.0).select(work::last_success);
        let found = self.run("last_success", async |conn| Ok(row.first(conn).await.optional()?));
        Ok(found.await?.flatten())
    }

    /// Gives every subscription that is not in the queue its place in the interval, and tells how many there were.
    pub async fn enqueue_missing(&self, interval: Duration) -> Result<usize, StoreError> {
        let mut count = 0;
        loop {
            let query = fixed(
                |sql| sql.bind::<Double, _>(interval.as_secs_f64()).bind::<BigInt, _>(BATCH),
                ENQUEUE_MISSING,
            );
            match self.run("enqueue_missing", async |conn| Ok(query.execute(conn).await?)).await? {
                0 => return Ok(count),
                made => count += made,
            }
        }
    }

    /// Pauses a subscription: it is looked at, and nothing is written at Mozy. `false` when it is not known.
    pub async fn pause(&self, id: SubscriptionId, who: &str) -> Result<bool, StoreError> {
        self.set_paused(id, true, who).await
    }

    /// Lets a paused subscription go on. `false` when it is not known.
    pub async fn resume(&self, id: SubscriptionId, who: &str) -> Result<bool, StoreError> {
        self.set_paused(id, false, who).await
    }

    async fn set_paused(&self, id: SubscriptionId, paused: bool, who: &str) -> Result<bool, StoreError> {
        let operation = if paused { "pause" } else { "resume" };
        self.transact(operation, async |conn| Ok(set_paused(conn, id, paused, who).await?)).await
    }
}

async fn set_paused(
    conn: &AsyncPgConnection,
    id: SubscriptionId,
    paused: bool,
    who: &str,
) -> QueryResult<bool> {
    let mut conn = conn;
    let live = subscriptions::table.find(id.0).filter(subscriptions::gone_at.is_null());
    let known = live.select(subscriptions::paused_at).for_no_key_update();
    let known: Option<Option<DateTime<Utc>>> = known.first(&mut conn).await.optional()?;
    let Some(before) = known else { return Ok(false) };
    if before.is_some() != paused {
        let since = paused.then(Utc::now);
        let row = diesel::update(subscriptions::table.find(id.0));
        row.set(subscriptions::paused_at.eq(since)).execute(&mut conn).await?;
        // A cycle that is under way begins nothing more, and says nothing of how it was.
        wake::revoke(conn, id).await?;
        let message = format!("{} by {who}", if paused { "paused" } else { "resumed" });
        events::write(conn, id, std::iter::once(("operator", &*message)), None).await?;
        wake::wake(conn, id).await?;
        between::set_paused(conn, id, paused).await?;
    }
    Ok(true)
}
