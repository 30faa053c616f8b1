//! Conditions are written when they change; since when they hold moves only with status or reason.

use crate::domain::{ConditionType, Reason, SubscriptionId};
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

/// What has changed for people: a type that holds now or holds no more, or for another reason.
pub(super) fn news(stored: &[ConditionRow], findings: &[Finding]) -> Vec<String> {
    let changed = |kind: ConditionType| {
        let found: Vec<&Finding> = findings.iter().filter(|finding| finding.kind == kind).collect();
        let was: Vec<&ConditionRow> = stored.iter().filter(|row| row.type_ == kind.as_str()).collect();
        let status = found.as_slice().first()?.status;
        let same = was.len() == found.len()
            && found.iter().all(|one| was.iter().any(|row| row.is_about(one) && row.status == one.status));
        // That nothing is odd is no news where nothing was.
        let odd = kind.should_hold() || status || !was.is_empty();
        (odd && !same).then(|| told(kind, status, &found))
    };
    ConditionType::ALL.iter().filter_map(|kind| changed(*kind)).collect()
}

fn told(kind: ConditionType, status: bool, found: &[&Finding]) -> String {
    let why = found.iter().filter(|one| !one.message.is_empty()).map(|one| match one.reason {
        Reason::AsExpected => one.message.clone(),
        reason => format!("{reason}: {}", one.message),
    });
    let why: Vec<String> = why.collect();
    let gap = if why.is_empty() { "" } else { ": " };
    format!("{kind} is {status}{gap}{}", why.join("; "))
}

/// Writes the findings that differ from what is stored. What a type is found to be replaces all that stood of it.
pub(super) async fn write(
    conn: &AsyncPgConnection,
    id: SubscriptionId,
    stored: &[ConditionRow],
    findings: &[Finding],
) -> QueryResult<()> {
    for row in stored {
        let of_type = || findings.iter().filter(|finding| finding.kind.as_str() == row.type_);
        if of_type().next().is_some() && !of_type().any(|finding| row.is_about(finding)) {
            remove(conn, id, row).await?;
        }
    }
    for finding in findings {
        match stored.iter().find(|row| row.is_about(finding)) {
            Some(row) if row.status == finding.status && row.message == finding.message => {}
            Some(row) if row.status == finding.status => reword(conn, id, finding).await?,
            _ => put(conn, id, finding).await?,
        }
    }
    Ok(())
}

impl ConditionRow {
    fn is_about(&self, finding: &Finding) -> bool {
        self.type_ == finding.kind.as_str() && self.reason == finding.reason.as_str()
    }
}

async fn remove(conn: &AsyncPgConnection, id: SubscriptionId, row: &ConditionRow) -> QueryResult<()> {
    let row = conditions::table.find((id.0, &row.type_, &row.reason));
    diesel::delete(row).execute(&mut &*conn).await.map(drop)
}

async fn reword(conn: &AsyncPgConnection, id: SubscriptionId, finding: &Finding) -> QueryResult<()> {
    diesel::update(conditions::table.find((id.0, finding.kind.as_str(), finding.reason.as_str())))
        .set(conditions::message.eq(&finding.message))
        .execute(&mut &*conn)
        .await
        .map(drop)
}

async fn put(conn: &AsyncPgConnection, id: SubscriptionId, finding: &Finding) -> QueryResult<()> {
    let key = (
        conditions::subscription_id.eq(id.0),
        conditions::type_.eq(finding.kind.as_str()),
        conditions::reason.eq(finding.reason.as_str()),
    );
    let values = (
        conditions::status.eq(finding.status),
        conditions::message.eq(&finding.message),
        conditions::since.eq(diesel::dsl::now),
    );
    diesel::insert_into(conditions::table)
        .values((key, values))
        .on_conflict((conditions::subscription_id, conditions::type_, conditions::reason))
        .do_update()
        .set(values)
        .execute(&mut &*conn)
        .await
        .map(drop)
}
