//! Admission: what the guard is asked is counted and reserved in one transaction, one at a time over all daemons, so
//! that no two of them spend the same limit (design, rule 4).

use super::approvals;
use super::error::StoreError;
use super::fixed::fixed;
use super::held;
use super::pool::Store;
use crate::domain::SubscriptionId;
use crate::plan::guard::{Ask, Bundle, Counted, Excess, Scope, Tally, WINDOW, Weight};
use crate::plan::{Class, Limits};
use crate::ports::ledger::Lease;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Double, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::BTreeMap;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

/// Everything managed is counted again after so long: a share of it need not be exact.
const FRESH: Duration = Duration::from_secs(60);

/// Whoever asks the guard waits for whoever asked before. The numbers only keep it apart from other locks.
const LOCK: &str = "SELECT true AS held FROM pg_advisory_xact_lock(6308, 4)";

const HELD: &str = "SELECT true AS held FROM work WHERE subscription_id = $1 AND lease_epoch = $2 \
    AND lease_until > now() FOR SHARE";

/// What an operator released is not counted. A reservation is in force while its lease is the newest, also when that
/// has just run out.
const COUNT: &str = "SELECT class, coalesce(sum(things) FILTER (WHERE own), 0)::bigint AS own_things, \
        coalesce(sum(accounts) FILTER (WHERE own), 0)::bigint AS own_accounts, \
        sum(things)::bigint AS things, sum(accounts)::bigint AS accounts \
    FROM (SELECT class, subscription_id = $1 AS own, (NOT account)::int AS things, account::int AS accounts \
            FROM steps s WHERE class IS NOT NULL AND (outcome IS NULL OR outcome IN ('done', 'in_doubt')) \
            AND intended_at > now() - $2 * interval '1 second' \
            AND NOT EXISTS (SELECT FROM approvals a WHERE a.subscription_id = s.subscription_id \
                AND a.class = s.class AND a.used_at <= s.intended_at AND a.steps @> jsonb_build_array(s.step)) \
        UNION ALL SELECT r.class, false, r.things, r.accounts FROM reservations r JOIN work w USING (subscription_id) \
            WHERE r.subscription_id <> $1 AND w.lease_epoch = r.epoch AND w.lease_owner IS NOT NULL) spent \
    GROUP BY class";

/// What OSA wished away just before the last that it wished away here, done or not: how fast we are must not decide what
/// a flood is. A wish that was withdrawn was never there, and is gone at the moment at which it was removed; keys go with
/// their user, and all with their account.
const WISHED: &str = "WITH own AS ( \
        SELECT removed_at FROM user_groups WHERE subscription_id = $1 AND gone_at IS NULL \
        UNION ALL SELECT removed_at FROM users WHERE subscription_id = $1 AND gone_at IS NULL \
        UNION ALL SELECT removed_at FROM licences WHERE subscription_id = $1 AND gone_at IS NULL), \
    last AS (SELECT max(removed_at) AS at, max(removed_at) - $2 * interval '1 second' AS since FROM own), \
    things AS ( \
        SELECT subscription_id FROM user_groups, last WHERE removed_at > since AND removed_at <= at \
            AND gone_at IS DISTINCT FROM removed_at \
        UNION ALL SELECT subscription_id FROM users, last WHERE removed_at > since AND removed_at <= at \
            AND gone_at IS DISTINCT FROM removed_at \
        UNION ALL SELECT subscription_id FROM licences l, last WHERE removed_at > since AND removed_at <= at \
            AND gone_at IS DISTINCT FROM removed_at \
            AND NOT EXISTS (SELECT FROM users u WHERE u.id = l.user_id AND u.removed_at IS NOT NULL)) \
    SELECT (SELECT count(*) FROM things t JOIN subscriptions s ON s.id = t.subscription_id \
            WHERE s.id <> $1 AND s.removed_at IS NULL) AS things, \
        (SELECT count(*) FROM subscriptions s JOIN subscriptions own ON own.id = $1 \
            WHERE s.removed_at > own.removed_at - $2 * interval '1 second' \
            AND (s.removed_at, s.id) < (own.removed_at, own.id) AND s.gone_at IS DISTINCT FROM s.removed_at) AS accounts";

const MANAGED: &str = "SELECT (SELECT count(*) FROM subscriptions WHERE gone_at IS NULL) AS accounts, \
    (SELECT count(*) FROM users WHERE gone_at IS NULL) + (SELECT count(*) FROM user_groups WHERE gone_at IS NULL) \
        + (SELECT count(*) FROM licences WHERE gone_at IS NULL) AS things";

const RESERVE: &str = "INSERT INTO reservations (subscription_id, class, epoch, things, accounts) \
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT (subscription_id, class) \
    DO UPDATE SET epoch = excluded.epoch, things = excluded.things, accounts = excluded.accounts";

#[derive(QueryableByName)]
struct Held {
    #[diesel(sql_type = Bool)]
    held: bool,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    class: String,
    #[diesel(sql_type = BigInt)]
    own_things: i64,
    #[diesel(sql_type = BigInt)]
    own_accounts: i64,
    #[diesel(sql_type = BigInt)]
    things: i64,
    #[diesel(sql_type = BigInt)]
    accounts: i64,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    things: i64,
    #[diesel(sql_type = BigInt)]
    accounts: i64,
}

impl Number {
    fn weight(&self) -> Weight {
        Weight { things: self.things, accounts: self.accounts }
    }
}

impl Store {
    /// See [`Ledger::admit`](crate::ports::Ledger::admit).
    pub(super) async fn admit_all(
        &self,
        lease: Lease,
        ask: &Ask,
        limits: &Limits,
    ) -> Result<BTreeMap<Class, Excess>, StoreError> {
        self.transact("admit", async |conn| {
            fixed(|sql| sql, LOCK).execute(conn).await?;
            hold(conn, lease).await?;
            let mut counted = count(conn, lease.subscription).await?;
            if ask.bundles.iter().any(|bundle| bundle.class == Class::Delete) {
                count_wished(conn, lease.subscription, &mut counted).await?;
            }
            let mut past = ask.judge(limits, &counted);
            if past.values().any(|excess| excess.scope != Scope::Account) {
                counted.managed = self.managed(conn).await?;
                past = ask.judge(limits, &counted);
            }
            for bundle in &ask.bundles {
                if past.contains_key(&bundle.class)
                    && approvals::take(conn, lease.subscription, bundle).await?
                {
                    past.remove(&bundle.class);
                }
                if !past.contains_key(&bundle.class) {
                    reserve(conn, lease, bundle).await?;
                }
            }
            Ok(past)
        })
        .await
    }

    /// What the guard would count now of a subscription, for looking only.
    pub async fn counted(&self, id: SubscriptionId) -> Result<Counted, StoreError> {
        self.run("counted", async |conn| {
            let mut counted = count(conn, id).await?;
            count_wished(conn, id, &mut counted).await?;
            counted.managed = self.managed(conn).await?;
            counted.approved = approvals::unused(conn, id).await?;
            Ok(counted)
        })
        .await
    }

    async fn managed(&self, conn: &AsyncPgConnection) -> QueryResult<Weight> {
        let known = *self.managed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, managed)) = known.filter(|(at, _)| at.elapsed() < FRESH) {
            return Ok(managed);
        }
        let row: Number = fixed(|sql| sql, MANAGED).get_result(&mut &*conn).await?;
        let managed = row.weight();
        *self.managed.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), managed));
        Ok(managed)
    }
}

async fn hold(conn: &AsyncPgConnection, lease: Lease) -> Result<(), StoreError> {
    let query =
        fixed(|sql| sql.bind::<SqlUuid, _>(lease.subscription.0).bind::<BigInt, _>(lease.epoch), HELD);
    let held: Option<Held> = query.get_result(&mut &*conn).await.optional()?;
    held.filter(|row| row.held).map(drop).ok_or(StoreError::LeaseLost(lease.subscription))
}

async fn count(conn: &AsyncPgConnection, id: SubscriptionId) -> QueryResult<Counted> {
    let query = fixed(|sql| sql.bind::<SqlUuid, _>(id.0).bind::<Double, _>(WINDOW.as_secs_f64()), COUNT);
    let rows: Vec<Row> = query.load(&mut &*conn).await?;
    let tally = |weight: fn(&Row) -> Weight| -> Tally {
        rows.iter().filter_map(|row| Some((Class::parse(&row.class)?, weight(row)))).collect()
    };
    Ok(Counted {
        account: tally(|row| Weight { things: row.own_things, accounts: row.own_accounts }),
        all: tally(|row| Weight { things: row.things, accounts: row.accounts }),
        held: held::kept(conn, id).await?,
        ..Counted::default()
    })
}

/// Counts what was wished away as well: it matters only where something is to be deleted.
async fn count_wished(
    conn: &AsyncPgConnection,
    id: SubscriptionId,
    counted: &mut Counted,
) -> QueryResult<()> {
    let query = fixed(|sql| sql.bind::<SqlUuid, _>(id.0).bind::<Double, _>(WINDOW.as_secs_f64()), WISHED);
    let wished: Number = query.get_result(&mut &*conn).await?;
    counted.all.entry(Class::Delete).or_default().raise(wished.weight());
    Ok(())
}

async fn reserve(conn: &AsyncPgConnection, lease: Lease, bundle: &Bundle) -> QueryResult<()> {
    let query = fixed(
        |sql| {
            sql.bind::<SqlUuid, _>(lease.subscription.0)
                .bind::<Text, _>(bundle.class.as_str())
                .bind::<BigInt, _>(lease.epoch)
                .bind::<BigInt, _>(bundle.weight.things)
                .bind::<BigInt, _>(bundle.weight.accounts)
        },
        RESERVE,
    );
    query.execute(&mut &*conn).await.map(drop)
}
