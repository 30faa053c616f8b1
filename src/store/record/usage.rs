//! The numbers that reach OSA's bill, and in the same transaction the mark that they are owed to its screens.

use crate::domain::{SubscriptionId, Usage};
use crate::store::doc::Doc;
use crate::store::owed::{self, Service};
use crate::store::schema::usages;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// The numbers as they were.
pub(super) async fn stored(conn: &AsyncPgConnection, id: SubscriptionId) -> QueryResult<Option<Usage>> {
    let row = usages::table.find(id.0).select(usages::numbers);
    Ok(row.first::<Doc<Usage>>(&mut &*conn).await.optional()?.map(|usage| usage.0))
}

/// Keeps the numbers if they changed, and tells whether.
pub(super) async fn write(
    conn: &AsyncPgConnection,
    id: SubscriptionId,
    stored: Option<Usage>,
    usage: Option<&Usage>,
) -> QueryResult<bool> {
    let Some(usage) = usage else { return Ok(false) };
    if stored.as_ref() == Some(usage) {
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
