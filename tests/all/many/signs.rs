//! What is to be seen of a trouble afterwards: a metric, the ledger or the log tells of it, and the daemons complain of
//! nothing else. Whatever is said at warn or error and does not belong to the trouble fails its cell.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use chrono::{DateTime, Utc};
use mozyd::sim::mozy::FaultKind;
use mozyd::sim::osa::Side;
use serde_json::Value;

use super::end::sql;
use super::trouble::{Scene, Trouble};

/// What is complained of when Mozy does not answer as it should.
const MOZY: &[&str] = &["a cycle failed: mozy", "mozy is down: calls in a row were not answered"];
/// When OSA does not hear that we took what it asked for: it does not know the thing until it asks again.
const UNHEARD: &[&str] = &["push to OSA failed: the controller knows no such resource"];
/// When OSA does not answer as it should.
const OSA: &[&str] = &["push to OSA failed"];
/// Who wakes up may not use its lease any more, and PostgreSQL has ended what it was at.
const LATE: &[&str] =
    &["a cycle failed: mozy cannot be reached", "a cycle failed: the ledger cannot be written"];
/// When PostgreSQL does not answer.
const DATABASE: &[&str] = &[
    "a cycle failed: the ledger cannot be written",
    // What may be called is shared through PostgreSQL, and leases are renewed there.
    "not sent: PostgreSQL, where all daemons share the budget, gave us no part of it",
    "not sent: the lease for it has run out",
    "a refresh of all could not be begun and is tried again: ",
    "could not be put off: ",
    "how far the sweep has come could not be read: ",
    "leases could not be renewed: ",
    "loading the wishes: ",
    "push to OSA failed: the database cannot be used",
    "pushes that are owed could not be read: ",
    "pushes that are owed could not be taken: ",
    "reading the instance's credentials: ",
    "recording what a cycle found: ",
    "subscriptions missing from the queue could not be looked for: ",
    "the database cannot be used; OSA was told to call again: ",
    "the other daemons could not be told how mozy stands: ",
    "the outcome of a push could not be kept: ",
    "what a clock has left in the future could not be looked for: ",
    "what has ended long ago could not be deleted: ",
    "what mozy's silence made fail could not be recalled: ",
    "work cannot be claimed: ",
];

impl Trouble {
    /// What stands in all that a daemon may say at warn or error.
    fn may_say(self) -> Vec<&'static str> {
        use Trouble::*;
        let sets: &[&[&str]] = match self {
            Killed | KilledAfterCommit | KilledBeforeCommit | KilledAfterRenewal | KilledWhileDraining => {
                &[UNHEARD]
            }
            // Who stands still in the middle of a transaction keeps others waiting for what it holds.
            Frozen => &[OSA, LATE, DATABASE],
            Line(..) => &[MOZY],
            Database(..) | Backends | Restarted(_) | Crashed | Stuck(_) => &[UNHEARD, DATABASE],
            Osa(Side::FromApp, _) => &[OSA],
            Osa(Side::ToApp, _) => &[UNHEARD],
            Reconnected | Clock(_) => &[],
        };
        sets.concat()
    }
}

impl Scene<'_> {
    /// Something tells of the trouble, where there is anything to tell.
    pub async fn told(&self, trouble: Trouble) -> Result<()> {
        use FaultKind::{KeyTaken, StaleRead};
        match trouble {
            // Who is killed says nothing, and between two calls there is nothing to be found out either.
            Trouble::Killed | Trouble::KilledAfterRenewal => Ok(()),
            Trouble::KilledAfterCommit | Trouble::KilledBeforeCommit | Trouble::KilledWhileDraining => {
                self.looked_up().await
            }
            // Who wakes up finds its lease lost when it renews it or in the middle of its cycle, if that does not fail.
            Trouble::Frozen => {
                let late = |row: &str| row.contains("lease_lost") || row.contains("result=\"failed\"");
                let lost = self.sum("mozyd_lease_lost_total", |_| true).await?;
                ensure!(lost + self.sum("mozyd_cycles_total", late).await? > 0.0, "no metric tells of it");
                Ok(())
            }
            // An old answer looks like any other, and a key that was another's for a moment like one that never was.
            Trouble::Line(_, StaleRead { .. } | KeyTaken, _) => Ok(()),
            Trouble::Line(operation, kind, _) => {
                let class = format!("result=\"{}\"", class(operation, kind));
                self.counts("mozyd_mozy_requests_total", |row| row.contains(&class)).await
            }
            Trouble::Backends | Trouble::Restarted(_) | Trouble::Crashed | Trouble::Database(..) => {
                self.counts("mozyd_database_errors_total", |_| true).await
            }
            Trouble::Stuck(_) => {
                let all = self.sum("mozyd_database_query_duration_seconds_count", |_| true).await?;
                let quick = |row: &str| row.contains("le=\"1\"");
                let quick = self.sum("mozyd_database_query_duration_seconds_bucket", quick).await?;
                ensure!(all > quick, "no query took longer than a second");
                Ok(())
            }
            // Behind PgBouncer nobody notices, and all work.
            Trouble::Reconnected => {
                for hand in &self.hands {
                    ensure!(hand.sum("mozyd_cycles_total", |_| true).await? > 0.0, "a daemon did nothing");
                }
                let errors = self.sum("mozyd_database_errors_total", |_| true).await?;
                ensure!(errors == 0.0, "{errors} queries failed");
                Ok(())
            }
            Trouble::Osa(Side::FromApp, _) => {
                let failed = |row: &str| row.contains("direction=\"out\"") && !row.contains("result=\"ok\"");
                self.counts("mozyd_osa_requests_total", failed).await
            }
            // We answered, and well; that OSA did not hear it is nothing we could know.
            Trouble::Osa(Side::ToApp, _) => Ok(()),
            Trouble::Clock(seconds) => {
                let stepped = self.hands.iter().map(|hand| Ok(farthest(&hand.log()?) >= seconds.abs() - 60));
                ensure!(stepped.collect::<Result<Vec<_>>>()?.contains(&true), "no log shows the step");
                Ok(())
            }
        }
    }

    /// The daemons said nothing at warn or error that does not belong to the trouble.
    pub fn quiet(&self, trouble: Option<Trouble>) -> Result<()> {
        let may = trouble.map(Trouble::may_say).unwrap_or_default();
        let mut others: BTreeMap<String, (usize, String)> = BTreeMap::new();
        for hand in &self.hands {
            for (message, line) in complaints(&hand.log()?) {
                if !may.iter().any(|words| message.contains(words)) {
                    others.entry(message).or_insert((0, line)).0 += 1;
                }
            }
        }
        let others: Vec<String> =
            others.into_values().map(|(times, line)| format!("  {times} times: {line}")).collect();
        ensure!(others.is_empty(), "daemons complained of something else:\n{}", others.join("\n"));
        Ok(())
    }

    /// A call in whose middle somebody was killed is left alone for three seconds, and then looked up.
    async fn looked_up(&self) -> Result<()> {
        let late = "SELECT kind FROM steps WHERE settled_at > intended_at + interval '3 seconds'";
        ensure!(!sql(&self.url, late).await?.is_empty(), "no step was in doubt");
        Ok(())
    }

    async fn counts(&self, metric: &str, wanted: impl Fn(&str) -> bool) -> Result<()> {
        ensure!(self.sum(metric, wanted).await? > 0.0, "{metric} does not tell of it");
        Ok(())
    }

    /// The sum of a metric over all daemons.
    pub async fn sum(&self, metric: &str, wanted: impl Fn(&str) -> bool) -> Result<f64> {
        let mut sum = 0.0;
        for hand in &self.hands {
            sum += hand.sum(metric, &wanted).await?;
        }
        Ok(sum)
    }
}

/// What the daemons call a call that was struck.
fn class(operation: &str, kind: FaultKind) -> &'static str {
    match kind {
        FaultKind::Status { code: 429 | 503, .. } => "throttled",
        FaultKind::Status { code: 403, .. } => "denied",
        FaultKind::ConnectionRefused | FaultKind::TlsFailure => "unreachable",
        _ if operation == "writes" => "maybe_happened",
        FaultKind::CutBefore => "unreachable",
        _ => "unreadable",
    }
}

/// What a log has at warn and error, and what is no line of a log at all: the message with what follows it, and the
/// whole line.
fn complaints(log: &str) -> impl Iterator<Item = (String, String)> {
    log.lines().filter_map(|line| {
        let read = serde_json::from_str::<Value>(line).unwrap_or_default();
        let text = |field: &str| read[field].as_str();
        match text("level") {
            Some("WARN" | "ERROR") => {
                let words: Vec<&str> = ["message", "error", "why"].into_iter().filter_map(text).collect();
                Some((words.join(": "), line.to_owned()))
            }
            Some(_) => None,
            // The port of one that was run again: see [`super::hand::Hand::run`].
            None if line.ends_with("(os error 98)") => None,
            None => Some((line.to_owned(), line.to_owned())),
        }
    })
}

/// By how many seconds a log's clock ran ahead of or behind itself, from one line to the next, at most.
fn farthest(log: &str) -> i64 {
    let time = |line: &str| -> Option<DateTime<Utc>> {
        serde_json::from_str::<Value>(line).ok()?["timestamp"].as_str()?.parse().ok()
    };
    let times: Vec<_> = log.lines().filter_map(time).collect();
    times.windows(2).map(|pair| (pair[1] - pair[0]).num_seconds().abs()).max().unwrap_or(0)
}

#[test]
fn complaints_and_steps_of_the_clock_are_found() {
    let line = |at: &str, level: &str, words: &str| {
        format!("{{\"level\":\"{level}\",\"timestamp\":\"2026-01-01T{at}Z\",{words}}}\n")
    };
    let log = [
        line("00:00:00", "INFO", "\"message\":\"ready\""),
        line("01:00:00", "WARN", "\"message\":\"a cycle failed\",\"why\":\"mozy is away\""),
        "Error: listening: Address already in use (os error 98)\nthread panicked\n".to_owned(),
    ]
    .concat();
    let said: Vec<String> = complaints(&log).map(|(words, _)| words).collect();
    assert_eq!(said, ["a cycle failed: mozy is away", "thread panicked"]);
    assert_eq!(farthest(&log), 3600);
}
