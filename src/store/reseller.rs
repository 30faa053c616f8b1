//! Resellers and their customers: what each must know of the other, and waking the other when it changes.
//!
//! A customer lives in the partner of his reseller's oldest subscription that has not been cancelled. The one he was made
//! in is kept with him, and it stays until its last customer has gone: so he never finds himself in another one, also
//! when his reseller cancels and buys again.

use super::error::StoreError;
use super::fixed::{Fixed, fixed};
use super::pool::Store;
use super::rows::TenantRow;
use super::wake::{self, locked, woken};
use crate::domain::subscription::{Customers, Model, ResellerAccount};
use crate::domain::{Gb, PartnerId, SubscriptionId};
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
    #[diesel(sql_type = Nullable<BigInt>)]
    sync_default_quota: Option<i64>,
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

/// Which of a reseller's subscriptions (`r`) a customer (`s`) lives in, the first: that of the partner he was made in,
/// else the oldest; who is not made yet is made where nobody has cancelled.
macro_rules! home {
    () => {
        " ORDER BY r.gone_at IS NOT NULL, (s.home_group_id IS NOT NULL AND s.partner_id = r.partner_id) IS NOT TRUE, \
        s.home_group_id IS NULL AND r.removed_at IS NOT NULL, r.created_at, r.id LIMIT 1"
    };
}
pub(super) use home;

const RESELLER: &str = concat!(
    "SELECT r.id, r.partner_id, r.suspended, r.sync_default_quota, \
        r.removed_at IS NOT NULL AS removed FROM subscriptions r, \
        (SELECT $3::bigint AS home_group_id, $4::bigint AS partner_id) s \
    WHERE r.account_id = $1 AND r.instance_id = $2 AND r.model = 'reseller'",
    home!()
);

/// A customer who still syncs keeps his parent on until he does not: a parent cannot be turned off before its children.
const CUSTOMERS: &str = concat!(
    "SELECT count(*) AS remaining, \
        coalesce(bool_or((s.sync AND s.removed_at IS NULL) OR coalesce(o.syncs, false)), false) AS want_sync \
    FROM subscriptions s LEFT JOIN observations o ON o.subscription_id = s.id \
    WHERE s.reseller_account_id = $1 AND s.instance_id = $2 AND s.gone_at IS NULL AND $3 = ( \
        SELECT r.id FROM subscriptions r \
        WHERE r.account_id = $1 AND r.instance_id = $2 AND r.model = 'reseller'",
    home!(),
    ")"
);

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
        (_, Some(account)) => {
            let made_in = MadeIn::of(tenant);
            Ok(Neighbours::Reseller(reseller(conn, account, tenant.instance_id, made_in).await?))
        }
        _ => Ok(Neighbours::None),
    }
}

/// Where a customer was made at Mozy, if he was: his group, and the partner it is in.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct MadeIn {
    group: Option<i64>,
    partner: Option<i64>,
}

impl MadeIn {
    /// As it is kept with him.
    pub fn of(customer: &TenantRow) -> Self {
        Self { group: customer.home_group_id, partner: customer.partner_id }
    }
}

/// The subscription in whose partner a customer of a reseller's account lives, or is to be made.
pub(super) async fn reseller(
    conn: &AsyncPgConnection,
    account: Uuid,
    instance: Uuid,
    made_in: MadeIn,
) -> QueryResult<Option<ResellerAccount>> {
    let MadeIn { group, partner } = made_in;
    let query = fixed(
        |sql| {
            sql.bind::<SqlUuid, _>(account)
                .bind::<SqlUuid, _>(instance)
                .bind::<Nullable<BigInt>, _>(group)
                .bind::<Nullable<BigInt>, _>(partner)
        },
        RESELLER,
    );
    let row: Option<ResellerRow> = query.get_result(&mut &*conn).await.optional()?;
    Ok(row.map(|row| ResellerAccount {
        id: SubscriptionId(row.id),
        partner: row.partner_id.map(PartnerId),
        suspended: row.suspended,
        sync_default_quota: row.sync_default_quota.map(Gb),
        removed: row.removed,
    }))
}

async fn customers(conn: &AsyncPgConnection, tenant: &TenantRow) -> QueryResult<Customers> {
    let (account, instance) = (tenant.account_id, tenant.instance_id);
    let query = fixed(
        |sql| sql.bind::<SqlUuid, _>(account).bind::<SqlUuid, _>(instance).bind::<SqlUuid, _>(tenant.id),
        CUSTOMERS,
    );
    let CustomersRow { remaining, want_sync } = query.get_result(&mut &*conn).await?;
    Ok(Customers { remaining, want_sync })
}

/// Makes the customers of a reseller due now, and owes OSA's screens their state, which depends on his. They may be many:
/// only those for whom somebody waits go with the changes of persons, the others behind all of these.
pub(super) async fn wake_customers(conn: &AsyncPgConnection, tenant: &TenantRow) -> QueryResult<()> {
    const OWE: &str = "INSERT INTO pushes (object_id, subscription_id, service) \
        SELECT id, id, 'mozyProAccount' FROM subscriptions \
        WHERE reseller_account_id = $1 AND instance_id = $2 AND gone_at IS NULL ORDER BY id \
        ON CONFLICT (object_id) DO UPDATE SET owed_at = clock_timestamp()";
    const WAKE: &str = concat!(
        "WITH theirs AS MATERIALIZED (",
        locked!("s.reseller_account_id = $1 AND s.instance_id = $2"),
        ") UPDATE work SET ",
        woken!(
            "CASE WHEN EXISTS (SELECT FROM operations o WHERE o.subscription_id = work.subscription_id) \
            THEN 0 ELSE least(work.lane, 1) END"
        ),
        " FROM theirs WHERE work.subscription_id = theirs.subscription_id"
    );
    for text in [WAKE, OWE] {
        bound(text, tenant.account_id, tenant.instance_id).execute(&mut &*conn).await?;
    }
    Ok(())
}

/// Makes the reseller of a customer due now.
pub(super) async fn wake_reseller(conn: &AsyncPgConnection, tenant: &TenantRow) -> QueryResult<()> {
    let Some(account) = tenant.reseller_account_id else { return Ok(()) };
    match reseller(conn, account, tenant.instance_id, MadeIn::of(tenant)).await? {
        Some(reseller) => wake::wake(conn, reseller.id).await,
        None => Ok(()),
    }
}

fn bound(sql: &'static str, account: Uuid, instance: Uuid) -> Fixed<impl QueryFragment<Pg> + Send> {
    fixed(|query| query.bind::<SqlUuid, _>(account).bind::<SqlUuid, _>(instance), sql)
}
