//! A snapshot: everything stored of one subscription at one moment.

use super::case;
use super::doc::Doc;
use super::error::StoreError;
use super::estate::Estate;
use super::pool::Store;
use super::schema::{conditions, usages, work};
use crate::domain::snapshot::Snapshot;
use crate::domain::{Condition, ConditionType, Reason, SubscriptionId, Usage};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use futures_util::try_join;

#[derive(Default, Queryable, Selectable)]
#[diesel(table_name = work)]
struct Times {
    observed_generation: i64,
    last_success: Option<DateTime<Utc>>,
    last_attempt: Option<DateTime<Utc>>,
    due_at: Option<DateTime<Utc>>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = conditions)]
struct ConditionRow {
    type_: String,
    status: bool,
    reason: String,
    message: String,
    since: DateTime<Utc>,
}

impl Store {
    /// Everything stored of one subscription; `None` when it is not known.
    pub async fn snapshot(&self, id: SubscriptionId) -> Result<Option<Snapshot>, StoreError> {
        self.view("snapshot", async |conn| take(conn, id).await).await
    }
}

async fn take(conn: &AsyncPgConnection, id: SubscriptionId) -> Result<Option<Snapshot>, StoreError> {
    let (estate, account, usage, conditions, times) = try_join!(
        Estate::read(conn, id),
        case::last(conn, id),
        usage(conn, id),
        conditions(conn, id),
        times(conn, id),
    )?;
    let Some(estate) = estate else { return Ok(None) };
    Ok(Some(Snapshot {
        desired: estate.desired(),
        groups_tab: estate.tenant.groups_tab,
        account,
        usage,
        conditions,
        gone: estate.tenant.gone_at,
        paused: estate.tenant.paused_at.is_some(),
        observed_generation: times.observed_generation,
        last_success: times.last_success,
        last_attempt: times.last_attempt,
        next_due: times.due_at,
    }))
}

async fn usage(conn: &AsyncPgConnection, id: SubscriptionId) -> QueryResult<Option<Usage>> {
    let row = usages::table.find(id.0).select(usages::numbers);
    Ok(row.first::<Doc<Usage>>(&mut &*conn).await.optional()?.map(|usage| usage.0))
}

async fn times(conn: &AsyncPgConnection, id: SubscriptionId) -> QueryResult<Times> {
    let row = work::table.find(id.0);
    let row = row.select((
        work::observed_generation,
        work::last_success,
        work::last_attempt,
        work::due_at.nullable(),
    ));
    Ok(row.first(&mut &*conn).await.optional()?.unwrap_or_default())
}

async fn conditions(conn: &AsyncPgConnection, id: SubscriptionId) -> QueryResult<Vec<Condition>> {
    let rows =
        conditions::table.filter(conditions::subscription_id.eq(id.0)).select(ConditionRow::as_select());
    let rows: Vec<ConditionRow> = rows.load(&mut &*conn).await?;
    let mut known: Vec<Condition> = rows.into_iter().filter_map(condition).collect();
    known.sort_by_key(|condition| condition.kind);
    Ok(known)
}

/// Names of another version are left out.
fn condition(row: ConditionRow) -> Option<Condition> {
    let (kind, reason) = (ConditionType::parse(&row.type_)?, Reason::parse(&row.reason)?);
    Some(Condition { kind, status: row.status, reason, message: row.message, since: row.since })
}
