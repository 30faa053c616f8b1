//! What came of an act: what was planned, what Mozy was told, what OSA bills now.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::cast::Customer;
use super::stage::Stage;
use crate::cli::style::Tone;
use crate::lab::screen::{Speaker, count};
use crate::lab::wait;
use crate::sim::mozy::{CallEntry, Outcome};
use crate::sim::osa::{Counter, Usage};

/// What a cycle that called something may take until its events can be read.
const RECORDED: Duration = Duration::from_secs(2);

/// How things stood when an act began.
pub struct Since {
    at: DateTime<Utc>,
    call: u64,
    bills: Vec<Usage>,
}

impl Since {
    /// Now.
    pub fn now(stage: Stage<'_>, cast: &[Customer]) -> Self {
        let call = stage.lab.mozy().calls().last().map_or(0, |call| call.seq);
        Self { at: Utc::now(), call, bills: bills(stage, cast) }
    }

    /// Shows what happened since.
    pub async fn show(&self, stage: Stage<'_>, cast: &[Customer]) -> Result<()> {
        stage.screen.rest(Speaker::OsaAsks);
        recorded(stage).await;
        for customer in cast {
            for step in self.planned(stage, customer.tenant).await? {
                stage.screen.say(Speaker::Plan, Tone::Plain, &format!("{}: {step}", customer.company));
            }
        }
        stage.screen.rest(Speaker::Plan);
        stage.screen.say(Speaker::Called, Tone::Plain, &called(&stage.lab.mozy().calls_after(self.call)));
        stage.screen.rest(Speaker::Called);
        for ((customer, before), now) in cast.iter().zip(&self.bills).zip(bills(stage, cast)) {
            if *before != now {
                let text = format!("{}: {}", customer.company, in_words(&now));
                stage.screen.say(Speaker::OsaBills, Tone::Plain, &text);
            }
        }
        stage.screen.rest(Speaker::OsaBills);
        Ok(())
    }

    /// The steps of a subscription since then, as mozyd tells its operators.
    async fn planned(&self, stage: Stage<'_>, tenant: Uuid) -> Result<Vec<String>> {
        if tenant.is_nil() {
            return Ok(Vec::new());
        }
        let page = stage.lab.mozyd().get(&format!("/api/v1/subscriptions/{tenant}/events")).await?;
        ensure!(page.status == 200, "GET …/{tenant}/events was answered {}: {}", page.status, page.body);
        let events: Value = serde_json::from_str(&page.body).context("reading the events")?;
        let events = events.as_array().context("the events are not a list")?.iter();
        Ok(events.filter(|event| self.is_step(event)).filter_map(message).collect())
    }

    fn is_step(&self, event: &Value) -> bool {
        let at = event["at"].as_str().and_then(|at| DateTime::parse_from_rfc3339(at).ok());
        ["step", "drift"].contains(&event["kind"].as_str().unwrap_or_default())
            && at.is_some_and(|at| at >= self.at)
    }
}

/// What was called is in the events when the cycle that called it has ended.
async fn recorded(stage: Stage<'_>) {
    let nothing_in_flight =
        async || (stage.lab.mozyd().metric("mozyd_inflight", "").await.ok()? == 0.0).then_some(());
    // A lab with many customers is never quite idle; then a line may be missing.
    let _ = wait::until("the cycles to end", RECORDED, nothing_in_flight).await;
}

fn message(event: &Value) -> Option<String> {
    event["message"].as_str().map(str::to_owned)
}

fn bills(stage: Stage<'_>, cast: &[Customer]) -> Vec<Usage> {
    cast.iter().map(|customer| stage.lab.osa().bill(customer.tenant).usage).collect()
}

/// The writes by operation, those that went wrong named, and how much was read.
fn called(calls: &[CallEntry]) -> String {
    let mut writes: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for call in calls.iter().filter(|call| call.writes) {
        let (all, failed) = writes.entry(&call.operation).or_default();
        *all += 1;
        *failed += usize::from(call.outcome != Outcome::Ok);
    }
    let reads = calls.iter().filter(|call| !call.writes).count();
    let said = writes.into_iter().map(|(operation, (all, failed))| match failed {
        0 => format!("{operation} ×{all}"),
        _ => format!("{operation} ×{all} ({failed} without success)"),
    });
    let said: Vec<String> = said.collect();
    let said = if said.is_empty() { "nothing".to_owned() } else { said.join(", ") };
    format!("{said}; and asked {reads} times")
}

fn in_words(usage: &Usage) -> String {
    let of = |counter: Counter| usage.get(counter.name()).copied();
    let pool = |name: &str, keys, gb| Some(format!("{name} {} of {} GB", count(of(keys)?, "key"), of(gb)?));
    let sync = of(Counter::SyncAvailable).map(|on| if on == 0 { "sync off" } else { "sync on" }.to_owned());
    let all = [
        pool("desktop", Counter::DesktopLicenseNum, Counter::DesktopQuota),
        pool("server", Counter::ServerLicenseNum, Counter::ServerQuota),
        sync,
    ];
    all.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
