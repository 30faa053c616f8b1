//! Entries of the ledger: how an outcome is written and read.

use super::doc::Doc;
use super::error::StoreError;
use super::schema::steps;
use crate::domain::{StepId, SubscriptionId};
use crate::plan::{Call, Step};
use crate::ports::ledger::{Entry, Outcome};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::time::Duration;

/// A row of `steps` that still matters.
#[derive(Queryable, Selectable)]
#[diesel(table_name = steps)]
pub(super) struct EntryRow {
    id: i64,
    step: Doc<Step>,
    call: Doc<Call>,
    outcome: Option<String>,
    detail: String,
    intended_at: DateTime<Utc>,
}

impl EntryRow {
    /// As the ports know it.
    pub fn entry(self) -> Result<Entry, StoreError> {
        let outcome = self.outcome.map(|outcome| read(&outcome, self.detail)).transpose()?;
        let (step, call) = (self.step.0, self.call.0);
        Ok(Entry { id: StepId(self.id), step, call, outcome, at: self.intended_at })
    }
}

/// Steps in flight or in doubt, and those done within the settle time, with creates that were refused; oldest first.
pub(super) async fn open(
    conn: &AsyncPgConnection,
    id: SubscriptionId,
    settle: Duration,
) -> QueryResult<Vec<EntryRow>> {
    let young = diesel::dsl::sql::<diesel::sql_types::Bool>("settled_at > now() - ")
        .bind::<diesel::sql_types::Double, _>(settle.as_secs_f64())
        .sql(" * interval '1 second'");
    let undecided = steps::outcome.is_null().or(steps::outcome.assume_not_null().eq("in_doubt"));
    let outcome = steps::outcome.assume_not_null();
    let creates = steps::kind.eq_any(["create_partner", "create_user"]);
    let matters = outcome.eq("done").or(outcome.eq("rejected").and(creates));
    steps::table
        .filter(steps::subscription_id.eq(id.0))
        .filter(undecided.or(matters.and(young)))
        .order(steps::id)
        .select(EntryRow::as_select())
        .load(&mut &*conn)
        .await
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
