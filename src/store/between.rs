//! What is said of a subscription before anybody has looked again: a wish is not in agreement yet, a pause holds at once.
//!
//! Each is written behind the lock of the queue's row, as a cycle's report is, so that the later of the two stands; and
//! what the last report in agreement said is no measure any more.

use super::fixed::fixed;
use crate::domain::SubscriptionId;
use crate::domain::condition::PAUSED;
use diesel::QueryResult;
use diesel::sql_types::{Bool, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// What a wish says of agreement until it is looked at.
const UNSEEN: &str = "not looked at since it was wished";

/// What somebody must act on stays said: only a look can tell that it is over.
const WISHED: &str = "WITH anew AS (UPDATE work SET told = NULL WHERE subscription_id = $1), \
        agreed AS (UPDATE conditions SET status = false, message = $2, since = now() \
            WHERE subscription_id = $1 AND type = 'InSync' AND status) \
    INSERT INTO conditions (subscription_id, type, status, reason, message, since) \
        SELECT $1, type, false, 'AsExpected', $2, now() FROM unnest(ARRAY['Provisioned', 'InSync']) AS type \
        WHERE NOT EXISTS (SELECT FROM conditions c WHERE c.subscription_id = $1 AND c.type = type.type)";

const SET_PAUSED: &str = "WITH anew AS (UPDATE work SET told = NULL WHERE subscription_id = $1) \
    INSERT INTO conditions (subscription_id, type, status, reason, message, since) \
        VALUES ($1, 'Paused', $2, 'AsExpected', $3, now()) \
    ON CONFLICT (subscription_id, type, reason) DO UPDATE SET status = excluded.status, message = excluded.message, \
        since = CASE WHEN conditions.status = excluded.status THEN conditions.since ELSE excluded.since END";

/// Something else is wished than what was last looked at. Comes after [`wake`](super::wake::wake), which locks the row.
pub(super) async fn wished(conn: &AsyncPgConnection, id: SubscriptionId) -> QueryResult<()> {
    let query = fixed(|sql| sql.bind::<SqlUuid, _>(id.0).bind::<Text, _>(UNSEEN), WISHED);
    query.execute(&mut &*conn).await.map(drop)
}

/// An operator paused it, or lets it go on. Comes after [`wake`](super::wake::wake), which locks the row.
pub(super) async fn set_paused(
    conn: &AsyncPgConnection,
    id: SubscriptionId,
    paused: bool,
) -> QueryResult<()> {
    let message = if paused { PAUSED } else { "" };
    let query = fixed(
        |sql| sql.bind::<SqlUuid, _>(id.0).bind::<Bool, _>(paused).bind::<Text, _>(message),
        SET_PAUSED,
    );
    query.execute(&mut &*conn).await.map(drop)
}
