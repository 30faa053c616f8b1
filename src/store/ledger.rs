//! The ledger: a step is committed before it is called, under the newest lease only.

use super::bindings;
use super::doc::Doc;
use super::entry;
use super::error::StoreError;
use super::fixed::fixed;
use super::pool::Store;
use super::rows::TenantRow;
use super::schema::{subscriptions, work};
use crate::domain::{StepId, SubscriptionId};
use crate::plan::guard::{Ask, Excess};
use crate::plan::pool::owed;
use crate::plan::{Call, Class, Limits, Owed, Step, Subject};
use crate::ports::ledger::{Binding, Lease, Ledger, LedgerError, Outcome};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Jsonb, Nullable, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::BTreeMap;

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

/// The share lock makes a claim wait until the step is committed, and see it then.
/// What was reserved for it is not reserved any more, but done. With an account go its things, uncounted.
const INTEND: &str = "WITH begun AS (UPDATE reservations SET things = greatest(things - (NOT $7)::int, 0), \
        accounts = greatest(accounts - $7::int, 0) WHERE subscription_id = $1 AND epoch = $2 AND class = $6) \
    INSERT INTO steps (subscription_id, epoch, kind, step, call, request_id, class, account) \
    SELECT w.subscription_id, w.lease_epoch, $3, $4, $5, s.request_id, \
        CASE WHEN s.removed_at IS NULL OR $7 THEN $6 END, $7 \
    FROM work w JOIN subscriptions s ON s.id = w.subscription_id \
    WHERE w.subscription_id = $1 AND w.lease_epoch = $2 AND w.lease_until > now() FOR SHARE OF w \
    RETURNING id";

const SETTLE: &str = "UPDATE steps SET outcome = $3, detail = $4, settled_at = clock_timestamp() \
    WHERE id = $1 AND subscription_id = $2 AND (outcome IS NULL OR outcome = 'in_doubt') \
    RETURNING call";

impl Ledger for Store {
    async fn admit(
        &self,
        lease: Lease,
        ask: &Ask,
        limits: &Limits,
    ) -> Result<BTreeMap<Class, Excess>, LedgerError> {
        Ok(self.admit_all(lease, ask, limits).await?)
    }

    async fn intend(&self, lease: Lease, step: &Step, call: &Call) -> Result<StepId, LedgerError> {
        let query = fixed(
            |sql| {
                sql.bind::<SqlUuid, _>(lease.subscription.0)
                    .bind::<BigInt, _>(lease.epoch)
                    .bind::<Text, _>(step.action.kind())
                    .bind::<Jsonb, _>(Doc(step))
                    .bind::<Jsonb, _>(Doc(call))
                    .bind::<Nullable<Text>, _>(Class::of(&step.action).map(Class::as_str))
                    .bind::<Bool, _>(step.subject == Subject::Account)
            },
            INTEND,
        );
        let made = self.run("intend", async |conn| Ok(query.get_result::<Number>(conn).await.optional()?));
        match made.await? {
            Some(row) => Ok(StepId(row.id)),
            None => Err(LedgerError::LeaseLost(lease.subscription)),
        }
    }

    async fn settle(
        &self,
        lease: Lease,
        id: StepId,
        outcome: &Outcome,
        bindings: &[Binding],
    ) -> Result<(), LedgerError> {
        let settled = self.transact("settle", async |conn| -> Result<(), StoreError> {
            let tenant = hold(conn, lease, bindings, !bindings.is_empty(), false).await?;
            let call = write(conn, lease, id, outcome).await?;
            if let (Some(call), Outcome::Done) = (call, outcome) {
                owe(conn, lease.subscription, &call).await?;
                bindings::settle_in(conn, &tenant, &call).await?;
            }
            Ok(bindings::learn(conn, &tenant, bindings).await?)
        });
        Ok(settled.await?)
    }
}

/// Makes sure that a lease is the newest, until the transaction ends. One that has run out and that nobody has taken
/// since is still good: what happened must be told. Who will write desired rows locks them as well. `turned` says that
/// a reseller's customers are concerned, whatever the bindings.
pub(super) async fn hold(
    conn: &AsyncPgConnection,
    lease: Lease,
    bindings: &[Binding],
    desired: bool,
    turned: bool,
) -> Result<TenantRow, StoreError> {
    let lost = StoreError::LeaseLost(lease.subscription);
    let tenant = subscriptions::table.find(lease.subscription.0).select(TenantRow::as_select());
    let tenant = match desired {
        true => tenant.for_no_key_update().first(&mut &*conn).await.optional()?,
        false => tenant.first(&mut &*conn).await.optional()?,
    };
    let Some(tenant) = tenant else { return Err(lost) };
    // The customers' work is locked before ours, as everywhere.
    bindings::wake_customers(conn, &tenant, bindings, turned).await?;
    const SQL: &str =
        "SELECT true AS held FROM work WHERE subscription_id = $1 AND lease_epoch = $2 FOR UPDATE";
    let query = fixed(|sql| sql.bind::<SqlUuid, _>(lease.subscription.0).bind::<BigInt, _>(lease.epoch), SQL);
    let held: Option<Held> = query.get_result(&mut &*conn).await.optional()?;
    held.filter(|row| row.held).map(|_| tenant).ok_or(lost)
}

#[derive(QueryableByName)]
struct Held {
    #[diesel(sql_type = Bool)]
    held: bool,
}

async fn write(
    conn: &AsyncPgConnection,
    lease: Lease,
    id: StepId,
    outcome: &Outcome,
) -> QueryResult<Option<Call>> {
    let query = fixed(
        |sql| {
            sql.bind::<BigInt, _>(id.0)
                .bind::<SqlUuid, _>(lease.subscription.0)
                .bind::<Text, _>(outcome.as_str())
                .bind::<Text, _>(entry::detail(outcome))
        },
        SETTLE,
    );
    let settled: Option<Settled> = query.get_result(&mut &*conn).await.optional()?;
    Ok(settled.map(|row| row.call.0))
}

#[derive(QueryableByName)]
struct Settled {
    #[diesel(sql_type = Jsonb)]
    call: Doc<Call>,
}

/// What a move leaves behind is owed from now on, and what a transfer brought is not any more.
pub(super) async fn owe(conn: &AsyncPgConnection, id: SubscriptionId, call: &Call) -> QueryResult<()> {
    if !matches!(call, Call::MoveUser { .. } | Call::Transfer { .. } | Call::DeleteGroup { .. }) {
        return Ok(());
    }
    let row = work::table.find(id.0);
    let owed: Doc<Vec<Owed>> = row.select(work::owed).first(&mut &*conn).await?;
    if let Some(owed) = owed::after(&owed.0, call) {
        diesel::update(row).set(work::owed.eq(Doc(&owed))).execute(&mut &*conn).await?;
    }
    Ok(())
}
