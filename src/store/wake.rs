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

/// Whether nobody looks at a row of `work`: a lease that has run out is nobody's.
macro_rules! is_free {
    () => {
        "(work.lease_owner IS NULL OR work.lease_until <= now())"
    };
}
pub(super) use is_free;

/// What makes a row due now, in a lane ahead of the sweep; one that waits ahead of it already keeps its place. The clock is
/// read under the row's lock: a cycle that began before it will see that it was woken.
macro_rules! woken {
    ($lane:literal) => {
        concat!(
            "lane = ",
            $lane,
            ", attempts = 0, enqueued_at = clock_timestamp(), due_at = CASE WHEN work.lane < 2 AND ",
            $crate::store::wake::is_free!(),
            " THEN least(work.due_at, now()) ELSE now() END"
        )
    };
}
pub(super) use woken;

/// When a row that is made due was put into its lane: now, unless it was due already or is being looked at.
macro_rules! put_in_lane {
    () => {
        concat!(
            "enqueued_at = CASE WHEN ",
            $crate::store::wake::is_free!(),
            " AND due_at > now() THEN clock_timestamp() ELSE enqueued_at END"
        )
    };
}
pub(super) use put_in_lane;

/// What a look at all makes of a row: it is due now in its lane. What waits keeps its place; what is being looked at is
/// due afterwards in the lane that its cycle finds, and behind all that wait there by then.
macro_rules! due_again {
    () => {
        concat!(
            "due_at = CASE WHEN ",
            $crate::store::wake::is_free!(),
            " THEN least(due_at, now()) ELSE clock_timestamp() END, ",
            $crate::store::wake::put_in_lane!()
        )
    };
}
pub(super) use due_again;

/// Whether a row was made due again while its cycle ran.
macro_rules! is_due_again {
    () => {
        "(due_at > begun_at AND due_at <= clock_timestamp())"
    };
}
pub(super) use is_due_again;

/// Makes a subscription due now, ahead of retries and sweeps.
pub(super) async fn wake(conn: &AsyncPgConnection, id: SubscriptionId) -> QueryResult<()> {
    const SQL: &str = concat!(
        "WITH woken AS ( \
            INSERT INTO work (subscription_id, lane, due_at, enqueued_at) VALUES ($1, 0, now(), clock_timestamp()) \
            ON CONFLICT (subscription_id) DO UPDATE SET ",
        woken!("0"),
        ") SELECT pg_notify('mozyd_work', $1::text)"
    );
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
