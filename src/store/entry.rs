//! Entries of the ledger: how an outcome is written and read.

use super::clock::Clock;
use super::doc::Doc;
use super::error::StoreError;
use super::fixed::fixed;
use super::schema::steps;
use crate::domain::StepId;
use crate::plan::{Call, Step};
use crate::ports::ledger::{Entry, Memory, Outcome};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Double, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// A row of `steps` that still matters.
#[derive(QueryableByName)]
#[diesel(table_name = steps)]
pub(super) struct EntryRow {
    pub(super) subscription_id: Uuid,
    id: i64,
    step: Doc<Step>,
    call: Doc<Call>,
    outcome: Option<String>,
    detail: String,
    /// When its outcome was written, or else when it was intended, by the database's clock.
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
    /// The database's clock.
    #[diesel(sql_type = Timestamptz)]
    now: DateTime<Utc>,
}

impl EntryRow {
    /// As the ports know it.
    pub fn entry(self, clock: &Clock) -> Result<Entry, StoreError> {
        let outcome = self.outcome.map(|outcome| read(&outcome, self.detail)).transpose()?;
        let (step, call) = (self.step.0, self.call.0);
        // Ages are measured by one clock: that of the database may differ from ours by more than the settle time.
        let age = self.now - self.at - clock.stepped_since(self.at);
        Ok(Entry { id: StepId(self.id), step, call, outcome, at: Utc::now() - age.max(TimeDelta::zero()) })
    }
}

/// Two in a row are a flap; the others are for a setting that was left out of some of them. However often a thing is
/// changed within the memory, no more of it is read.
const MATTERING: &str = "SELECT subscription_id, id, step, call, outcome, detail, \
        coalesce(settled_at, intended_at) AS at, clock_timestamp() AS now \
    FROM (SELECT *, 0 AS nth FROM steps \
            WHERE subscription_id = ANY($1) AND (outcome IS NULL OR outcome = 'in_doubt') \
        UNION ALL \
        SELECT *, CASE WHEN settled_at > now() - $2 * interval '1 second' THEN 0 \
                ELSE row_number() OVER (PARTITION BY subscription_id, kind, step -> 'subject' ORDER BY id DESC) END \
            FROM steps WHERE subscription_id = ANY($1) AND outcome = 'done' \
                AND settled_at > now() - greatest($2, $3) * interval '1 second') AS mattering \
    WHERE nth <= 4 ORDER BY id";

/// Steps of these subscriptions in flight or in doubt, and those done that are remembered; oldest first.
pub(super) async fn mattering(
    conn: &AsyncPgConnection,
    ids: &[Uuid],
    memory: Memory,
) -> QueryResult<Vec<EntryRow>> {
    let query = fixed(
        |sql| {
            sql.bind::<Array<SqlUuid>, _>(ids)
                .bind::<Double, _>(memory.settle.as_secs_f64())
                .bind::<Double, _>(memory.flaps.as_secs_f64())
        },
        MATTERING,
    );
    query.load(&mut &*conn).await
}

/// What is written besides an outcome's name.
pub(super) fn detail(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Done => "",
        Outcome::Rejected(why) | Outcome::NotDone(why) | Outcome::InDoubt(why) => why,
    }
}

/// The outcome of this name.
pub(super) fn read(name: &str, detail: String) -> Result<Outcome, StoreError> {
    match name {
        "done" => Ok(Outcome::Done),
        "rejected" => Ok(Outcome::Rejected(detail)),
        "not_done" => Ok(Outcome::NotDone(detail)),
        "in_doubt" => Ok(Outcome::InDoubt(detail)),
        other => Err(StoreError::Corrupt { what: "the outcome of a step", why: format!("it is {other}") }),
    }
}
