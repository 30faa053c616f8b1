//! Approvals: an operator releases exactly one held plan, by its hash, once and for a while (design, rule 4).

use super::error::StoreError;
use super::fixed::fixed;
use super::pool::Store;
use super::schema::approvals;
use diesel::prelude::*;
use diesel::sql_types::{Double, Text};
use diesel_async::RunQueryDsl;
use std::time::Duration;

const APPROVE: &str = "INSERT INTO approvals (hash, expires_at) VALUES ($1, now() + $2 * interval '1 second') \
    ON CONFLICT (hash) DO UPDATE SET approved_at = now(), expires_at = excluded.expires_at";

impl Store {
    /// Releases the held plan of this hash, for so long.
    pub async fn approve(&self, hash: &str, span: Duration) -> Result<(), StoreError> {
        let query = fixed(|sql| sql.bind::<Text, _>(hash).bind::<Double, _>(span.as_secs_f64()), APPROVE);
        self.run("approve", async |conn| Ok(query.execute(conn).await.map(drop)?)).await
    }

    /// Uses up the release of a held plan; `false` when nobody released it, or it has run out.
    pub async fn take_approval(&self, hash: &str) -> Result<bool, StoreError> {
        let row = approvals::table.find(hash).filter(approvals::expires_at.gt(diesel::dsl::now));
        self.run("take_approval", async |conn| Ok(diesel::delete(row).execute(conn).await? > 0)).await
    }
}
