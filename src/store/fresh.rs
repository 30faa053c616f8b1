//! Freshness: whether numbers that somebody waits for have been read, and how far a round over all has come.

use super::error::StoreError;
use super::fixed::fixed;
use super::owed::{self, Service};
use super::pool::Store;
use super::things::subscription_of;
use super::wake::{self, is_due_again};
use crate::domain::{SubscriptionId, Thing};
use crate::ports::ledger::Lease;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Double, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use std::time::Duration;

/// The mark of a wish for fresh numbers: a cycle that begins later has a greater epoch, whatever clocks do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct Wanted {
    #[diesel(sql_type = BigInt)]
    epoch: i64,
}

/// What became of a wish for fresh numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Freshness {
    /// They were read after they were wished for.
    Fresh,
    /// A cycle tried after they were wished for, and could not.
    Failed(String),
    /// Nobody has tried to the end yet; with why that may be: what failed the last time, or that a daemon is at it.
    Pending(Option<String>),
}

#[derive(QueryableByName)]
struct Looked {
    #[diesel(sql_type = Bool)]
    fresh: bool,
    #[diesel(sql_type = Bool)]
    tried: bool,
    #[diesel(sql_type = Bool)]
    busy: bool,
    #[diesel(sql_type = Nullable<Text>)]
    failure: Option<String>,
}

/// How far a round over all subscriptions has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct Round {
    /// A cycle has begun to look at each.
    #[diesel(sql_type = Bool)]
    pub tried: bool,
    /// Mozy has answered about at least one, or there is none.
    #[diesel(sql_type = Bool)]
    pub answered: bool,
}

/// What is said of numbers that are just being read.
const BUSY: &str = "a daemon is looking at it just now";

const FRESHNESS: &str = "SELECT w.success_epoch > $2 AS fresh, \
        w.attempt_epoch > $2 AS tried, (w.lease_until > now()) IS TRUE AS busy, c.message AS failure \
    FROM work w LEFT JOIN conditions c ON c.subscription_id = w.subscription_id \
        AND c.type = 'UsageFresh' AND NOT c.status \
    WHERE w.subscription_id = $1";

const REFRESH: &str = "UPDATE work SET refresh_epoch = nextval('lease_epochs') WHERE subscription_id = $1 \
    RETURNING refresh_epoch AS epoch";

/// One that was woken while the cycle ran stays due now: a person's change waits for no failure.
const PUT_OFF: &str = concat!(
    "UPDATE work SET lease_owner = NULL, lease_until = NULL, last_attempt = begun_at, attempt_epoch = lease_epoch, \
        lane = CASE WHEN enqueued_at > begun_at THEN lane ELSE least(lane, 1) END, \
        attempts = CASE WHEN enqueued_at > begun_at THEN 0 ELSE attempts + 1 END, \
        due_at = CASE WHEN enqueued_at > begun_at OR ",
    is_due_again!(),
    " THEN due_at ELSE now() + $3 * interval '1 second' END, \
        enqueued_at = CASE WHEN enqueued_at > begun_at THEN enqueued_at ELSE clock_timestamp() END \
    WHERE subscription_id = $1 AND lease_epoch = $2"
);

/// An attempt in the future was made before a clock was stepped back, nobody knows how long ago.
const ROUND: &str = "SELECT count(*) FILTER (WHERE last_attempt BETWEEN begun AND now()) = count(*) AS tried, \
        count(*) FILTER (WHERE last_success BETWEEN begun AND now()) > 0 OR count(*) = 0 AS answered \
    FROM work, (SELECT now() - $1 * interval '1 second' AS begun) round";

impl Store {
    /// Wants fresh numbers of one subscription, ahead of all sweeps; [`Store::freshness`] tells of the mark whether they
    /// are there. OSA is owed them also if they are as before: whoever asks may see something else on its screens. `None`
    /// when it is not known or gone.
    pub async fn refresh(&self, id: SubscriptionId) -> Result<Option<Wanted>, StoreError> {
        self.transact("refresh", async |conn| {
            let query = fixed(|sql| sql.bind::<SqlUuid, _>(id.0), REFRESH);
            let wanted: Option<Wanted> = query.get_result(conn).await.optional()?;
            if wanted.is_some() {
                wake::wake(conn, id).await?;
                owed::owe(conn, id, Service::Tenant, id.0).await?;
            }
            Ok(wanted)
        })
        .await
    }

    /// Whether numbers wished for with this mark (see [`Store::refresh`]) are there.
    pub async fn freshness(&self, id: SubscriptionId, wanted: Wanted) -> Result<Freshness, StoreError> {
        let query = fixed(|sql| sql.bind::<SqlUuid, _>(id.0).bind::<BigInt, _>(wanted.epoch), FRESHNESS);
        let looked: Option<Looked> =
            self.run("freshness", async |conn| Ok(query.get_result(conn).await.optional()?)).await?;
        Ok(match looked {
            Some(Looked { fresh: true, .. }) => Freshness::Fresh,
            Some(Looked { tried: true, failure: Some(why), .. }) => Freshness::Failed(why),
            Some(Looked { busy: true, failure: None, .. }) => Freshness::Pending(Some(BUSY.into())),
            looked => Freshness::Pending(looked.and_then(|looked| looked.failure)),
        })
    }

    /// Gives a lease back for a cycle that could not report: it is tried again after `delay`.
    pub async fn put_off(&self, lease: Lease, delay: Duration) -> Result<(), StoreError> {
        let query = fixed(
            |sql| {
                sql.bind::<SqlUuid, _>(lease.subscription.0)
                    .bind::<BigInt, _>(lease.epoch)
                    .bind::<Double, _>(delay.as_secs_f64())
            },
            PUT_OFF,
        );
        self.run("put_off", async |conn| Ok(query.execute(conn).await.map(drop)?)).await
    }

    /// How far a round over all subscriptions that began so long ago has come.
    pub async fn round(&self, span: Duration) -> Result<Round, StoreError> {
        let query = fixed(|sql| sql.bind::<Double, _>(span.as_secs_f64()), ROUND);
        self.run("round", async |conn| Ok(query.get_result(conn).await?)).await
    }

    /// The subscription a thing is in, whatever its state.
    pub async fn subscription_of(&self, thing: Thing) -> Result<Option<SubscriptionId>, StoreError> {
        self.run("subscription_of", async |conn| Ok(subscription_of(conn, thing).await?)).await
    }
}
