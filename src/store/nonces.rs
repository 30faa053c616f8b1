//! OAuth nonces: none is accepted twice, by whichever daemon.

use super::error::StoreError;
use super::pool::Store;
use super::schema::nonces;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

impl Store {
    /// Remembers a nonce of a request made at `at`; `false` when it was seen before.
    pub async fn remember_nonce(&self, nonce: &str, at: DateTime<Utc>) -> Result<bool, StoreError> {
        let row = (nonces::nonce.eq(nonce), nonces::at.eq(at));
        let insert = diesel::insert_into(nonces::table).values(row).on_conflict_do_nothing();
        self.run("remember_nonce", async |conn| Ok(insert.execute(conn).await? > 0)).await
    }

    /// Forgets nonces of requests so old that they are refused for their age.
    pub async fn forget_nonces(&self, before: DateTime<Utc>) -> Result<usize, StoreError> {
        let old = nonces::table.filter(nonces::at.lt(before));
        self.run("forget_nonces", async |conn| Ok(diesel::delete(old).execute(conn).await?)).await
    }
}
