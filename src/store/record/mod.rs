//! Recording: what a cycle found is written in one transaction, only what changed, and the lease is given back.

mod agreement;
mod conditions;
mod gone;
mod held;
mod observation;
mod schedule;
mod told;
mod unmanaged;
mod usage;
mod verdicts;

pub use agreement::Agreement;
pub(super) use gone::forget;
pub use schedule::Next;

use super::between;
use super::bindings;
use super::doc::Doc;
use super::error::StoreError;
use super::events;
use super::ledger::hold;
use super::pool::Store;
use super::reseller;
use super::schema::work;
use crate::ports::ledger::Lease;
use crate::ports::{CycleReport, CycleResult};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use futures_util::try_join;
use schedule::Since;

/// What came of recording a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recorded {
    /// Whether the numbers that reach OSA's bill changed.
    pub usage_changed: bool,
    /// Whether it was woken while the cycle ran, so that it is due now whatever the report said.
    pub woken: bool,
    /// Whether the subscription is gone from Mozy, and out of the queue for good.
    pub gone: bool,
}

impl Store {
    /// Records a report and gives the lease back. [`StoreError::LeaseLost`] when it is not the newest: nothing of the
    /// report is kept then.
    pub async fn record(
        &self,
        lease: Lease,
        report: &CycleReport,
        next: Next,
    ) -> Result<Recorded, StoreError> {
        if report.result == CycleResult::LeaseLost {
            return Err(StoreError::LeaseLost(lease.subscription));
        }
        self.transact("record", async |conn| write(conn, lease, report, next).await).await
    }
}

async fn write(
    conn: &AsyncPgConnection,
    lease: Lease,
    report: &CycleReport,
    next: Next,
) -> Result<Recorded, StoreError> {
    let id = lease.subscription;
    let desired = !report.bindings.is_empty() || !report.gone.is_empty();
    let before = observation::stored(conn, id).await?;
    let turned = before.turned(&report.seen);
    let tenant = hold(conn, lease, &report.bindings, desired, turned).await?;
    let (usage, conditions, verdicts, unmanaged, held) = try_join!(
        usage::stored(conn, id),
        conditions::stored(conn, id),
        verdicts::stored(conn, id),
        unmanaged::stored(conn, id),
        held::stored(conn, id),
    )?;
    observation::write(conn, id, &before, &report.seen).await?;
    if turned {
        reseller::wake_reseller(conn, &tenant).await?;
    }
    let usage_changed = usage::write(conn, id, usage, report.usage.as_ref()).await?;
    conditions::write(conn, id, &conditions, &report.findings).await?;
    verdicts::write(conn, id, verdicts, &report.verdicts).await?;
    bindings::learn(conn, &tenant, &report.bindings).await?;
    if let Some(found) = &report.unmanaged {
        unmanaged::write(conn, id, &unmanaged, found).await?;
    }
    if let Some(found) = &report.held {
        held::write(conn, id, &held, found).await?;
    }
    if let Some(pauses) = &report.pauses {
        let row = diesel::update(work::table.find(id.0)).set(work::pauses.eq(Doc(pauses)));
        row.execute(&mut &*conn).await?;
    }
    let happened = report.events.iter().map(|(kind, message)| (*kind, message.as_str()));
    let news = conditions::news(&conditions, &report.findings);
    let happened = happened.chain(news.iter().map(|message| ("condition", message.as_str())));
    events::write(conn, id, happened, tenant.request_id.as_deref()).await?;
    let gone = gone::mark(conn, &tenant, &report.gone).await?;
    let since = if gone { Since::default() } else { schedule::write(conn, lease, report, next).await? };
    if since.overtaken {
        between::wished(conn, id).await?;
    }
    Ok(Recorded { usage_changed, woken: since.woken, gone })
}
