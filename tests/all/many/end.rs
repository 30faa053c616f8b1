//! The end of a play, without ids and keys: how often each thing came and went, what was brought and released, who was
//! mailed, what is said of each subscription. What is there must be what is wanted, and the bill exact.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use mozyd::lab::{Lab, compare, wait};
use tokio_postgres::{NoTls, SimpleQueryMessage};
use uuid::Uuid;

/// What it may take until everything agrees after the last trouble.
const AGREEMENT: Duration = Duration::from_secs(60);
/// So many more looks at everything change nothing.
const LOOKS: usize = 10;
/// What one more look at everything may take.
const LOOK: Duration = Duration::from_secs(40);

const CONDITIONS: &str = "SELECT s.company, c.type, c.status, c.reason FROM conditions c \
    JOIN subscriptions s ON s.id = c.subscription_id WHERE s.gone_at IS NULL";

/// In lines that can be compared. `refresh` asks the daemons for one more look at everything.
pub async fn of(lab: &Lab, instances: &[Uuid], url: &str, refresh: impl Fn()) -> Result<Vec<String>> {
    let bill = async || {
        for instance in instances {
            // A daemon that just comes back is asked again.
            let _failed = lab.osa().collect_usage(*instance).await;
        }
        Ok(())
    };
    compare::agreement(lab.osa(), lab.mozy(), AGREEMENT, bill).await?;
    settled(url).await?;
    let before = lab.mozy().counters().writes;
    for _ in 0..LOOKS {
        look(url, &refresh).await?;
    }
    let writes = lab.mozy().counters().writes - before;
    ensure!(writes == 0, "{writes} calls changed Mozy although everything agreed");
    ensure!(lab.mozy().check().is_empty(), "Mozy is broken: {:?}", lab.mozy().check());
    let mut lines = lab.mozy().history();
    lines.extend(sql(url, CONDITIONS).await?);
    lines.sort();
    Ok(lines)
}

/// Nothing is in doubt, nothing failed waits for its next try.
async fn settled(url: &str) -> Result<()> {
    let open = "SELECT s.company, p.kind, p.outcome FROM steps p JOIN subscriptions s ON s.id = p.subscription_id \
        WHERE p.outcome IS NULL OR p.outcome = 'in_doubt'";
    let mut left = Vec::new();
    let none = wait::until("doubts to be settled", LOOK, async || {
        left = sql(url, open).await.unwrap_or_else(|error| vec![format!("{error:#}")]);
        left.is_empty().then_some(())
    });
    none.await.with_context(|| left.join("; "))
}

/// Every subscription has been looked at with success after this began.
async fn look(url: &str, refresh: impl Fn()) -> Result<()> {
    let now = sql(url, "SELECT clock_timestamp()").await?.remove(0);
    let unseen = format!(
        "SELECT s.company, s.id, w.last_success, w.last_attempt, w.lease_until FROM work w JOIN subscriptions s \
         ON s.id = w.subscription_id WHERE s.gone_at IS NULL AND (w.last_success < '{now}' OR w.last_success IS NULL)"
    );
    refresh();
    let mut left = Vec::new();
    let seen = wait::until("one more look at everything", LOOK, async || {
        left = sql(url, &unseen).await.unwrap_or_else(|error| vec![format!("{error:#}")]);
        left.is_empty().then_some(())
    });
    seen.await.with_context(|| left.join("; "))
}

/// What statements return, row by row, as psql prints it.
pub async fn sql(url: &str, statements: &str) -> Result<Vec<String>> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.context("asking PostgreSQL")?;
    let (rows, _) = tokio::join!(async move { client.simple_query(statements).await }, connection);
    let row = |message: SimpleQueryMessage| match message {
        SimpleQueryMessage::Row(row) => {
            Some((0..row.len()).map(|at| row.get(at).unwrap_or("")).collect::<Vec<_>>().join("|"))
        }
        _ => None,
    };
    Ok(rows?.into_iter().filter_map(row).collect())
}
