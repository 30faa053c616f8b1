//! Approvals: an operator releases exactly one held plan, by its hash, once and for a while (design, rule 4).
//!
//! Once means that each of its steps is done once: a daemon that dies half-way leaves a plan that is a part of what was
//! released, and whoever takes over goes on with it.

use super::doc::Doc;
use super::error::StoreError;
use super::events;
use super::fixed::fixed;
use super::pool::Store;
use super::schema::approvals;
use super::wake;
use crate::domain::SubscriptionId;
use crate::plan::Step;
use crate::plan::guard::Bundle;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Double, Jsonb, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;
use uuid::Uuid;

/// A held plan that was released.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Approved {
    /// Of which subscription.
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    /// OSA's number of it.
    #[diesel(sql_type = BigInt)]
    pub number: i64,
    /// How many steps it has.
    #[diesel(sql_type = BigInt)]
    pub steps: i64,
    /// Whether the subscription is paused, so that nothing of it runs before it is resumed.
    #[diesel(sql_type = Bool)]
    pub paused: bool,
}

impl Approved {
    /// For programs: what `mozyd approve` and the operator's API answer.
    pub fn json(&self, hash: &str) -> Value {
        let Self { id, number, steps, paused } = self;
        json!({"approved": hash, "subscription": id, "subscription_id": number, "steps": steps, "paused": paused})
    }
}

/// A cycle that takes a release holds the queue's row already, so it is locked first here, too.
const LOCK: &str =
    "SELECT true AS held FROM work w JOIN held h USING (subscription_id) WHERE h.hash = $1 FOR UPDATE OF w";

/// Said again while it is under way, it stays one release: it is not to be had once more.
const APPROVE: &str = "WITH one AS (SELECT h.*, s.number, s.paused_at IS NOT NULL AS paused FROM held h JOIN subscriptions s ON s.id = h.subscription_id \
        WHERE h.hash = $1), \
    put AS (INSERT INTO approvals (subscription_id, class, hash, steps, expires_at) \
        SELECT subscription_id, class, hash, steps, now() + $2 * interval '1 second' FROM one \
        ON CONFLICT (subscription_id, class) DO UPDATE SET hash = excluded.hash, steps = excluded.steps, \
            approved_at = now(), expires_at = excluded.expires_at, used_at = CASE WHEN approvals.hash = excluded.hash \
                AND approvals.expires_at > now() THEN approvals.used_at END) \
    SELECT subscription_id AS id, number, jsonb_array_length(steps)::bigint AS steps, paused FROM one";

/// First exactly what was released; once that is under way, whatever is left of it and was not done since.
const TAKE: &str = "UPDATE approvals a SET used_at = coalesce(used_at, now()) \
    WHERE subscription_id = $1 AND class = $2 AND expires_at > now() AND CASE WHEN used_at IS NULL THEN hash = $3 \
        ELSE steps @> $4 AND NOT EXISTS (SELECT FROM steps d WHERE d.subscription_id = $1 \
            AND d.intended_at >= a.used_at AND d.outcome = 'done' AND $4 @> jsonb_build_array(d.step)) END";

impl Store {
    /// Releases the held plan of this hash, for so long, and has it run, and keeps who did it; `None` when no such plan is held now.
    pub async fn approve(
        &self,
        hash: &str,
        span: Duration,
        who: &str,
    ) -> Result<Option<Approved>, StoreError> {
        self.transact("approve", async |conn| {
            fixed(|sql| sql.bind::<Text, _>(hash), LOCK).execute(conn).await?;
            let query = fixed(|sql| sql.bind::<Text, _>(hash).bind::<Double, _>(span.as_secs_f64()), APPROVE);
            let approved: Option<Approved> = query.get_result(conn).await.optional()?;
            if let Some(approved) = &approved {
                let id = SubscriptionId(approved.id);
                let message = format!("the held plan {hash} was released by {who}");
                events::write(conn, id, std::iter::once(("operator", &*message)), None).await?;
                wake::wake(conn, id).await?;
            }
            Ok(approved)
        })
        .await
    }
}

/// Whether a held bundle was released; from now on it counts as used.
pub(super) async fn take(conn: &AsyncPgConnection, id: SubscriptionId, bundle: &Bundle) -> QueryResult<bool> {
    let steps: Doc<Vec<Step>> = Doc(bundle.steps.clone());
    let query = fixed(
        |sql| {
            sql.bind::<SqlUuid, _>(id.0)
                .bind::<Text, _>(bundle.class.as_str())
                .bind::<Text, _>(&bundle.hash)
                .bind::<Jsonb, _>(steps)
        },
        TAKE,
    );
    Ok(query.execute(&mut &*conn).await? > 0)
}

/// Hashes of what was released and has not run yet.
pub(super) async fn unused(conn: &AsyncPgConnection, id: SubscriptionId) -> QueryResult<BTreeSet<String>> {
    let rows = approvals::table
        .filter(approvals::subscription_id.eq(id.0))
        .filter(approvals::used_at.is_null())
        .filter(approvals::expires_at.gt(diesel::dsl::now))
        .select(approvals::hash);
    Ok(rows.load::<String>(&mut &*conn).await?.into_iter().collect())
}
