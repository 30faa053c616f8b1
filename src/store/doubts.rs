//! Doubts: the steps that may have happened, and closing one by hand.

use super::doc::Doc;
use super::error::StoreError;
use super::events;
use super::fixed::fixed;
use super::ledger::owe;
use super::pool::Store;
use super::wake;
use crate::domain::{StepId, SubscriptionId};
use crate::plan::{Call, Step};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// A step that may have happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    /// Its number in the ledger.
    pub id: StepId,
    /// About which subscription.
    pub subscription: SubscriptionId,
    /// OSA's number of it.
    pub number: i64,
    /// The step.
    pub step: Step,
    /// The call that may have happened.
    pub call: Call,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Why it is in doubt, for people.
    pub why: String,
    /// When the subscription is looked at next.
    pub next_due: Option<DateTime<Utc>>,
}

/// What came of closing a doubt by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// It is closed; the subscription is looked at at once.
    Done(SubscriptionId),
    /// There is no such step, or it is in doubt no more.
    NotInDoubt,
    /// A daemon is at work on the subscription now; it may just be looking.
    Busy(SubscriptionId),
}

#[derive(QueryableByName)]
struct DoubtRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = SqlUuid)]
    subscription_id: Uuid,
    #[diesel(sql_type = BigInt)]
    number: i64,
    #[diesel(sql_type = Jsonb)]
    step: Doc<Step>,
    #[diesel(sql_type = Jsonb)]
    call: Doc<Call>,
    #[diesel(sql_type = Timestamptz)]
    intended_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    detail: String,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    due_at: Option<DateTime<Utc>>,
}

#[derive(QueryableByName)]
struct Owner {
    #[diesel(sql_type = SqlUuid)]
    subscription_id: Uuid,
}

#[derive(QueryableByName)]
struct Settled {
    #[diesel(sql_type = Jsonb)]
    call: Doc<Call>,
}

#[derive(QueryableByName)]
struct Work {
    #[diesel(sql_type = Bool)]
    busy: bool,
}

const DOUBTS: &str = concat!(
    "SELECT d.id, d.subscription_id, d.step, d.call, d.intended_at, d.detail, w.due_at, \
        (SELECT number FROM subscriptions s WHERE s.id = d.subscription_id) AS number ",
    in_doubt!(),
    " ORDER BY d.id"
);

const CLOSE: &str = "UPDATE steps SET outcome = $2, detail = $3, settled_at = clock_timestamp() \
    WHERE id = $1 AND (outcome IS NULL OR outcome = 'in_doubt') RETURNING call";

impl Store {
    /// Steps that may have happened: those in doubt, and those in flight that nobody holds the lease of any more.
    pub async fn doubts(&self) -> Result<Vec<Doubt>, StoreError> {
        let query = fixed(|sql| sql, DOUBTS);
        let rows = self.run("doubts", async |conn| Ok(query.load(conn).await?));
        Ok(rows.await?.into_iter().map(doubt).collect())
    }

    /// Closes a doubt as done or not done, by somebody's word; `note` says whose and why. Whoever still had a lease has
    /// it no more, so nothing that was decided on the doubt is written after this.
    pub async fn close_doubt(&self, id: StepId, done: bool, note: &str) -> Result<Closed, StoreError> {
        self.transact("close_doubt", async |conn| close(conn, id, done, note).await).await
    }
}

async fn close(conn: &AsyncPgConnection, id: StepId, done: bool, note: &str) -> Result<Closed, StoreError> {
    const OWNER: &str = "SELECT subscription_id FROM steps WHERE id = $1";
    let owner: Option<Owner> =
        fixed(|sql| sql.bind::<BigInt, _>(id.0), OWNER).get_result(&mut &*conn).await.optional()?;
    let Some(owner) = owner else { return Ok(Closed::NotInDoubt) };
    let subscription = SubscriptionId(owner.subscription_id);
    if is_busy(conn, subscription).await? {
        return Ok(Closed::Busy(subscription));
    }
    let outcome = if done { "done" } else { "not_done" };
    let query =
        fixed(|sql| sql.bind::<BigInt, _>(id.0).bind::<Text, _>(outcome).bind::<Text, _>(note), CLOSE);
    let settled: Option<Settled> = query.get_result(&mut &*conn).await.optional()?;
    let Some(settled) = settled else { return Ok(Closed::NotInDoubt) };
    if done {
        owe(conn, subscription, &settled.call.0).await?;
    }
    wake::revoke(conn, subscription).await?;
    let message = format!("step {id} was closed as {outcome} by hand: {note}");
    events::write(conn, subscription, std::iter::once(("operator", &*message)), None).await?;
    wake::wake(conn, subscription).await?;
    Ok(Closed::Done(subscription))
}

/// Whether somebody is at work on a subscription now; if not, nobody begins until the transaction ends.
pub(super) async fn is_busy(conn: &AsyncPgConnection, id: SubscriptionId) -> QueryResult<bool> {
    const SQL: &str = "SELECT lease_owner IS NOT NULL AND lease_until > now() AS busy FROM work \
        WHERE subscription_id = $1 FOR UPDATE";
    let work: Option<Work> =
        fixed(|sql| sql.bind::<SqlUuid, _>(id.0), SQL).get_result(&mut &*conn).await.optional()?;
    Ok(work.is_some_and(|work| work.busy))
}

fn doubt(row: DoubtRow) -> Doubt {
    Doubt {
        id: StepId(row.id),
        subscription: SubscriptionId(row.subscription_id),
        number: row.number,
        step: row.step.0,
        call: row.call.0,
        since: row.intended_at,
        why: row.detail,
        next_due: row.due_at,
    }
}
