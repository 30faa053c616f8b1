//! Cycles that found what the last one found: the bookkeeping of many is one statement, and nothing else is read or
//! written (design, rule 14).

use super::schedule::{FARTHEST, Next};
use super::told::told;
use crate::domain::SubscriptionId;
use crate::ports::CycleReport;
use crate::ports::CycleResult;
use crate::ports::ledger::Lease;
use crate::store::error::StoreError;
use crate::store::fixed::fixed;
use crate::store::pool::Store;
use crate::store::queue::Lane;
use crate::store::wake::is_due_again;
use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Binary, Bool, Double, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use std::time::Duration;
use uuid::Uuid;

/// A cycle that found agreement and made no call. Whether all that it says is stored already, PostgreSQL decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    lease: Lease,
    told: Vec<u8>,
    due_in: Duration,
    machines_read: bool,
    generation: i64,
}

impl Agreement {
    /// A report as an agreement; `None` when there is more to it, and it must be recorded whole.
    pub fn of(lease: Lease, report: &CycleReport, next: Next) -> Option<Self> {
        let more = report.bindings.is_empty() && report.gone.is_empty() && report.events.is_empty();
        let more = more && report.pauses.is_none();
        if report.result != CycleResult::Agreed || !more || next.lane != Lane::Sweep {
            return None;
        }
        let (machines_read, generation) = (report.machines_read, report.generation);
        Some(Self { lease, told: told(report)?, due_in: next.due_in, machines_read, generation })
    }

    /// One that says nothing.
    #[cfg(test)]
    pub(crate) fn empty(lease: Lease) -> Self {
        Self { lease, told: Vec::new(), due_in: Duration::ZERO, machines_read: false, generation: 0 }
    }

    /// The same said once more, under another lease.
    pub fn again(&self, lease: Lease, due_in: Duration) -> Self {
        Self { lease, due_in, ..self.clone() }
    }

    /// Under which lease it was said.
    pub fn lease(&self) -> Lease {
        self.lease
    }
}

#[derive(QueryableByName)]
struct Kept {
    #[diesel(sql_type = SqlUuid)]
    subscription_id: Uuid,
}

/// One that somebody has locked is left out rather than waited for: nobody waits while holding another's lock.
const SQL: &str = concat!(
    "WITH said AS (SELECT * FROM unnest($1, $2, $3, $4, $5, $6) \
            AS said (id, epoch, told, due_in, machines_read, generation)), \
        held AS MATERIALIZED (SELECT w.subscription_id, w.enqueued_at > w.begun_at IS TRUE AS woken, s.* \
            FROM said s JOIN work w ON w.subscription_id = s.id AND w.lease_epoch = s.epoch AND w.told = s.told \
            FOR UPDATE OF w SKIP LOCKED) \
    UPDATE work SET lease_owner = NULL, lease_until = NULL, attempts = 0, \
        due_at = CASE WHEN woken OR ",
    is_due_again!(),
    " THEN due_at ELSE now() + due_in * interval '1 second' END, \
        lane = CASE WHEN woken THEN lane ELSE 2 END, \
        enqueued_at = CASE WHEN woken THEN enqueued_at ELSE clock_timestamp() END, \
        last_attempt = begun_at, last_success = begun_at, \
        attempt_epoch = lease_epoch, success_epoch = lease_epoch, observed_generation = held.generation, \
        machines_read_at = CASE WHEN machines_read THEN begun_at ELSE machines_read_at END \
    FROM held WHERE work.subscription_id = held.subscription_id RETURNING work.subscription_id"
);

impl Store {
    /// Keeps those agreements that say what is stored already, gives their leases back, and tells which they were.
    /// The others must be recorded whole: they say something new, or their lease is not the newest.
    pub async fn keep(&self, all: &[Agreement]) -> Result<Vec<SubscriptionId>, StoreError> {
        let ids: Vec<Uuid> = all.iter().map(|one| one.lease.subscription.0).collect();
        let epochs: Vec<i64> = all.iter().map(|one| one.lease.epoch).collect();
        let told: Vec<&[u8]> = all.iter().map(|one| one.told.as_slice()).collect();
        let due_in: Vec<f64> = all.iter().map(|one| one.due_in.as_secs_f64().min(FARTHEST)).collect();
        let machines_read: Vec<bool> = all.iter().map(|one| one.machines_read).collect();
        let generations: Vec<i64> = all.iter().map(|one| one.generation).collect();
        let query = fixed(
            |sql| {
                sql.bind::<Array<SqlUuid>, _>(ids)
                    .bind::<Array<BigInt>, _>(epochs)
                    .bind::<Array<Binary>, _>(told)
                    .bind::<Array<Double>, _>(due_in)
                    .bind::<Array<Bool>, _>(machines_read)
                    .bind::<Array<BigInt>, _>(generations)
            },
            SQL,
        );
        let kept = self.run("keep", async |conn| Ok(query.load::<Kept>(conn).await?)).await?;
        Ok(kept.into_iter().map(|row| SubscriptionId(row.subscription_id)).collect())
    }
}
