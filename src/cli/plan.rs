//! `plan`: what would be done now, and why. Looks at Mozy, and writes nothing but its share of the budget that all calls
//! come from.

use super::context;
use super::style::{Style, Tone, print, printable};
use super::table::indented;
use super::{Arguments, Exit, Output, report};
use crate::domain::Desired;
use crate::plan::Plan;
use crate::plan::render::{Renderer, hash, json};
use anyhow::{Result, ensure};
use serde_json::{Value, json};

/// Plans one subscription, or all.
pub fn plan(arguments: &Arguments, subscription: Option<&str>) -> Result<Exit> {
    context::with(&arguments.config, async |context| {
        let vendors = context.vendors()?;
        let ids = match subscription {
            Some(name) => vec![context.find(name).await?],
            None => context.all().await?,
        };
        let (mut exit, mut answers, mut unplanned) = (Exit::Done, Vec::new(), 0);
        for id in ids {
            let planned = match context.plan(&vendors, id).await {
                // Of all, one that cannot be read does not hide the others.
                Err(error) if subscription.is_none() => {
                    report(&error);
                    unplanned += 1;
                    continue;
                }
                planned => planned?,
            };
            let Some((desired, plan)) = planned else { continue };
            exit = worse(exit, &plan);
            match arguments.output {
                Output::Text => print(&text(&desired, &plan))?,
                Output::Json => answers.push(json(&desired, &plan)),
            }
        }
        if arguments.output == Output::Json {
            let answer =
                if subscription.is_some() { answers.pop().unwrap_or(Value::Null) } else { json!(answers) };
            print(&format!("{answer}\n"))?;
        }
        ensure!(unplanned == 0, "{unplanned} subscriptions could not be planned; the others are above");
        Ok(exit)
    })
}

fn worse(exit: Exit, plan: &Plan) -> Exit {
    match (exit, plan) {
        (Exit::Held, _) => Exit::Held,
        (_, plan) if !plan.held.is_empty() => Exit::Held,
        (_, plan) if !plan.is_agreement() => Exit::Difference,
        (exit, _) => exit,
    }
}

fn text(desired: &Desired, plan: &Plan) -> String {
    let style = Style::of_stdout();
    let subscription = &desired.subscription;
    let title = format!("{} {}", subscription.number, printable(&subscription.company));
    if plan.is_agreement() {
        return format!("{title}: {}\n", style.paint(Tone::Good, "in agreement"));
    }
    let mut text = format!("{title}: {}\n", style.paint(Tone::Warn, "there is a difference"));
    for line in Renderer::new(desired).plan(plan).lines() {
        text.push_str(&indented("  ", 4, line, Tone::Plain, style));
    }
    if !plan.steps.is_empty() {
        text.push_str(&format!("  do this now: mozyd apply --plan {}\n", hash(desired, &plan.steps)));
    }
    text
}
