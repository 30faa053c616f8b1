//! Adopting: an operator's word binds something at Mozy to the wish it is.

use super::bindings;
use super::error::StoreError;
use super::events;
use super::ledger::hold;
use super::pool::Store;
use super::schema::unmanaged;
use super::wake;
use crate::ports::ledger::{Binding, Lease};
use crate::ports::report::Unmanaged;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

impl Store {
    /// Keeps the id of something that was unmanaged, and has the subscription looked at. `note` says who wanted it.
    pub async fn adopt(
        &self,
        lease: Lease,
        one: &Unmanaged,
        binding: &Binding,
        note: &str,
    ) -> Result<(), StoreError> {
        let (id, bindings) = (lease.subscription, std::slice::from_ref(binding));
        self.transact("adopt", async |conn| {
            let tenant = hold(conn, lease, bindings, true, false).await?;
            bindings::learn(conn, &tenant, bindings).await?;
            diesel::delete(unmanaged::table.find((id.0, one.kind, &one.mozy_id))).execute(conn).await?;
            events::write(conn, id, std::iter::once(("operator", note)), None).await?;
            Ok(wake::wake(conn, id).await?)
        })
        .await
    }
}
