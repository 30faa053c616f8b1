//! Conditions are written when they change; since when they hold moves only with status or reason.

use crate::domain::SubscriptionId;
use crate::ports::report::Finding;
use crate::store::schema::conditions;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

#[derive(Queryable, Selectable)]
#[diesel(table_name = conditions)]
pub(super) struct ConditionRow {
    type_: String,
    status: bool,
    reason: String,
    message: String,
}

/// The conditions as they were.
pub(super) async fn stored(conn: &AsyncPgConnection, id: SubscriptionId) -> QueryResult<Vec<ConditionRow>> {
    let rows = conditions::table.filter(conditions::subscription_id.eq(id.0));
    rows.select(ConditionRow::as_select()).load(&mut &*conn).await
}

/// Writes the findings that differ from what is stored.
pub(super) async fn write(
    conn: &AsyncPgConnection,
    id: SubscriptionId,
    stored: &[ConditionRow],
    findings: &[Finding],
) -> QueryResult<()> {
    for finding in findings {
        let before = stored.iter().find(|row| row.type_ == finding.kind.as_str());
        let stands =
            before.is_some_and(|row| row.status == finding.status && row.reason == finding.reason.as_str());
        let says_the_same = before.is_some_and(|row| row.message == finding.message);
        if stands && says_the_same {
            continue;
        }
        match stands {
            true => reword(conn, id, finding).await?,
            false => put(conn, id, finding).await?,
        }
    }
    Ok(())
}

async fn reword(conn: &AsyncPgConnection, id: SubscriptionId, finding: &Finding) -> QueryResult<()> {
    diesel::update(conditions::table.find((id.0, finding.kind.as_str())))
        .set(conditions::message.eq(&finding.message))
        .execute(&mut &*conn)
        .await
        .map(drop)
}

async fn put(conn: &AsyncPgConnection, id: SubscriptionId, finding: &Finding) -> QueryResult<()> {
    let values = (
        conditions::status.eq(finding.status),
        conditions::reason.eq(finding.reason.as_str()),
        conditions::message.eq(&finding.message),
        conditions::since.eq(diesel::dsl::now),
    );
    diesel::insert_into(conditions::table)
        .values((conditions::subscription_id.eq(id.0), conditions::type_.eq(finding.kind.as_str()), values))
        .on_conflict((conditions::subscription_id, conditions::type_))
        .do_update()
        .set(values)
        .execute(&mut &*conn)
        .await
        .map(drop)
}
