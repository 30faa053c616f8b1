//! `plan`: what would be done now, and why. Looks at Mozy and writes nothing anywhere.

use super::context::{self, Context};
use super::style::{Style, Tone, print, printable};
use super::{Arguments, Exit, Output};
use crate::daemon::{Vendors, limits};
use crate::domain::{Desired, SubscriptionId};
use crate::engine::{self, Rules};
use crate::plan::Plan;
use crate::plan::render::{Renderer, hash, json};
use anyhow::{Context as _, Result};
use chrono::Utc;
use serde_json::{Value, json};

/// Plans one subscription, or all.
pub fn plan(arguments: &Arguments, subscription: Option<&str>) -> Result<Exit> {
    context::with(&arguments.config, async |context| {
        let vendors = context.vendors()?;
        let ids = match subscription {
            Some(name) => vec![context.find(name).await?],
            None => context.all().await?,
        };
        let (mut exit, mut answers) = (Exit::Done, Vec::new());
        for id in ids {
            let Some((desired, plan)) = look(&context, &vendors, id).await? else { continue };
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
        Ok(exit)
    })
}

async fn look(context: &Context, vendors: &Vendors, id: SubscriptionId) -> Result<Option<(Desired, Plan)>> {
    let settle = context.config.mozy.settle;
    let case =
        context.store.look_at_case(id, settle).await.with_context(|| format!("reading subscription {id}"))?;
    let Some(case) = case else { return Ok(None) };
    let vendor = vendors.of(case.desired.subscription.instance, None).await?;
    let rules = Rules { limits: limits(&context.config), settle, ..Rules::default() };
    let (_, desired, plan) = engine::preview(&case, &vendor, &rules, Utc::now())
        .await
        .with_context(|| format!("looking at subscription {} at Mozy", case.desired.subscription.number))?;
    Ok(Some((desired, plan)))
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
        text.push_str(&format!("  {}\n", printable(line)));
    }
    if !plan.held.is_empty() {
        text.push_str(&format!("  release what is held with: mozyd approve {}\n", hash(desired, &plan.held)));
    }
    if !plan.steps.is_empty() {
        text.push_str(&format!("  plan {}\n", hash(desired, &plan.steps)));
    }
    text
}
