//! When a subscription is next due. One that was woken while the cycle ran stays due now, whatever the cycle said.

use super::told::told;
use crate::ports::ledger::Lease;
use crate::ports::report::Seen;
use crate::ports::{CycleReport, CycleResult};
use crate::store::fixed::fixed;
use crate::store::queue::Lane;
use crate::store::wake::is_due_again;
use diesel::sql_types::{BigInt, Binary, Bool, Double, Nullable, SmallInt, Uuid as SqlUuid};
use diesel::{QueryResult, QueryableByName};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::time::Duration;

/// When and in which lane a subscription is looked at again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Next {
    /// In how long.
    pub due_in: Duration,
    /// In which lane.
    pub lane: Lane,
}

/// What happened since the cycle began.
#[derive(Default, QueryableByName)]
pub(super) struct Since {
    /// It was woken.
    #[diesel(sql_type = Bool)]
    pub woken: bool,
    /// Something else is wished than what the report is about.
    #[diesel(sql_type = Bool)]
    pub overtaken: bool,
}

/// A year: what is due later is not due at all.
pub(super) const FARTHEST: f64 = 366.0 * 86400.0;

/// Both times were read under this row's lock, so they are in the order in which things happened; unless the clock was
/// stepped back in between, where a wish still shows by its generation.
const SQL: &str = concat!(
    "WITH wish AS (SELECT generation > $9 AS overtaken FROM subscriptions WHERE id = $1), \
    before AS (SELECT overtaken, (enqueued_at > begun_at OR overtaken) IS TRUE AS woken FROM work, wish \
        WHERE subscription_id = $1) \
    UPDATE work SET lease_owner = NULL, lease_until = NULL, \
        due_at = CASE WHEN woken OR ",
    is_due_again!(),
    " THEN due_at ELSE now() + $3 * interval '1 second' END, \
        lane = CASE WHEN woken THEN lane ELSE $4 END, \
        enqueued_at = CASE WHEN woken THEN enqueued_at ELSE clock_timestamp() END, \
        attempts = CASE WHEN woken OR NOT $5 THEN 0 ELSE attempts + 1 END, \
        last_attempt = begun_at, last_success = CASE WHEN $6 THEN begun_at ELSE last_success END, \
        attempt_epoch = lease_epoch, success_epoch = CASE WHEN $6 THEN lease_epoch ELSE success_epoch END, \
        machines_read_at = CASE WHEN $7 THEN begun_at ELSE machines_read_at END, \
        observed_generation = CASE WHEN $8 THEN $9 ELSE observed_generation END, \
        told = CASE WHEN overtaken THEN NULL ELSE $10 END \
    FROM before WHERE subscription_id = $1 AND lease_epoch = $2 RETURNING woken, overtaken"
);

/// Does the bookkeeping, gives the lease back, and tells what happened meanwhile.
pub(super) async fn write(
    conn: &AsyncPgConnection,
    lease: Lease,
    report: &CycleReport,
    next: Next,
) -> QueryResult<Since> {
    let query = fixed(
        |sql| {
            sql.bind::<SqlUuid, _>(lease.subscription.0)
                .bind::<BigInt, _>(lease.epoch)
                .bind::<Double, _>(next.due_in.as_secs_f64().min(FARTHEST))
                .bind::<SmallInt, _>(next.lane.number())
                .bind::<Bool, _>(!agrees(report.result))
                .bind::<Bool, _>(report.seen != Seen::Nothing)
                .bind::<Bool, _>(report.machines_read)
                .bind::<Bool, _>(agrees(report.result))
                .bind::<BigInt, _>(report.generation)
                .bind::<Nullable<Binary>, _>(told(report))
        },
        SQL,
    );
    query.get_result(&mut &*conn).await
}

/// A cycle that changed something and ended well looked again, and found agreement.
fn agrees(result: CycleResult) -> bool {
    matches!(result, CycleResult::Agreed | CycleResult::Changed)
}
