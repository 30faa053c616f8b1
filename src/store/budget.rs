//! The budget of a Mozy credential over all daemons: how it stands, and which part of it each daemon holds for a few
//! seconds. Whoever changes anything holds the credential's row, so the parts are never more than the whole.

use super::error::StoreError;
use super::fixed::fixed;
use super::pool::Store;
use super::wake::{due_again, locked};
use crate::domain::budget::{LONGEST_PAUSE, Share, Standing};
use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Binary, Bool, Double, Integer, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::time::Duration;
use uuid::Uuid;

/// A credential, by its key's fingerprint.
pub type Credential = [u8; 32];

#[derive(QueryableByName)]
struct BudgetRow {
    #[diesel(sql_type = Double)]
    resumed: f64,
    #[diesel(sql_type = Double)]
    pace: f64,
    #[diesel(sql_type = BigInt)]
    turn: i64,
}

#[derive(QueryableByName)]
struct ShareRow {
    #[diesel(sql_type = SqlUuid)]
    daemon: Uuid,
    #[diesel(sql_type = Double)]
    rate: f64,
    #[diesel(sql_type = Integer)]
    places: i32,
}

#[derive(QueryableByName)]
struct Answered {
    #[diesel(sql_type = Bool)]
    yes: bool,
}

/// Makes the row if need be, locks it, and reads it as it is then. Turns are two seconds long. What a clock that was
/// stepped back has left in the future is no farther than it can ever be; who never had to wait resumed long ago.
const LOCK: &str = "INSERT INTO budgets (credential, resumes_at) VALUES ($1, clock_timestamp() - interval '1 day') \
    ON CONFLICT (credential) DO UPDATE SET \
        resumes_at = least(budgets.resumes_at, clock_timestamp() + $2 * interval '1 second') \
    RETURNING extract(epoch FROM clock_timestamp() - resumes_at)::double precision AS resumed, pace, \
        floor(extract(epoch FROM clock_timestamp()) / 2)::bigint AS turn";

const WRITE: &str = "UPDATE budgets SET pace = $3, \
        resumes_at = clock_timestamp() - $2 * interval '1 second' \
    WHERE credential = $1";

/// No part is held for longer than one that is taken now.
const HELD: &str = "WITH far AS (UPDATE budget_shares SET until = clock_timestamp() + $2 * interval '1 second' \
        WHERE credential = $1 AND until > clock_timestamp() + $2 * interval '1 second') \
    SELECT daemon, rate, places FROM budget_shares \
    WHERE credential = $1 AND until > clock_timestamp() ORDER BY daemon";

/// Parts that have run out go at the same time.
const HOLD: &str = "WITH gone AS (DELETE FROM budget_shares \
        WHERE credential = $1 AND daemon <> $2 AND until <= clock_timestamp()) \
    INSERT INTO budget_shares (credential, daemon, rate, places, until, answered_at) \
    VALUES ($1, $2, $3, $4, clock_timestamp() + $5 * interval '1 second', CASE WHEN $6 THEN clock_timestamp() END) \
    ON CONFLICT (credential, daemon) DO UPDATE \
    SET rate = excluded.rate, places = excluded.places, until = excluded.until, \
        answered_at = coalesce(excluded.answered_at, budget_shares.answered_at)";

/// Whether Mozy answered another daemon within so many seconds.
const ANSWERED: &str = "SELECT EXISTS (SELECT FROM budget_shares WHERE credential = $1 AND daemon <> $2 \
    AND answered_at BETWEEN clock_timestamp() - $3 * interval '1 second' AND clock_timestamp()) AS yes";

const TELL: &str = "SELECT pg_notify('mozyd_budget', '')";

/// Subscriptions that failed because Mozy was down need not wait for their next try; nor those whose try fails just now.
/// Each in its lane: those for whom a person waits first.
const RECALL: &str = concat!(
    "WITH failed AS MATERIALIZED (",
    locked!(
        "w.lane < 2 AND (w.due_at > now() OR w.lease_owner IS NOT NULL) AND EXISTS (SELECT FROM conditions c \
            WHERE c.subscription_id = w.subscription_id AND c.reason = 'VendorUnreachable' AND NOT c.status)"
    ),
    ") UPDATE work SET ",
    due_again!(),
    " FROM failed WHERE work.subscription_id = failed.subscription_id"
);

impl Store {
    /// Takes or keeps this daemon's part of a budget for so long: its fair part, as far as the others have left it.
    /// `busy` calls are under way and keep their places until they are over; `answered`: Mozy answered one since it was
    /// asked for last. Others are told of a newcomer, so that they make room.
    pub async fn share_budget(
        &self,
        credential: Credential,
        daemon: Uuid,
        (whole, busy, answered): (Share, u32, bool),
        lease: Duration,
    ) -> Result<(Share, Standing), StoreError> {
        let shared = self.transact("share_budget", async move |conn| -> Result<_, StoreError> {
            let (standing, turn) = lock(conn, credential).await?;
            let held = fixed(
                |sql| sql.bind::<Binary, _>(credential.to_vec()).bind::<Double, _>(lease.as_secs_f64()),
                HELD,
            );
            let held: Vec<ShareRow> = held.load(&mut &*conn).await?;
            let (others, newcomer) = (others(&held, daemon), held.iter().all(|row| row.daemon != daemon));
            let nth = held.iter().filter(|row| row.daemon < daemon).count();
            let left = whole.without(&others);
            let share = whole.part(nth, others.len() + 1, turn).at_most(left);
            let held = Share { places: share.places.max(busy).min(left.places), ..share };
            hold(conn, (credential, daemon), (held, answered), lease).await?;
            if newcomer && !others.is_empty() {
                fixed(|sql| sql, TELL).execute(&mut &*conn).await?;
            }
            Ok((share, standing))
        });
        shared.await
    }

    /// Gives this daemon's parts of all budgets back to the others.
    pub async fn leave_budgets(&self, daemon: Uuid, credentials: &[Credential]) -> Result<(), StoreError> {
        const SQL: &str = "DELETE FROM budget_shares WHERE daemon = $1 AND credential = ANY($2)";
        let credentials: Vec<Vec<u8>> = credentials.iter().map(|one| one.to_vec()).collect();
        let query = fixed(|sql| sql.bind::<SqlUuid, _>(daemon).bind::<Array<Binary>, _>(credentials), SQL);
        self.run("leave_budgets", async |conn| Ok(query.execute(conn).await.map(drop)?)).await
    }

    /// Changes how a credential stands, and tells the others. Returns how it stands then.
    pub async fn change_budget(
        &self,
        credential: Credential,
        change: impl FnOnce(Standing) -> Standing + Send,
    ) -> Result<Standing, StoreError> {
        let changed = self.transact("change_budget", async move |conn| -> Result<_, StoreError> {
            let (before, _) = lock(conn, credential).await?;
            let after = change(before);
            if after != before {
                write(conn, credential, after).await?;
                fixed(|sql| sql, TELL).execute(&mut &*conn).await?;
            }
            Ok(after)
        });
        changed.await
    }

    /// Whether Mozy answered another daemon within `span`, with the same credential.
    pub async fn others_answered(
        &self,
        credential: Credential,
        daemon: Uuid,
        span: Duration,
    ) -> Result<bool, StoreError> {
        let query = fixed(
            |sql| {
                sql.bind::<Binary, _>(credential.to_vec())
                    .bind::<SqlUuid, _>(daemon)
                    .bind::<Double, _>(span.as_secs_f64())
            },
            ANSWERED,
        );
        let answered: Answered =
            self.run("others_answered", async |conn| Ok(query.get_result(conn).await?)).await?;
        Ok(answered.yes)
    }

    /// Has everything that Mozy's silence made fail tried again now: Mozy answers again.
    pub async fn recall(&self) -> Result<(), StoreError> {
        const WAKE: &str = "SELECT pg_notify('mozyd_work', '')";
        self.run("recall", async |conn| {
            fixed(|sql| sql, RECALL).execute(&mut *conn).await?;
            fixed(|sql| sql, WAKE).execute(conn).await?;
            Ok(())
        })
        .await
    }
}

fn others(held: &[ShareRow], daemon: Uuid) -> Vec<Share> {
    let others = held.iter().filter(|row| row.daemon != daemon);
    others.map(|row| Share { rate: row.rate, places: u32::try_from(row.places).unwrap_or(0) }).collect()
}

async fn lock(conn: &AsyncPgConnection, credential: Credential) -> Result<(Standing, u64), StoreError> {
    let query = fixed(
        |sql| sql.bind::<Binary, _>(credential.to_vec()).bind::<Double, _>(LONGEST_PAUSE.as_secs_f64()),
        LOCK,
    );
    let row: BudgetRow = query.get_result(&mut &*conn).await?;
    let BudgetRow { resumed, pace, turn } = row;
    Ok((Standing { resumed, pace }, turn.unsigned_abs()))
}

async fn write(conn: &AsyncPgConnection, credential: Credential, now: Standing) -> Result<(), StoreError> {
    let Standing { resumed, pace } = now;
    let query = fixed(
        |sql| sql.bind::<Binary, _>(credential.to_vec()).bind::<Double, _>(resumed).bind::<Double, _>(pace),
        WRITE,
    );
    Ok(query.execute(&mut &*conn).await.map(drop)?)
}

async fn hold(
    conn: &AsyncPgConnection,
    (credential, daemon): (Credential, Uuid),
    (share, answered): (Share, bool),
    lease: Duration,
) -> Result<(), StoreError> {
    let query = fixed(
        |sql| {
            sql.bind::<Binary, _>(credential.to_vec())
                .bind::<SqlUuid, _>(daemon)
                .bind::<Double, _>(share.rate)
                .bind::<Integer, _>(i32::try_from(share.places).unwrap_or(i32::MAX))
                .bind::<Double, _>(lease.as_secs_f64())
                .bind::<Bool, _>(answered)
        },
        HOLD,
    );
    Ok(query.execute(&mut &*conn).await.map(drop)?)
}
