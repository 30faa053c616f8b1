//! Tidying: what has ended and is older than anybody asks for is deleted, a bounded lot at a time.

use super::error::StoreError;
use super::fixed::fixed;
use super::pool::Store;
use diesel::sql_types::Double;
use diesel_async::RunQueryDsl;
use std::time::Duration;

/// Fewer than any statement's limit: then there was no more.
const LOT: usize = 1000;

/// What is old: of each table at most so many rows at a time. Steps in flight or in doubt never are. What may be wished for
/// again is asked for its age once more where it is deleted, behind the lock of whoever wishes.
const OLD: [&str; 8] = [
    "DELETE FROM events WHERE id IN (SELECT id FROM events \
        WHERE at < now() - $1 * interval '1 second' ORDER BY id LIMIT 10000)",
    "DELETE FROM steps WHERE id IN (SELECT id FROM steps WHERE settled_at < now() - $1 * interval '1 second' \
        AND outcome <> 'in_doubt' ORDER BY id LIMIT 10000)",
    "DELETE FROM operations WHERE started_at < now() - $1 * interval '1 second' AND (object_id, verb) IN (SELECT object_id, verb FROM operations \
        WHERE started_at < now() - $1 * interval '1 second' LIMIT 10000)",
    "DELETE FROM ended_operations WHERE ctid = ANY (ARRAY(SELECT ctid FROM ended_operations \
        WHERE ended_at < now() - least($1, 86400) * interval '1 second' LIMIT 10000))",
    "DELETE FROM licences WHERE gone_at < now() - $1 * interval '1 second' AND id IN (SELECT id FROM licences \
        WHERE gone_at < now() - $1 * interval '1 second' LIMIT 10000)",
    "DELETE FROM users WHERE gone_at < now() - $1 * interval '1 second' AND id IN (SELECT id FROM users u WHERE gone_at < now() - $1 * interval '1 second' \
        AND NOT EXISTS (SELECT FROM licences l WHERE l.user_id = u.id AND l.gone_at IS NULL) LIMIT 10000)",
    "DELETE FROM user_groups WHERE gone_at < now() - $1 * interval '1 second' AND id IN (SELECT id FROM user_groups g \
        WHERE gone_at < now() - $1 * interval '1 second' \
        AND NOT EXISTS (SELECT FROM users u WHERE u.group_id = g.id) LIMIT 10000)",
    "DELETE FROM subscriptions WHERE gone_at < now() - $1 * interval '1 second' AND id IN (SELECT id FROM subscriptions s \
        WHERE gone_at < now() - $1 * interval '1 second' LIMIT 1000)",
];

impl Store {
    /// Deletes what ended longer ago than `keep`, and tells how much that was.
    pub async fn tidy(&self, keep: Duration) -> Result<usize, StoreError> {
        let mut all = 0;
        for statement in OLD {
            loop {
                let query = fixed(|sql| sql.bind::<Double, _>(keep.as_secs_f64()), statement);
                let count = self.run("tidy", async |conn| Ok(query.execute(conn).await?)).await?;
                all += count;
                if count < LOT {
                    break;
                }
            }
        }
        Ok(all)
    }
}
