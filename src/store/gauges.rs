//! Gauges: what is counted over all subscriptions, for the metrics.

use super::error::StoreError;
use super::fixed::fixed;
use super::pool::Store;
use super::queue::Lane;
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Double, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use futures_util::try_join;
use std::time::Duration;

/// Counts over all subscriptions that are not gone.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Gauges {
    /// Subscriptions of each state (interface.md, Verbs).
    pub states: Vec<(String, i64)>,
    /// Conditions of each type and reason.
    pub conditions: Vec<(String, String, i64)>,
    /// For each reason the age, in seconds, of the oldest disagreement; what is paused, by whatever, is left out.
    pub disagreements: Vec<(String, i64)>,
    /// Subscriptions due now, by lane.
    pub due: Vec<(Lane, i64)>,
    /// Held plans of each class.
    pub held: Vec<(String, i64)>,
    /// Unmanaged things of each kind.
    pub unmanaged: Vec<(String, i64)>,
    /// How old the oldest numbers are; those never read count from the order.
    pub usage_age_max: Duration,
    /// Steps that may have happened.
    pub doubts: i64,
    /// Pushes owed to OSA.
    pub pushes_owed: i64,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    also: String,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[derive(QueryableByName)]
struct Seconds {
    #[diesel(sql_type = Double)]
    seconds: f64,
}

const STATES: &str = "SELECT state AS name, '' AS also, count(*) AS count FROM states GROUP BY state";
const CONDITIONS: &str = "SELECT type AS name, reason AS also, count(*) AS count \
    FROM conditions c JOIN subscriptions s ON s.id = c.subscription_id \
    WHERE s.gone_at IS NULL GROUP BY type, reason";
const DISAGREEMENTS: &str = "SELECT reason AS name, '' AS also, extract(epoch FROM now() - min(since))::bigint AS count \
    FROM conditions c JOIN subscriptions s ON s.id = c.subscription_id \
    WHERE s.gone_at IS NULL AND type = 'InSync' AND NOT status AND NOT EXISTS (SELECT FROM conditions p \
        WHERE p.subscription_id = s.id AND p.type = 'Paused' AND p.status) GROUP BY reason";
const DUE: &str =
    "SELECT lane::text AS name, '' AS also, count(*) AS count FROM work WHERE due_at <= now() GROUP BY lane";
const UNMANAGED: &str = "SELECT kind AS name, '' AS also, count(*) AS count \
    FROM unmanaged u JOIN subscriptions s ON s.id = u.subscription_id WHERE s.gone_at IS NULL GROUP BY kind";
const HELD: &str = "SELECT class AS name, '' AS also, count(*) AS count \
    FROM held h JOIN subscriptions s ON s.id = h.subscription_id WHERE s.gone_at IS NULL GROUP BY class";
const DOUBTS: &str = concat!("SELECT '' AS name, '' AS also, count(*) AS count ", in_doubt!());
const OWED: &str = "SELECT '' AS name, '' AS also, count(*) AS count FROM pushes";
const AGE: &str = "SELECT coalesce(extract(epoch FROM now() - min(coalesce(w.last_success, s.created_at))), 0) \
        ::double precision AS seconds \
    FROM subscriptions s LEFT JOIN work w ON w.subscription_id = s.id WHERE s.gone_at IS NULL";

impl Store {
    /// Counts everything once.
    pub async fn gauges(&self) -> Result<Gauges, StoreError> {
        self.run("gauges", async |conn| Ok(gauges(conn).await?)).await
    }
}

async fn gauges(conn: &AsyncPgConnection) -> Result<Gauges, diesel::result::Error> {
    let (states, conditions, disagreements, due, held, unmanaged, doubts, owed, age) = try_join!(
        counts(conn, STATES),
        counts(conn, CONDITIONS),
        counts(conn, DISAGREEMENTS),
        counts(conn, DUE),
        counts(conn, HELD),
        counts(conn, UNMANAGED),
        counts(conn, DOUBTS),
        counts(conn, OWED),
        async { fixed(|sql| sql, AGE).get_result::<Seconds>(&mut &*conn).await },
    )?;
    let total = |rows: &[Count]| rows.iter().map(|row| row.count).sum();
    let lane = |row: &Count| row.name.parse().map_or(Lane::Sweep, Lane::from_number);
    Ok(Gauges {
        doubts: total(&doubts),
        pushes_owed: total(&owed),
        due: due.iter().map(|row| (lane(row), row.count)).collect(),
        disagreements: disagreements.into_iter().map(|row| (row.name, row.count)).collect(),
        held: held.into_iter().map(|row| (row.name, row.count)).collect(),
        states: states.into_iter().map(|row| (row.name, row.count)).collect(),
        conditions: conditions.into_iter().map(|row| (row.name, row.also, row.count)).collect(),
        unmanaged: unmanaged.into_iter().map(|row| (row.name, row.count)).collect(),
        usage_age_max: Duration::try_from_secs_f64(age.seconds.max(0.0)).unwrap_or_default(),
    })
}

async fn counts(conn: &AsyncPgConnection, sql: &'static str) -> diesel::QueryResult<Vec<Count>> {
    fixed(|query| query, sql).load(&mut &*conn).await
}
