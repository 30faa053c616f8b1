//! A case: everything stored that one cycle needs, as it was at one moment.

use super::clock::Clock;
use super::doc::Doc;
use super::entry;
use super::error::StoreError;
use super::estate::Estate;
use super::pool::Store;
use super::schema::{licences, observations, verdicts, work};
use crate::domain::SubscriptionId;
use crate::domain::observed::Account;
use crate::plan::Owed;
use crate::ports::ledger::{Entry, Lease, Memory};
use crate::ports::{Case, Pause};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use futures_util::try_join;
use std::collections::{BTreeMap, HashMap};
use std::time::Instant;
use uuid::Uuid;

impl Store {
    /// Loads what a cycle begins with. [`StoreError::LeaseLost`] when somebody else holds the subscription, or it is not
    /// there any more.
    pub async fn load_case(&self, lease: Lease, memory: Memory) -> Result<Case, StoreError> {
        let case = self.load_cases(&[lease], memory).await?.pop().flatten();
        case.ok_or(StoreError::LeaseLost(lease.subscription))
    }

    /// The same for several leases, as of one moment and with as many statements as for one; `None` for each that
    /// was lost.
    pub async fn load_cases(
        &self,
        leases: &[Lease],
        memory: Memory,
    ) -> Result<Vec<Option<Case>>, StoreError> {
        let ids: Vec<Uuid> = leases.iter().map(|lease| lease.subscription.0).collect();
        let mut found = self.cases("load_case", &ids, memory).await?;
        let of = |lease: &Lease| {
            let (epoch, case) = found.remove(&lease.subscription.0)?;
            (epoch == Some(lease.epoch)).then_some(case)
        };
        Ok(leases.iter().map(of).collect())
    }

    /// The same without a lease, for looking only: `plan` writes nothing anywhere.
    pub async fn look_at_case(&self, id: SubscriptionId, memory: Memory) -> Result<Option<Case>, StoreError> {
        let mut found = self.cases("look_at_case", &[id.0], memory).await?;
        Ok(found.remove(&id.0).map(|(_, case)| case))
    }

    async fn cases(
        &self,
        operation: &'static str,
        ids: &[Uuid],
        memory: Memory,
    ) -> Result<Cases, StoreError> {
        let (asked, clock) = (Instant::now(), &*self.clock);
        self.view(operation, async |conn| cases(conn, ids, memory, (clock, asked)).await).await
    }
}

/// Cases by subscription, each with the epoch of its newest lease; `None` when it is not in the queue.
type Cases = HashMap<Uuid, (Option<i64>, Case)>;

async fn cases(
    conn: &AsyncPgConnection,
    ids: &[Uuid],
    memory: Memory,
    (clock, asked): (&Clock, Instant),
) -> Result<Cases, StoreError> {
    let reach = |span| span + clock.stepped_within(span);
    let reach = || Memory { settle: reach(memory.settle), flaps: reach(memory.flaps) };
    let reached = reach();
    let (estates, addresses, mut entries, agreed, places, last) = try_join!(
        Estate::read_all(conn, ids),
        addresses(conn, ids),
        entry::mattering(conn, ids, reached),
        agreed(conn, ids),
        places(conn, ids),
        last_of(conn, ids),
    )?;
    if let [estate, ..] = &estates[..] {
        clock.said(estate.now, asked);
    }
    let farther = reach();
    if farther != reached {
        // The step of the clock shows only now.
        entries = entry::mattering(conn, ids, farther).await?;
    }
    let mut known = Known { addresses, entries: HashMap::new(), agreed, places, last };
    for row in entries {
        known.entries.entry(row.subscription_id).or_default().push(row.entry(clock)?);
    }
    Ok(estates.into_iter().map(|estate| (estate.tenant.id, known.case(estate))).collect())
}

/// What is stored of several subscriptions besides what is wanted of them.
struct Known {
    addresses: HashMap<Uuid, String>,
    entries: HashMap<Uuid, Vec<Entry>>,
    agreed: HashMap<Uuid, Generations>,
    places: HashMap<Uuid, Place>,
    last: HashMap<Uuid, Account>,
}

impl Known {
    fn case(&mut self, estate: Estate) -> (Option<i64>, Case) {
        let id = estate.tenant.id;
        let place = self.places.remove(&id);
        let epoch = place.as_ref().map(|place| place.lease_epoch);
        let agreed = self.agreed.remove(&id).unwrap_or_default();
        let (owed, pauses) =
            place.as_ref().map(|place| (place.owed.0.clone(), place.pauses.0.clone())).unwrap_or_default();
        let mut desired = estate.desired();
        for licence in desired.users.iter_mut().flat_map(|user| &mut user.licences) {
            licence.address = self.addresses.remove(&licence.id.0);
        }
        let case = Case {
            desired,
            last: self.last.remove(&id),
            machines_read_at: place.as_ref().and_then(|place| place.machines_read_at),
            owed,
            pauses,
            entries: self.entries.remove(&id).unwrap_or_default(),
            agreed,
            paused: estate.tenant.paused_at.is_some(),
            request: estate.tenant.request_id,
        };
        (epoch, case)
    }
}

/// The addresses that keys were last known under, by licence.
async fn addresses(conn: &AsyncPgConnection, ids: &[Uuid]) -> QueryResult<HashMap<Uuid, String>> {
    let rows = licences::table
        .filter(licences::subscription_id.eq_any(ids))
        .filter(licences::gone_at.is_null())
        .filter(licences::address.is_not_null())
        .select((licences::id, licences::address.assume_not_null()));
    Ok(rows.load::<(Uuid, String)>(&mut &*conn).await?.into_iter().collect())
}

/// What the queue knows of it.
#[derive(Queryable, Selectable)]
#[diesel(table_name = work)]
struct Place {
    subscription_id: Uuid,
    lease_epoch: i64,
    machines_read_at: Option<DateTime<Utc>>,
    owed: Doc<Vec<Owed>>,
    pauses: Doc<Vec<Pause>>,
}

async fn places(conn: &AsyncPgConnection, ids: &[Uuid]) -> QueryResult<HashMap<Uuid, Place>> {
    let rows = work::table.filter(work::subscription_id.eq_any(ids)).select(Place::as_select());
    let rows: Vec<Place> = rows.load(&mut &*conn).await?;
    Ok(rows.into_iter().map(|place| (place.subscription_id, place)).collect())
}

type Generations = BTreeMap<Uuid, i64>;

/// The generations found in agreement.
async fn agreed(conn: &AsyncPgConnection, ids: &[Uuid]) -> QueryResult<HashMap<Uuid, Generations>> {
    let rows = verdicts::table
        .filter(verdicts::subscription_id.eq_any(ids))
        .filter(verdicts::reason.is_null())
        .select((verdicts::subscription_id, verdicts::object_id, verdicts::generation));
    let mut all: HashMap<Uuid, Generations> = HashMap::new();
    for (id, thing, generation) in rows.load::<(Uuid, Uuid, i64)>(&mut &*conn).await? {
        all.entry(id).or_default().insert(thing, generation);
    }
    Ok(all)
}

/// The account as last seen.
pub(super) async fn last(conn: &AsyncPgConnection, id: SubscriptionId) -> QueryResult<Option<Account>> {
    Ok(last_of(conn, &[id.0]).await?.remove(&id.0))
}

async fn last_of(conn: &AsyncPgConnection, ids: &[Uuid]) -> QueryResult<HashMap<Uuid, Account>> {
    let rows = observations::table
        .filter(observations::subscription_id.eq_any(ids))
        .select((observations::subscription_id, observations::account));
    let rows: Vec<(Uuid, Option<Doc<Account>>)> = rows.load(&mut &*conn).await?;
    Ok(rows.into_iter().filter_map(|(id, account)| Some((id, account?.0))).collect())
}
