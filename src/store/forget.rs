//! Forgetting a subscription: our records go, Mozy keeps what it has, and the event stays.

use super::doubts::is_busy;
use super::error::StoreError;
use super::events;
use super::fixed::fixed;
use super::pool::Store;
use super::reseller::{Neighbours, neighbours};
use super::rows::TenantRow;
use super::schema::subscriptions;
use crate::domain::SubscriptionId;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// What came of forgetting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forgotten {
    /// It is forgotten.
    Done,
    /// It was not known.
    Unknown,
    /// A daemon is at work on it now.
    Busy,
    /// A step may have happened: what is at Mozy is not known.
    InDoubt,
    /// So many customers live in this reseller's partner, and could not be kept without him.
    HasCustomers(i64),
    /// His reseller is being removed, and would be deleted with all that we have forgotten of this one.
    ResellerGoes,
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Bool)]
    found: bool,
}

const IN_DOUBT: &str = "SELECT EXISTS (SELECT FROM steps WHERE subscription_id = $1 \
    AND (outcome IS NULL OR outcome = 'in_doubt')) AS found";

impl Store {
    /// Forgets a subscription and everything kept of it, without touching Mozy; `note` says who wanted it and why.
    pub async fn forget(&self, id: SubscriptionId, note: &str) -> Result<Forgotten, StoreError> {
        self.transact("forget", async |conn| forget(conn, id, note).await).await
    }
}

async fn forget(conn: &AsyncPgConnection, id: SubscriptionId, note: &str) -> Result<Forgotten, StoreError> {
    let mut conn = conn;
    let row = subscriptions::table.find(id.0);
    // Not against those who only refer to it: they hold the queue's row, which is asked for below.
    let tenant: Option<TenantRow> =
        row.select(TenantRow::as_select()).for_no_key_update().first(&mut conn).await.optional()?;
    let Some(tenant) = tenant else { return Ok(Forgotten::Unknown) };
    match neighbours(conn, &tenant).await? {
        Neighbours::Customers(customers) if customers.remaining > 0 => {
            return Ok(Forgotten::HasCustomers(customers.remaining));
        }
        Neighbours::Reseller(Some(reseller)) if reseller.removed && tenant.gone_at.is_none() => {
            return Ok(Forgotten::ResellerGoes);
        }
        _ => {}
    }
    if is_busy(conn, id).await? {
        return Ok(Forgotten::Busy);
    }
    let doubt: Found = fixed(|sql| sql.bind::<SqlUuid, _>(id.0), IN_DOUBT).get_result(&mut conn).await?;
    if doubt.found {
        return Ok(Forgotten::InDoubt);
    }
    let (number, company) = (tenant.number, &tenant.company);
    let message =
        format!("subscription {number} of {company} was forgotten, and nothing at Mozy touched: {note}");
    events::write(conn, id, std::iter::once(("operator", &*message)), None).await?;
    diesel::delete(row).execute(&mut conn).await?;
    Ok(Forgotten::Done)
}
