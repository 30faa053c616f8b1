//! `status`: how all subscriptions are, or everything about one.

mod text;

use super::context::{self, Context};
use super::style::{Tone, print};
use super::table::Table;
use super::{Arguments, Exit, Output};
use crate::domain::status::{State, Status};
use crate::domain::{Condition, ConditionType, Reason};
use anyhow::{Result, anyhow};
use chrono::{DateTime, Utc};

/// Shows one subscription, or all.
pub fn status(arguments: &Arguments, subscription: Option<&str>) -> Result<Exit> {
    context::with(&arguments.config, async |context| match subscription {
        Some(name) => one(&context, arguments.output, name).await,
        None => all(&context, arguments.output).await,
    })
}

async fn one(context: &Context, output: Output, name: &str) -> Result<Exit> {
    let id = context.find(name).await?;
    let snapshot = context.snapshot(id).await?;
    let status = Status::from(&snapshot.ok_or_else(|| anyhow!("subscription {name} is not known"))?);
    print(&match output {
        Output::Json => format!("{}\n", serde_json::to_string(&status)?),
        Output::Text => text::text(&status),
    })?;
    Ok(Exit::of(&status))
}

async fn all(context: &Context, output: Output) -> Result<Exit> {
    let (mut statuses, mut overdue) = (Vec::new(), None);
    for id in context.all().await? {
        if let Some(snapshot) = context.snapshot(id).await? {
            let due = snapshot.next_due.filter(|_| snapshot.is_overdue(Utc::now()));
            overdue = overdue.into_iter().chain(due).min();
            statuses.push(Status::from(&snapshot));
        }
    }
    statuses.sort_by_key(|status| (urgency(status), status.subscription_id));
    print(&match output {
        Output::Json => format!("{}\n", serde_json::to_string(&statuses)?),
        Output::Text => list(&statuses) + &late(overdue),
    })?;
    let held = statuses.iter().any(|status| Exit::of(status) == Exit::Held);
    let same = statuses.iter().all(|status| Exit::of(status) == Exit::Done);
    Ok(if held {
        Exit::Held
    } else if same {
        Exit::Done
    } else {
        Exit::Difference
    })
}

/// What somebody must act on stands first, what is as bought last.
fn urgency(status: &Status) -> u8 {
    match (Exit::of(status), status.state) {
        (Exit::Held, _) | (_, State::Blocked) => 0,
        (Exit::Done, _) if problem(&status.conditions).is_none() => 2,
        _ => 1,
    }
}

/// That nobody looks, when nobody does.
fn late(overdue: Option<DateTime<Utc>>) -> String {
    let Some(due) = overdue else { return String::new() };
    let due = due.format("%F %T");
    format!(
        "\nA look was due at {due} UTC and nobody has looked.\nIs mozyd running? systemctl status mozyd\n"
    )
}

/// The state in one word, and how bad it is.
fn word(status: &Status) -> (&'static str, Tone) {
    match (status.gone, status.state) {
        (Some(_), _) => ("gone", Tone::Faint),
        (None, state @ State::Ready) => (state.as_str(), Tone::Good),
        (None, state @ State::Blocked) => (state.as_str(), Tone::Bad),
        (None, state) => (state.as_str(), Tone::Warn),
    }
}

fn list(statuses: &[Status]) -> String {
    if statuses.is_empty() {
        return "no subscriptions\n".into();
    }
    let mut table = Table::new(&["NUMBER", "COMPANY", "MODEL", "STATE", "USERS", "REASON"]);
    for status in statuses {
        let (word, tone) = word(status);
        table.row([
            (Tone::Plain, status.subscription_id.to_string()),
            (Tone::Plain, status.account.company.clone()),
            (Tone::Plain, status.model.into()),
            (tone, word.into()),
            (Tone::Plain, status.users.len().to_string()),
            (Tone::Plain, problem(&status.conditions).unwrap_or_default().into()),
        ]);
    }
    table.render() + &hint(statuses)
}

/// Where to go on, when not all is well.
fn hint(statuses: &[Status]) -> String {
    let odd = statuses.iter().filter(|status| Exit::of(status) != Exit::Done);
    let Some(first) = odd.clone().next() else { return String::new() };
    let (number, all) = (odd.count(), statuses.len());
    format!("\n{number} of {all} are not as bought; ask why: mozyd explain {}\n", first.subscription_id)
}

/// What somebody should look at first: a reason, or what holds although it is as expected.
fn problem(conditions: &[Condition]) -> Option<&'static str> {
    let said = conditions.iter().filter(|condition| !condition.message.is_empty());
    let worst = said.max_by_key(|condition| {
        let needs = condition.reason != Reason::AsExpected;
        (needs, needs && condition.kind == ConditionType::InSync, condition.kind)
    })?;
    Some(if worst.reason == Reason::AsExpected { worst.kind.as_str() } else { worst.reason.as_str() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_that_nobody_works_off_is_said_in_80_columns() {
        assert_eq!(late(None), "");
        let text = late(Some(DateTime::UNIX_EPOCH));
        assert!(
            text.contains("1970-01-01 00:00:00 UTC") && text.contains("systemctl status mozyd"),
            "{text}"
        );
        assert!(text.lines().all(|line| line.len() <= 80), "{text}");
    }
}
