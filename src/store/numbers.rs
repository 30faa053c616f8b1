//! The tenant's numbers, as a retrieve asks for them: one row by one statement that is prepared once.

use super::doc::Doc;
use super::error::StoreError;
use super::fixed::fixed;
use super::pool::Store;
use super::reseller::home;
use super::rows::amount;
use crate::domain::snapshot::TenantNumbers;
use crate::domain::subscription::{Bought, BoughtPool};
use crate::domain::{Gb, InstanceId, MozyGroupId, PartnerId, PerKind, SubscriptionId, Usage};
use diesel::sql_types::{BigInt, Bool, Jsonb, Nullable, Text, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryableByName};
use diesel_async::RunQueryDsl;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Nullable<BigInt>)]
    partner_id: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    home_group_id: Option<i64>,
    #[diesel(sql_type = Text)]
    model: String,
    #[diesel(sql_type = Text)]
    company: String,
    #[diesel(sql_type = Text)]
    admin_email: String,
    #[diesel(sql_type = Text)]
    admin_name: String,
    #[diesel(sql_type = Bool)]
    works: bool,
    #[diesel(sql_type = Bool)]
    groups_tab: bool,
    #[diesel(sql_type = Nullable<BigInt>)]
    desktop_licences: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    desktop_quota: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    server_licences: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    server_quota: Option<i64>,
    #[diesel(sql_type = Bool)]
    sync_available: bool,
    #[diesel(sql_type = Nullable<BigInt>)]
    sync_default_quota: Option<i64>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    numbers: Option<Doc<Usage>>,
}

/// A customer lives in the partner of one of his reseller's subscriptions, and works while it does.
const SQL: &str = concat!(
    "SELECT CASE s.model WHEN 'customer' THEN r.partner_id ELSE s.partner_id END AS partner_id, \
        s.home_group_id, s.model, s.company, s.admin_email, s.admin_name, s.groups_tab, \
        NOT s.suspended AND (s.model <> 'customer' OR coalesce(NOT r.suspended AND r.removed_at IS NULL, false)) \
            AS works, \
        s.desktop_licences, s.desktop_quota, s.server_licences, s.server_quota, \
        s.sync_available, s.sync_default_quota, u.numbers \
    FROM subscriptions s LEFT JOIN usages u ON u.subscription_id = s.id \
    LEFT JOIN subscriptions r ON s.model = 'customer' AND r.account_id = s.reseller_account_id \
        AND r.instance_id = s.instance_id AND r.model = 'reseller' \
    WHERE s.id = $1 AND s.instance_id = $2 AND s.gone_at IS NULL",
    home!()
);

impl Store {
    /// The numbers of a tenant that is known to an instance and not gone: OSA asks until it is told that he is.
    pub async fn numbers(
        &self,
        instance: InstanceId,
        id: SubscriptionId,
    ) -> Result<Option<TenantNumbers>, StoreError> {
        let query = fixed(|sql| sql.bind::<SqlUuid, _>(id.0).bind::<SqlUuid, _>(instance.0), SQL);
        let row = self.run("numbers", async |conn| Ok(query.get_result::<Row>(conn).await.optional()?));
        Ok(row.await?.map(|row| numbers(id, row)))
    }
}

fn numbers(id: SubscriptionId, row: Row) -> TenantNumbers {
    let pool = |licences, quota| BoughtPool { licences: amount(licences), quota: amount(quota) };
    let pools = PerKind {
        desktop: pool(row.desktop_licences, row.desktop_quota),
        server: pool(row.server_licences, row.server_quota),
    };
    let sync_default_quota = row.sync_default_quota.map(Gb);
    TenantNumbers {
        id,
        partner: row.partner_id.map(PartnerId),
        home_group: row.home_group_id.map(MozyGroupId),
        model: row.model,
        company: row.company,
        admin_email: row.admin_email,
        admin_name: row.admin_name,
        works: row.works,
        groups_tab: row.groups_tab,
        bought: Bought { pools, sync_available: row.sync_available, sync_default_quota },
        usage: row.numbers.map(|usage| usage.0),
    }
}
