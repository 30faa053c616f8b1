//! Events: what happened to a subscription, for people.

use super::schema::events;
use crate::domain::SubscriptionId;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

#[derive(Insertable)]
#[diesel(table_name = events)]
struct NewEvent<'a> {
    subscription_id: uuid::Uuid,
    kind: &'a str,
    message: &'a str,
    request_id: Option<&'a str>,
}

/// Writes events of these kinds and messages, in order.
pub(super) async fn write(
    conn: &AsyncPgConnection,
    id: SubscriptionId,
    happened: impl Iterator<Item = (&str, &str)>,
    request_id: Option<&str>,
) -> QueryResult<()> {
    let rows = happened.map(|(kind, message)| NewEvent { subscription_id: id.0, kind, message, request_id });
    let rows: Vec<NewEvent> = rows.collect();
    for batch in rows.chunks(1000) {
        diesel::insert_into(events::table).values(batch).execute(&mut &*conn).await?;
    }
    Ok(())
}
