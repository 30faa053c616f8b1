//! `status`: how all subscriptions are, or everything about one.

use super::context::{self, Context};
use super::style::{Style, Tone, print, printable};
use super::table::Table;
use super::{Arguments, Exit, Output};
use crate::domain::status::{PoolStatus, State, Status};
use crate::domain::{Condition, ConditionType};
use anyhow::{Context as _, Result, anyhow};
use std::fmt::Write as _;

/// Shows one subscription, or all.
pub fn status(arguments: &Arguments, subscription: Option<&str>) -> Result<Exit> {
    context::with(&arguments.config, async |context| match subscription {
        Some(name) => one(&context, arguments.output, name).await,
        None => all(&context, arguments.output).await,
    })
}

async fn one(context: &Context, output: Output, name: &str) -> Result<Exit> {
    let id = context.find(name).await?;
    let snapshot =
        context.store.snapshot(id).await.with_context(|| format!("reading subscription {name}"))?;
    let status = Status::from(&snapshot.ok_or_else(|| anyhow!("subscription {name} is not known"))?);
    print(&match output {
        Output::Json => format!("{}\n", serde_json::to_string(&status)?),
        Output::Text => text(&status),
    })?;
    Ok(exit(&status.conditions))
}

async fn all(context: &Context, output: Output) -> Result<Exit> {
    let mut statuses = Vec::new();
    for id in context.all().await? {
        if let Some(snapshot) = context.store.snapshot(id).await.context("reading a subscription")? {
            statuses.push(Status::from(&snapshot));
        }
    }
    print(&match output {
        Output::Json => format!("{}\n", serde_json::to_string(&statuses)?),
        Output::Text => list(&statuses),
    })?;
    let held = statuses.iter().any(|status| exit(&status.conditions) == Exit::Held);
    let same = statuses.iter().all(|status| exit(&status.conditions) == Exit::Done);
    Ok(if held {
        Exit::Held
    } else if same {
        Exit::Done
    } else {
        Exit::Difference
    })
}

fn exit(conditions: &[Condition]) -> Exit {
    let holds = |kind| conditions.iter().any(|condition| condition.kind == kind && condition.status);
    if holds(ConditionType::Held) {
        Exit::Held
    } else if holds(ConditionType::InSync) {
        Exit::Done
    } else {
        Exit::Difference
    }
}

fn tone(state: State) -> Tone {
    match state {
        State::Ready => Tone::Good,
        State::Blocked => Tone::Bad,
        State::Provisioning | State::Removing | State::Suspended | State::Paused => Tone::Warn,
    }
}

fn list(statuses: &[Status]) -> String {
    if statuses.is_empty() {
        return "no subscriptions\n".into();
    }
    let mut table = Table::new(&["NUMBER", "COMPANY", "MODEL", "STATE", "USERS", "REASON"]);
    for status in statuses {
        let problem = problem(&status.conditions).map_or(String::new(), |c| c.reason.to_string());
        table.row([
            (Tone::Plain, status.subscription_id.to_string()),
            (Tone::Plain, printable(&status.account.company)),
            (Tone::Plain, status.model.into()),
            (tone(status.state), status.state.as_str().into()),
            (Tone::Plain, status.users.len().to_string()),
            (Tone::Plain, problem),
        ]);
    }
    table.render()
}

/// The condition that somebody should look at first.
fn problem(conditions: &[Condition]) -> Option<&Condition> {
    conditions.iter().filter(|condition| !condition.message.is_empty()).max_by_key(|condition| {
        (condition.reason != crate::domain::Reason::AsExpected, condition.kind == ConditionType::InSync)
    })
}

fn text(status: &Status) -> String {
    let style = Style::of_stdout();
    let mut text = String::new();
    let title = format!("{} {}", status.subscription_id, printable(&status.account.company));
    let state = style.paint(tone(status.state), status.state.as_str());
    let _ = writeln!(text, "{}  {state}  ({})", style.paint(Tone::Bold, &title), status.model);
    let _ = writeln!(text, "  aps id     {}", status.aps_id);
    let _ = writeln!(text, "  admin      {}", printable(&status.account.admin_email));
    let id = |id: Option<i64>| id.map_or_else(|| "none yet".to_owned(), |id| id.to_string());
    let _ = writeln!(
        text,
        "  partner    {}, group {}",
        id(status.account.partner_id),
        id(status.account.user_group_id)
    );
    let _ = writeln!(
        text,
        "  wish       {}, seen in agreement {}",
        status.generation, status.observed_generation
    );
    for condition in status.conditions.iter().filter(|condition| !condition.message.is_empty()) {
        let line = format!("{} {}: {}", condition.kind, condition.reason, printable(&condition.message));
        let _ = writeln!(text, "  {}", style.paint(Tone::Warn, &line));
    }
    text.push_str(&pool("desktop", &status.resources.desktop));
    text.push_str(&pool("server", &status.resources.server));
    let sync = &status.resources.sync;
    let on = match (sync.available, sync.enabled) {
        (false, _) => "not bought",
        (true, true) => "on",
        (true, false) => "off",
    };
    let default = sync.default_quota_gb.map_or_else(|| "Mozy's".to_owned(), |quota| format!("{quota} GB"));
    let _ = writeln!(text, "  sync       {on}, default {default}");
    for group in &status.groups {
        let _ = writeln!(text, "  group      {} ({})", printable(&group.name), id(group.mozy_group_id));
    }
    for user in &status.users {
        let sync = if user.sync { ", sync" } else { "" };
        let _ = writeln!(text, "  user       {} {}{sync}", printable(&user.login), user.status);
        for licence in &user.licenses {
            let key = licence.keystring.as_deref().unwrap_or("no key yet");
            let used = if licence.activated { ", activated" } else { "" };
            let _ = writeln!(text, "    {:<8} {} GB  {key}{used}", licence.kind.as_str(), licence.quota_gb);
        }
    }
    text
}

fn pool(name: &str, pool: &PoolStatus) -> String {
    let bought =
        |bought: Option<i64>| bought.map_or_else(|| "unlimited".to_owned(), |limit| limit.to_string());
    let (licences, quota) = (&pool.licenses, &pool.quota_gb);
    format!(
        "  {name:<10} {} of {} licences assigned, {} activated; {} of {} GB assigned, {} used\n",
        licences.assigned,
        bought(licences.bought),
        licences.activated,
        quota.assigned,
        bought(quota.bought),
        quota.used
    )
}
