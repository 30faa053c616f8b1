//! `explain`: why a subscription is as it is, in sentences. Reads what is stored and asks neither Mozy nor the daemon, so
//! it answers also when these are the trouble.

mod advice;
mod doing;
mod picture;

use super::context;
use super::style::{Style, Tone, print};
use super::table::indented;
use super::{Arguments, Exit, Output};
use crate::domain::snapshot::Snapshot;
use crate::domain::status::Status;
use crate::domain::{Condition, ConditionType, Reason, SubscriptionId};
use crate::store::Store;
use anyhow::{Context as _, Result, anyhow};
use chrono::{DateTime, Utc};
use serde::Serialize;

/// The whole answer, each part in sentences.
#[derive(Debug, Serialize)]
struct Explanation {
    aps_id: uuid::Uuid,
    subscription_id: i64,
    company: String,
    state: &'static str,
    /// What OSA ordered.
    wanted: Vec<String>,
    /// What Mozy has, as last seen.
    seen: Vec<String>,
    /// What mozyd is doing about the difference.
    doing: Vec<String>,
    /// What stands in the way, worst first.
    blocked: Vec<Obstacle>,
    /// What to do next, and who.
    next: Vec<String>,
}

/// Something that stands in the way.
#[derive(Debug, Serialize)]
struct Obstacle {
    #[serde(rename = "type")]
    kind: ConditionType,
    reason: Reason,
    message: String,
    since: DateTime<Utc>,
}

/// Explains one subscription.
pub fn explain(arguments: &Arguments, name: &str) -> Result<Exit> {
    context::with(&arguments.config, async |context| {
        let id = context.find(name).await?;
        let snapshot = context.snapshot(id).await?;
        let snapshot = snapshot.ok_or_else(|| anyhow!("subscription {name} is not known"))?;
        let around = Around::read(&context.store, id).await?;
        let explanation = Explanation::of(&snapshot, &around, Utc::now());
        print(&match arguments.output {
            Output::Json => format!("{}\n", serde_json::to_string(&explanation)?),
            Output::Text => text(&explanation),
        })?;
        Ok(Exit::of(&Status::from(&snapshot)))
    })
}

/// What is known beside the subscription itself.
#[derive(Debug, Default)]
struct Around {
    /// The steps that the guard holds, in words.
    held: Vec<String>,
    /// The number of the reseller whose customer it is.
    reseller: Option<i64>,
}

impl Around {
    async fn read(store: &Store, id: SubscriptionId) -> Result<Self> {
        let held = store.held(Some(id)).await.context("reading what is held")?;
        let reseller = store.reseller_number(id).await.context("looking for the reseller")?;
        Ok(Self { held: held.into_iter().flat_map(|line| line.texts).collect(), reseller })
    }
}

impl Explanation {
    fn of(snapshot: &Snapshot, around: &Around, now: DateTime<Utc>) -> Self {
        let status = Status::from(snapshot);
        let blocked = obstacles(snapshot);
        Self {
            aps_id: status.aps_id,
            subscription_id: status.subscription_id,
            company: status.account.company.clone(),
            state: if status.gone.is_some() { "gone" } else { status.state.as_str() },
            wanted: picture::wanted(snapshot),
            seen: picture::seen(snapshot, now),
            doing: doing::doing(snapshot, &around.held, now),
            next: advice::next(snapshot, &blocked, around.reseller, now),
            blocked,
        }
    }
}

/// Conditions that are not as they should be; the same cause is told once, as the most telling condition has it.
fn obstacles(snapshot: &Snapshot) -> Vec<Obstacle> {
    let live = snapshot.conditions.iter().filter(|_| snapshot.gone.is_none());
    let mut wrong: Vec<&Condition> = live.filter(|condition| is_wrong(condition)).collect();
    wrong.sort_by_key(|condition| (condition.reason == Reason::AsExpected, condition.kind));
    let mut told: Vec<Obstacle> = Vec::new();
    for Condition { kind, reason, message, since, .. } in wrong {
        let same = |other: &Obstacle| {
            other.message == *message || (*reason != Reason::AsExpected && other.reason == *reason)
        };
        if !told.iter().any(same) {
            told.push(Obstacle { kind: *kind, reason: *reason, message: message.clone(), since: *since });
        }
    }
    told
}

fn is_wrong(condition: &Condition) -> bool {
    !condition.is_well() && !condition.message.is_empty()
}

fn text(explanation: &Explanation) -> String {
    let style = Style::of_stdout();
    let Explanation { subscription_id, company, state, wanted, seen, doing, blocked, next, .. } = explanation;
    let mut text = format!("{}  {state}\n", style.paint(Tone::Bold, &format!("{subscription_id} {company}")));
    let blocked: Vec<String> = blocked.iter().map(Obstacle::sentence).collect();
    let nothing = vec!["Nothing.".to_owned()];
    for (heading, tone, sentences) in [
        ("Wanted", Tone::Plain, wanted),
        ("At Mozy", Tone::Plain, seen),
        ("Being done", Tone::Plain, doing),
        ("In the way", Tone::Warn, if blocked.is_empty() { &nothing } else { &blocked }),
        ("What to do", Tone::Plain, next),
    ] {
        let heading = style.paint(Tone::Faint, &format!("{heading:<11}"));
        let tone = if *sentences == nothing { Tone::Plain } else { tone };
        for (at, sentence) in sentences.iter().enumerate() {
            let lead = if at == 0 { heading.clone() } else { " ".repeat(11) };
            text.push_str(&indented(&lead, 11, sentence, tone, style));
        }
    }
    text
}

impl Obstacle {
    fn sentence(&self) -> String {
        let since = self.since.format("%F %T");
        match self.reason {
            Reason::AsExpected => format!("{} (since {since} UTC).", self.message),
            reason => format!("{reason}: {} (since {since} UTC).", self.message),
        }
    }
}

#[cfg(test)]
mod tests;
