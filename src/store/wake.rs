//! Waking: a subscription is made due now, and daemons that listen are told.

use super::fixed::fixed;
use crate::domain::SubscriptionId;
use diesel::QueryResult;
use diesel::sql_types::Uuid as SqlUuid;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// The channel that tells of work; its payload is the subscription's id.
pub(super) const WORK: &str = "mozyd_work";
/// The channel that tells of pushes owed.
pub(super) const PUSH: &str = "mozyd_push";
/// The channel that tells of budgets: somebody joined, Mozy asked us to wait, is down, or answers again.
pub(super) const BUDGET: &str = "mozyd_budget";

/// Chooses rows of the queue (`w`, with their subscriptions `s`) and locks them in the one order that nobody departs from
/// who waits for one while holding another: customers before the reseller whose cycle wakes them, else by id.
macro_rules! locked {
    ($which:literal) => {
        concat!(
            "SELECT w.subscription_id FROM work w JOIN subscriptions s ON s.id = w.subscription_id WHERE ",
            $which,
            " ORDER BY s.model = 'reseller', w.subscription_id FOR UPDATE OF w"
        )
    };
}
pub(super) use locked;

/// Makes a subscription due now, ahead of retries and sweeps. The clock is read under the row's lock: a cycle that
/// began before it will see that it was woken.
pub(super) async fn wake(conn: &AsyncPgConnection, id: SubscriptionId) -> QueryResult<()> {
    const SQL: &str = "WITH woken AS ( \
            INSERT INTO work (subscription_id, lane, due_at, enqueued_at) VALUES ($1, 0, now(), clock_timestamp()) \
            ON CONFLICT (subscription_id) DO UPDATE \
            SET lane = 0, due_at = now(), enqueued_at = clock_timestamp(), attempts = 0) \
        SELECT pg_notify('mozyd_work', $1::text)";
    fixed(|sql| sql.bind::<SqlUuid, _>(id.0), SQL).execute(&mut &*conn).await?;
    Ok(())
}

/// Takes a subscription out of the queue, and its lease from whoever holds it: it is gone.
pub(super) async fn retire(conn: &AsyncPgConnection, id: SubscriptionId) -> QueryResult<()> {
    let sql = "DELETE FROM work WHERE subscription_id = $1";
    fixed(|query| query.bind::<SqlUuid, _>(id.0), sql).execute(&mut &*conn).await?;
    Ok(())
}

/// Takes the lease from whoever holds it, so that nothing decided on the old wish is begun any more.
pub(super) async fn revoke(conn: &AsyncPgConnection, id: SubscriptionId) -> QueryResult<()> {
    const SQL: &str = "UPDATE work SET lease_epoch = nextval('lease_epochs'), lease_owner = NULL, lease_until = NULL \
        WHERE subscription_id = $1";
    fixed(|query| query.bind::<SqlUuid, _>(id.0), SQL).execute(&mut &*conn).await?;
    Ok(())
}
