//! Resellers and their customers: what each must know of the other, and waking the other when it changes.
//!
//! A reseller's account has one partner at Mozy: that of his oldest subscription that is not gone. It stays until the
//! last customer has gone, so a customer never finds himself in another partner than the one he was made in.

use super::error::StoreError;
use super::fixed::{Fixed, fixed};
use super::pool::Store;
use super::rows::TenantRow;
use super::wake::{self, locked};
use crate::domain::subscription::{Customers, Model, ResellerAccount};
use crate::domain::{PartnerId, SubscriptionId};
use diesel::pg::Pg;
use diesel::query_builder::QueryFragment;
use diesel::sql_types::{BigInt, Bool, Nullable, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryResult, QueryableByName};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// Whom a subscription depends on, or who depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Neighbours {
    /// Nobody.
    None,
    /// A reseller's customers.
    Customers(Customers),
    /// A customer's reseller; `None` when he has no subscription here.
    Reseller(Option<ResellerAccount>),
}

impl Neighbours {
    /// The model they make.
    pub fn model(self) -> Model {
        match self {
            Self::None => Model::Direct,
            Self::Customers(customers) => Model::Reseller(customers),
            Self::Reseller(reseller) => Model::Customer(reseller),
        }
    }
}

#[derive(QueryableByName)]
struct ResellerRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Nullable<BigInt>)]
    partner_id: Option<i64>,
    #[diesel(sql_type = Bool)]
    suspended: bool,
    #[diesel(sql_type = Bool)]
    removed: bool,
}

#[derive(QueryableByName)]
struct CustomersRow {
    #[diesel(sql_type = BigInt)]
    remaining: i64,
    #[diesel(sql_type = Bool)]
    want_sync: bool,
}

const RESELLER: &str = "SELECT id, partner_id, suspended, removed_at IS NOT NULL AS removed FROM subscriptions \
    WHERE account_id = $1 AND instance_id = $2 AND model = 'reseller' \
    ORDER BY gone_at IS NOT NULL, created_at, id LIMIT 1";

const CUSTOMERS: &str = "SELECT count(*) AS remaining, \
        coalesce(bool_or(sync AND removed_at IS NULL), false) AS want_sync \
    FROM subscriptions WHERE reseller_account_id = $1 AND instance_id = $2 AND gone_at IS NULL";

const NUMBER: &str = "SELECT r.number FROM subscriptions s JOIN subscriptions r \
        ON r.account_id = s.reseller_account_id AND r.instance_id = s.instance_id AND r.model = 'reseller' \
    WHERE s.id = $1 ORDER BY r.gone_at IS NOT NULL, r.created_at, r.id LIMIT 1";

#[derive(QueryableByName)]
struct NumberRow {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

impl Store {
    /// OSA's number of the reseller whose customer this is; `None` when he has ordered nothing.
    pub async fn reseller_number(&self, id: SubscriptionId) -> Result<Option<i64>, StoreError> {
        let query = fixed(|sql| sql.bind::<SqlUuid, _>(id.0), NUMBER);
        let found: Option<NumberRow> =
            self.run("reseller_number", async |conn| Ok(query.get_result(conn).await.optional()?)).await?;
        Ok(found.map(|row| row.number))
    }
}

/// Looks up a subscription's neighbours.
pub(super) async fn neighbours(conn: &AsyncPgConnection, tenant: &TenantRow) -> QueryResult<Neighbours> {
    match (tenant.model.as_str(), tenant.reseller_account_id) {
        ("reseller", _) => Ok(Neighbours::Customers(customers(conn, tenant).await?)),
        (_, Some(account)) => Ok(Neighbours::Reseller(reseller(conn, account, tenant.instance_id).await?)),
        _ => Ok(Neighbours::None),
    }
}

/// The subscription in whose partner the customers of a reseller's account live.
pub(super) async fn reseller(
    conn: &AsyncPgConnection,
    account: Uuid,
    instance: Uuid,
) -> QueryResult<Option<ResellerAccount>> {
    let query = bound(RESELLER, account, instance);
    let row: Option<ResellerRow> = query.get_result(&mut &*conn).await.optional()?;
    Ok(row.map(|row| ResellerAccount {
        id: SubscriptionId(row.id),
        partner: row.partner_id.map(PartnerId),
        suspended: row.suspended,
        removed: row.removed,
    }))
}

async fn customers(conn: &AsyncPgConnection, tenant: &TenantRow) -> QueryResult<Customers> {
    // Another subscription of the same reseller may be the one they live in.
    let home = reseller(conn, tenant.account_id, tenant.instance_id).await?;
    if home.is_none_or(|home| home.id.0 != tenant.id) {
        return Ok(Customers::default());
    }
    let query = bound(CUSTOMERS, tenant.account_id, tenant.instance_id);
    let CustomersRow { remaining, want_sync } = query.get_result(&mut &*conn).await?;
    Ok(Customers { remaining, want_sync })
}

/// Makes the customers of a reseller due now, and owes OSA's screens their state, which depends on his.
pub(super) async fn wake_customers(conn: &AsyncPgConnection, tenant: &TenantRow) -> QueryResult<()> {
    const OWE: &str = "INSERT INTO pushes (object_id, subscription_id, service) \
        SELECT id, id, 'mozyProAccount' FROM subscriptions \
        WHERE reseller_account_id = $1 AND instance_id = $2 AND gone_at IS NULL ORDER BY id \
        ON CONFLICT (object_id) DO UPDATE SET owed_at = clock_timestamp()";
    const WAKE: &str = concat!(
        "WITH theirs AS MATERIALIZED (",
        locked!("s.reseller_account_id = $1 AND s.instance_id = $2"),
        ") UPDATE work SET due_at = now(), enqueued_at = clock_timestamp(), lane = 0, attempts = 0 FROM theirs \
        WHERE work.subscription_id = theirs.subscription_id"
    );
    for text in [WAKE, OWE] {
        bound(text, tenant.account_id, tenant.instance_id).execute(&mut &*conn).await?;
    }
    Ok(())
}

/// Makes the reseller of a customer due now.
pub(super) async fn wake_reseller(conn: &AsyncPgConnection, tenant: &TenantRow) -> QueryResult<()> {
    let Some(account) = tenant.reseller_account_id else { return Ok(()) };
    match reseller(conn, account, tenant.instance_id).await? {
        Some(reseller) => wake::wake(conn, reseller.id).await,
        None => Ok(()),
    }
}

fn bound(sql: &'static str, account: Uuid, instance: Uuid) -> Fixed<impl QueryFragment<Pg> + Send> {
    fixed(|query| query.bind::<SqlUuid, _>(account).bind::<SqlUuid, _>(instance), sql)
}
