//! Credentials: what a client of Mozy needs to know of the instance a subscription was ordered through.

use super::error::StoreError;
use super::pool::Store;
use super::schema::instances;
use crate::domain::{InstanceId, Secret};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// What an instance says of Mozy; what it leaves open is as configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// Mozy's API key.
    pub api_key: Option<Secret>,
    /// Start of Mozy's address.
    pub ws_prefix: Option<String>,
    /// End of Mozy's address.
    pub ws_suffix: Option<String>,
    /// Under which partner ours are made.
    pub root_partner: Option<i64>,
    /// The role of new root admins.
    pub root_role: Option<i64>,
    /// Whether it sells through resellers.
    pub reseller: Option<bool>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = instances)]
struct CredentialsRow {
    api_key: Option<Vec<u8>>,
    ws_prefix: Option<String>,
    ws_suffix: Option<String>,
    root_partner_id: Option<i64>,
    root_role_id: Option<i64>,
    reseller: Option<bool>,
}

impl Store {
    /// The credentials of an instance; `None` when it is not known.
    pub async fn credentials(&self, id: InstanceId) -> Result<Option<Credentials>, StoreError> {
        let row = instances::table.find(id.0).select(CredentialsRow::as_select());
        let row = self.run("credentials", async |conn| Ok(row.first(conn).await.optional()?)).await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(Credentials {
            api_key: self.unseal(id, "api_key", row.api_key.as_deref())?,
            ws_prefix: row.ws_prefix,
            ws_suffix: row.ws_suffix,
            root_partner: row.root_partner_id,
            root_role: row.root_role_id,
            reseller: row.reseller,
        }))
    }
}
