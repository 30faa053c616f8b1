//! Verdicts are what OSA's waiting operations are answered from; those that did not change are not written.

use crate::domain::SubscriptionId;
use crate::ports::report::Verdict;
use crate::store::schema::verdicts;
use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::HashMap;
use uuid::Uuid;

/// So many rows go into one statement.
const BATCH: usize = 1000;

#[derive(Queryable, Selectable, Insertable, PartialEq)]
#[diesel(table_name = verdicts)]
pub(super) struct VerdictRow {
    object_id: Uuid,
    subscription_id: Uuid,
    generation: i64,
    reason: Option<String>,
    message: String,
}

impl VerdictRow {
    fn new(subscription: SubscriptionId, verdict: &Verdict) -> Self {
        let (reason, message) = match &verdict.blocked {
            Some((reason, message)) => (Some(reason.as_str().into()), message.clone()),
            None => (None, String::new()),
        };
        let (object_id, generation) = (verdict.thing.id(), verdict.generation);
        Self { object_id, subscription_id: subscription.0, generation, reason, message }
    }
}

/// The verdicts as they were.
pub(super) async fn stored(conn: &AsyncPgConnection, id: SubscriptionId) -> QueryResult<Vec<VerdictRow>> {
    let rows = verdicts::table.filter(verdicts::subscription_id.eq(id.0));
    rows.select(VerdictRow::as_select()).load(&mut &*conn).await
}

/// Writes the verdicts that differ from what is stored.
pub(super) async fn write(
    conn: &AsyncPgConnection,
    id: SubscriptionId,
    stored: Vec<VerdictRow>,
    verdicts: &[Verdict],
) -> QueryResult<()> {
    let stored: HashMap<Uuid, VerdictRow> = stored.into_iter().map(|row| (row.object_id, row)).collect();
    let rows = verdicts.iter().map(|verdict| VerdictRow::new(id, verdict));
    let changed: Vec<VerdictRow> = rows.filter(|row| stored.get(&row.object_id) != Some(row)).collect();
    for batch in changed.chunks(BATCH) {
        put(conn, batch).await?;
    }
    Ok(())
}

async fn put(conn: &AsyncPgConnection, rows: &[VerdictRow]) -> QueryResult<()> {
    diesel::insert_into(verdicts::table)
        .values(rows)
        .on_conflict(verdicts::object_id)
        .do_update()
        .set((
            verdicts::subscription_id.eq(excluded(verdicts::subscription_id)),
            verdicts::generation.eq(excluded(verdicts::generation)),
            verdicts::reason.eq(excluded(verdicts::reason)),
            verdicts::message.eq(excluded(verdicts::message)),
        ))
        .execute(&mut &*conn)
        .await
        .map(drop)
}
