//! What the guard holds is kept until it may run; since when moves only when it is another plan.

use crate::domain::SubscriptionId;
use crate::plan::guard::{Bundle, Excess};
use crate::plan::{Held, Step};
use crate::ports::report::HeldPlan;
use crate::store::doc::Doc;
use crate::store::schema::held;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// Class and hash.
type Row = (String, String);

/// The held plans as they were.
pub(super) async fn stored(conn: &AsyncPgConnection, id: SubscriptionId) -> QueryResult<Vec<Row>> {
    let rows = held::table.filter(held::subscription_id.eq(id.0));
    rows.select((held::class, held::hash)).load(&mut &*conn).await
}

/// Writes the difference to what is stored.
pub(super) async fn write(
    conn: &AsyncPgConnection,
    id: SubscriptionId,
    stored: &[Row],
    found: &[HeldPlan],
) -> QueryResult<()> {
    let is = |(class, hash): &Row, one: &HeldPlan| {
        class == one.held.bundle.class.as_str() && *hash == one.held.bundle.hash
    };
    for row in stored.iter().filter(|row| !found.iter().any(|one| is(row, one))) {
        diesel::delete(held::table.find((id.0, &row.0))).execute(&mut &*conn).await?;
    }
    for one in found.iter().filter(|one| !stored.iter().any(|row| is(row, one))) {
        put(conn, id, one).await?;
    }
    Ok(())
}

async fn put(conn: &AsyncPgConnection, id: SubscriptionId, one: &HeldPlan) -> QueryResult<()> {
    let HeldPlan { held: Held { bundle, excess }, texts } = one;
    let Bundle { class, hash, steps, weight: _ } = bundle;
    let Excess { scope, asked, spent, limit } = excess;
    let steps: Doc<Vec<Step>> = Doc(steps.clone());
    diesel::insert_into(held::table)
        .values((
            (held::subscription_id.eq(id.0), held::class.eq(class.as_str()), held::hash.eq(hash)),
            (held::steps.eq(steps), held::texts.eq(Doc(texts.clone()))),
            (held::scope.eq(scope.as_str()), held::asked.eq(asked)),
            (held::spent.eq(spent), held::allowed.eq(limit)),
        ))
        .execute(&mut &*conn)
        .await
        .map(drop)
}
