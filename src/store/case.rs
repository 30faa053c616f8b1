//! A case: everything stored that one cycle needs, as it was at one moment.

use super::doc::Doc;
use super::entry;
use super::error::StoreError;
use super::estate::Estate;
use super::pool::Store;
use super::schema::{observations, verdicts, work};
use crate::domain::observed::Account;
use crate::domain::{Reason, SubscriptionId};
use crate::plan::Owed;
use crate::ports::Case;
use crate::ports::ledger::Lease;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use futures_util::try_join;
use std::collections::BTreeMap;
use std::time::Duration;
use uuid::Uuid;

impl Store {
    /// Loads what a cycle begins with. `settle` is how long a step that was done may not show in a read yet.
    /// [`StoreError::LeaseLost`] when somebody else holds the subscription, or it is not there any more.
    pub async fn load_case(&self, lease: Lease, settle: Duration) -> Result<Case, StoreError> {
        let id = lease.subscription;
        let case = self.run("load_case", async |conn| {
            let mut transaction = conn.build_transaction().repeatable_read().read_only();
            transaction.run(async |conn| case(conn, id, settle, Some(lease.epoch)).await).await
        });
        case.await?.ok_or(StoreError::LeaseLost(id))
    }

    /// The same without a lease, for looking only: `plan` writes nothing anywhere.
    pub async fn look_at_case(
        &self,
        id: SubscriptionId,
        settle: Duration,
    ) -> Result<Option<Case>, StoreError> {
        self.run("look_at_case", async |conn| {
            let mut transaction = conn.build_transaction().repeatable_read().read_only();
            transaction.run(async |conn| case(conn, id, settle, None).await).await
        })
        .await
    }
}

/// `None` when it is not there, or when the lease of this epoch was lost.
async fn case(
    conn: &AsyncPgConnection,
    id: SubscriptionId,
    settle: Duration,
    epoch: Option<i64>,
) -> Result<Option<Case>, StoreError> {
    let (estate, entries, (agreed, refused), place, last) = try_join!(
        Estate::read(conn, id),
        entry::open(conn, id, settle),
        judged(conn, id),
        place(conn, id),
        last(conn, id),
    )?;
    let held = epoch.is_none() || epoch == place.as_ref().map(|place| place.lease_epoch);
    let Some(estate) = estate.filter(|_| held) else { return Ok(None) };
    Ok(Some(Case {
        desired: estate.desired(),
        last,
        machines_read_at: place.as_ref().and_then(|place| place.machines_read_at),
        owed: place.map(|place| place.owed.0).unwrap_or_default(),
        entries: entries.into_iter().map(entry::EntryRow::entry).collect::<Result<_, _>>()?,
        agreed,
        refused,
        paused: estate.tenant.paused_at.is_some(),
        request: estate.tenant.request_id,
    }))
}

/// What the queue knows of it.
#[derive(Queryable, Selectable)]
#[diesel(table_name = work)]
struct Place {
    lease_epoch: i64,
    machines_read_at: Option<DateTime<Utc>>,
    owed: Doc<Vec<Owed>>,
}

async fn place(conn: &AsyncPgConnection, id: SubscriptionId) -> QueryResult<Option<Place>> {
    work::table.find(id.0).select(Place::as_select()).first(&mut &*conn).await.optional()
}

type Generations = BTreeMap<Uuid, i64>;

/// The generations found in agreement, and those whose address was in use.
async fn judged(conn: &AsyncPgConnection, id: SubscriptionId) -> QueryResult<(Generations, Generations)> {
    let in_use = [Reason::AdminEmailInUse, Reason::UserEmailInUse].map(Reason::as_str);
    let rows = verdicts::table
        .filter(verdicts::subscription_id.eq(id.0))
        .filter(verdicts::reason.is_null().or(verdicts::reason.assume_not_null().eq_any(in_use)))
        .select((verdicts::object_id, verdicts::generation, verdicts::reason.is_null()));
    let rows: Vec<(Uuid, i64, bool)> = rows.load(&mut &*conn).await?;
    let (agreed, refused): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.2);
    let generations = |rows: Vec<(Uuid, i64, bool)>| rows.into_iter().map(|row| (row.0, row.1)).collect();
    Ok((generations(agreed), generations(refused)))
}

/// The account as last seen.
pub(super) async fn last(conn: &AsyncPgConnection, id: SubscriptionId) -> QueryResult<Option<Account>> {
    let row = observations::table.find(id.0).select(observations::account);
    let row: Option<Option<Doc<Account>>> = row.first(&mut &*conn).await.optional()?;
    Ok(row.flatten().map(|account| account.0))
}
