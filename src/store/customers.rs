//! A reseller's view of his customers: what each bought and what each uses.

use super::doc::Doc;
use super::error::StoreError;
use super::pool::Store;
use super::rows::TenantRow;
use super::schema::{subscriptions, usages};
use crate::domain::subscription::Bought;
use crate::domain::{SubscriptionId, SubscriptionNumber, Usage};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// One customer of a reseller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerShare {
    /// His subscription.
    pub id: SubscriptionId,
    /// OSA's number of it.
    pub number: SubscriptionNumber,
    /// His name.
    pub company: String,
    /// What he bought.
    pub bought: Bought,
    /// What he uses, by the last look; `None` before the first.
    pub usage: Option<Usage>,
}

impl Store {
    /// The customers of a reseller, by his own subscription; `None` when it is none of a reseller's.
    pub async fn customers(
        &self,
        reseller: SubscriptionId,
    ) -> Result<Option<Vec<CustomerShare>>, StoreError> {
        self.run("customers", async |conn| Ok(customers(conn, reseller).await?)).await
    }
}

async fn customers(
    conn: &AsyncPgConnection,
    reseller: SubscriptionId,
) -> QueryResult<Option<Vec<CustomerShare>>> {
    let mut conn = conn;
    let his = subscriptions::table.find(reseller.0).filter(subscriptions::model.eq("reseller"));
    let his = his.select((subscriptions::account_id, subscriptions::instance_id));
    let found: Option<(uuid::Uuid, uuid::Uuid)> = his.first(&mut conn).await.optional()?;
    let Some((account, instance)) = found else { return Ok(None) };
    let theirs = subscriptions::table
        .left_join(usages::table.on(usages::subscription_id.eq(subscriptions::id)))
        .filter(subscriptions::reseller_account_id.eq(account))
        .filter(subscriptions::instance_id.eq(instance))
        .filter(subscriptions::gone_at.is_null())
        .order((subscriptions::company, subscriptions::id))
        .select((TenantRow::as_select(), usages::numbers.nullable()));
    let rows: Vec<(TenantRow, Option<Doc<Usage>>)> = theirs.load(&mut conn).await?;
    Ok(Some(rows.into_iter().map(|(tenant, usage)| share(tenant, usage)).collect()))
}

fn share(tenant: TenantRow, usage: Option<Doc<Usage>>) -> CustomerShare {
    CustomerShare {
        id: tenant.subscription(),
        number: SubscriptionNumber(tenant.number),
        bought: tenant.bought(),
        company: tenant.company,
        usage: usage.map(|usage| usage.0),
    }
}
