//! Unmanaged things are kept as they are now: new ones come in, those that went or became ours go out.

use crate::domain::SubscriptionId;
use crate::ports::report::Unmanaged;
use crate::store::schema::unmanaged;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// Kind, Mozy's id and name.
type Row = (String, String, String);

/// The unmanaged things as they were.
pub(super) async fn stored(conn: &AsyncPgConnection, id: SubscriptionId) -> QueryResult<Vec<Row>> {
    let rows = unmanaged::table.filter(unmanaged::subscription_id.eq(id.0));
    rows.select((unmanaged::kind, unmanaged::mozy_id, unmanaged::name)).load(&mut &*conn).await
}

/// Writes the difference to what is stored.
pub(super) async fn write(
    conn: &AsyncPgConnection,
    id: SubscriptionId,
    stored: &[Row],
    found: &[Unmanaged],
) -> QueryResult<()> {
    let is = |(kind, mozy_id, _): &Row, one: &Unmanaged| kind == one.kind && *mozy_id == one.mozy_id;
    for row in stored.iter().filter(|row| !found.iter().any(|one| is(row, one))) {
        diesel::delete(unmanaged::table.find((id.0, &row.0, &row.1))).execute(&mut &*conn).await?;
    }
    for one in found.iter().filter(|one| !stored.iter().any(|row| is(row, one) && row.2 == one.name)) {
        put(conn, id, one).await?;
    }
    Ok(())
}

async fn put(conn: &AsyncPgConnection, id: SubscriptionId, one: &Unmanaged) -> QueryResult<()> {
    diesel::insert_into(unmanaged::table)
        .values((
            unmanaged::subscription_id.eq(id.0),
            unmanaged::kind.eq(one.kind),
            unmanaged::mozy_id.eq(&one.mozy_id),
            unmanaged::name.eq(&one.name),
        ))
        .on_conflict((unmanaged::subscription_id, unmanaged::kind, unmanaged::mozy_id))
        .do_update()
        .set(unmanaged::name.eq(&one.name))
        .execute(&mut &*conn)
        .await
        .map(drop)
}
