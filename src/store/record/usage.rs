//! The numbers that reach OSA's bill, and in the same transaction the mark that they are owed to its screens.

use crate::domain::{SubscriptionId, Usage};
use crate::store::doc::Doc;
use crate::store::owed::{self, Service};
use crate::store::schema::usages;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// Keeps the numbers if they changed, and tells whether.
pub(super) async fn write(
    conn: &AsyncPgConnection,
    id: SubscriptionId,
    usage: Option<&Usage>,
) -> QueryResult<bool> {
    let Some(usage) = usage else { return Ok(false) };
    let row = usages::table.find(id.0).select(usages::numbers);
    let stored: Option<Doc<Usage>> = row.first(&mut &*conn).await.optional()?;
    if stored.is_some_and(|stored| stored.0 == *usage) {
        return Ok(false);
    }
    let values = (usages::numbers.eq(Doc(*usage)), usages::changed_at.eq(diesel::dsl::now));
    diesel::insert_into(usages::table)
        .values((usages::subscription_id.eq(id.0), values))
        .on_conflict(usages::subscription_id)
        .do_update()
        .set((usages::numbers.eq(Doc(*usage)), usages::changed_at.eq(diesel::dsl::now)))
        .execute(&mut &*conn)
        .await?;
    owed::owe(conn, id, Service::Tenant, id.0).await?;
    Ok(true)
}
