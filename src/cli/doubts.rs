//! `doubts` and `resolve`: the steps that may or may not have happened, and closing one.

use super::context::{self, Context};
use super::operator::wait_for_fresh;
use super::style::{Style, Tone, print, printable};
use super::table::indented;
use super::{Arguments, Exit, Output, args, who};
use crate::domain::StepId;
use crate::store::{Closed, Doubt};
use anyhow::{Context as _, Result, bail, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

/// Lists the steps that may or may not have happened, and what will decide each.
pub fn doubts(arguments: &Arguments) -> Result<Exit> {
    context::with(&arguments.config, async |context| {
        let doubts = context.store.doubts().await.context("reading the doubts")?;
        let told = |doubt: &Doubt| (why(doubt), decided_by(doubt, &context, Utc::now()));
        print(&match arguments.output {
            Output::Json => {
                format!("{}\n", Value::Array(doubts.iter().map(|one| answer(one, told(one))).collect()))
            }
            Output::Text if doubts.is_empty() => "nothing is in doubt\n".to_owned(),
            Output::Text => doubts.iter().map(|one| text(one, told(one))).collect(),
        })?;
        Ok(Exit::Done)
    })
}

fn answer(doubt: &Doubt, (why, decided): (String, String)) -> Value {
    json!({"step": doubt.id, "kind": doubt.step.action.kind(), "subject": doubt.step.subject.to_string(),
        "aps_id": doubt.subscription, "subscription_id": doubt.number, "since": doubt.since, "why": why,
        "decided_by": decided, "next_due": doubt.next_due})
}

/// One doubt: what it is in a line, below it why and what will decide it.
fn text(doubt: &Doubt, (why, decided): (String, String)) -> String {
    let style = Style::of_stdout();
    let (kind, since) = (doubt.step.action.kind(), time(doubt.since));
    let title = format!("step {}, {kind} of subscription {}, since {since}", doubt.id, doubt.number);
    let title = style.paint(Tone::Bold, &title);
    let part = |name: &str, text: &str| indented(&format!("  {name:<11}"), 13, text, Tone::Plain, style);
    format!("{title}\n{}{}", part("why", &why), part("decided by", &decided))
}

fn time(at: DateTime<Utc>) -> String {
    at.format("%F %T UTC").to_string()
}

fn why(doubt: &Doubt) -> String {
    match doubt.why.as_str() {
        "" => "the daemon stopped while it was in flight".to_owned(),
        why => printable(&without_manuals(why)),
    }
}

/// A library's address of its own manual says nothing of this step.
fn without_manuals(why: &str) -> String {
    let words = why.split(' ').filter(|word| !word.starts_with("https://docs.rs/"));
    words.collect::<Vec<_>>().join(" ").trim_end_matches([' ', ':']).to_owned()
}

/// Whether it shows at Mozy decides; that it does not, only once it cannot land any more.
fn decided_by(doubt: &Doubt, context: &Context, now: DateTime<Utc>) -> String {
    let settle = TimeDelta::from_std(context.config.mozy.settle).unwrap_or(TimeDelta::MAX);
    let settled = doubt.since.checked_add_signed(settle).unwrap_or(DateTime::<Utc>::MAX_UTC);
    match doubt.next_due {
        _ if settled > now => {
            format!("a look at Mozy: done once it shows, not done if not by {}", time(settled))
        }
        Some(due) if due > now => format!("a look at Mozy, due {}", time(due)),
        _ => "a look at Mozy, due now: is a daemon running, and Mozy reachable?".to_owned(),
    }
}

/// Closes a doubt by somebody's word, or has it looked up now.
pub fn resolve(arguments: &Arguments, which: &args::Resolve) -> Result<Exit> {
    let id: i64 = which.step.parse().context("reading STEP: it is a number that `mozyd doubts` lists")?;
    let given = which.reason.as_ref().is_none_or(|reason| !reason.trim().is_empty());
    ensure!(given, "closing a doubt needs a reason: it is all that is left to be read later");
    context::with(&arguments.config, async |context| match (&which.reason, which.done || which.not_done) {
        (Some(reason), true) => close(&context, arguments.output, StepId(id), which.done, reason).await,
        _ => look_up(&context, arguments.output, StepId(id)).await,
    })
}

async fn close(context: &Context, output: Output, id: StepId, done: bool, reason: &str) -> Result<Exit> {
    let closed = context.store.close_doubt(id, done, &who::by(reason)).await.context("closing the doubt")?;
    match closed {
        Closed::NotInDoubt => bail!("step {id} is not in doubt; `mozyd doubts` lists what is"),
        Closed::Busy(of) => {
            bail!(
                "a daemon is at work on subscription {of} now, and may just be deciding it; nothing was done, try again"
            )
        }
        Closed::Done(of) => {
            let word = if done { "done" } else { "not done" };
            let text = format!("step {id} counts as {word}; subscription {of} is looked at now\n");
            say(output, text, json!({"resolved": id, "outcome": word, "aps_id": of}))
        }
    }
}

async fn look_up(context: &Context, output: Output, id: StepId) -> Result<Exit> {
    let find = async || -> Result<Option<Doubt>> {
        let doubts = context.store.doubts().await.context("reading the doubts")?;
        Ok(doubts.into_iter().find(|doubt| doubt.id == id))
    };
    let Some(doubt) = find().await? else { bail!("step {id} is not in doubt; `mozyd doubts` lists what is") };
    wait_for_fresh(context, doubt.subscription, &doubt.number.to_string()).await?;
    match find().await? {
        None => say(output, format!("step {id} is decided\n"), json!({"resolved": id})),
        Some(doubt) => {
            let decided = decided_by(&doubt, context, Utc::now());
            let text = format!("step {id} is still in doubt ({}): {decided}\n", why(&doubt));
            say(output, text, json!({"in_doubt": id, "decided_by": decided})).map(|_| Exit::Difference)
        }
    }
}

fn say(output: Output, text: String, json: Value) -> Result<Exit> {
    print(&match output {
        Output::Text => text,
        Output::Json => format!("{json}\n"),
    })?;
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_names_no_library_manual() {
        let why = "cut off: peer closed connection without sending TLS close_notify: https://docs.rs/rustls/latest/x";
        assert_eq!(without_manuals(why), "cut off: peer closed connection without sending TLS close_notify");
        assert_eq!(without_manuals("as it was"), "as it was");
    }
}
