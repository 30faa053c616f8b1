//! `plan`: what would be done now, and why. Looks at Mozy and writes nothing anywhere.

use super::context::{Context, block_on};
use super::style::{Style, Tone, print, printable};
use super::{Arguments, Exit, Output};
use crate::daemon::{Vendors, limits};
use crate::domain::{Desired, SubscriptionId};
use crate::engine::{self, Rules};
use crate::plan::render::{Renderer, hash};
use crate::plan::{Plan, Step};
use anyhow::{Context as _, Result};
use chrono::Utc;
use serde_json::{Value, json};

/// Plans one subscription, or all.
pub fn plan(arguments: &Arguments, subscription: Option<&str>) -> Result<Exit> {
    let context = Context::load(&arguments.config)?;
    block_on(async {
        let vendors = context.vendors()?;
        let ids = match subscription {
            Some(name) => vec![context.find(name).await?],
            None => context.store.ids().await.context("listing the subscriptions")?,
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
            let answer = if subscription.is_some() { answers.pop().unwrap_or(Value::Null) } else { json!(answers) };
            print(&format!("{answer}\n"))?;
        }
        Ok(exit)
    })
}

async fn look(context: &Context, vendors: &Vendors, id: SubscriptionId) -> Result<Option<(Desired, Plan)>> {
    let settle = context.config.mozy.settle;
    let case = context.store.case(id, settle).await.with_context(|| format!("reading subscription {id}"))?;
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

fn json(desired: &Desired, plan: &Plan) -> Value {
    let renderer = Renderer::new(desired);
    let steps = |steps: &[Step]| -> Vec<Value> {
        let step = |step: &Step| json!({"kind": step.action.kind(), "text": renderer.step(step), "why": step.why.to_string()});
        steps.iter().map(step).collect()
    };
    let refusals = plan.refusals.iter().map(|refusal| {
        json!({"subject": renderer.subject(refusal.subject), "reason": refusal.reason, "message": refusal.message})
    });
    json!({
        "aps_id": desired.subscription.id,
        "subscription_id": desired.subscription.number,
        "agreement": plan.is_agreement(),
        "hash": (!plan.steps.is_empty()).then(|| hash(desired, &plan.steps)),
        "steps": steps(&plan.steps),
        "held": steps(&plan.held),
        "held_hash": (!plan.held.is_empty()).then(|| hash(desired, &plan.held)),
        "refusals": refusals.collect::<Vec<_>>(),
        "waiting": plan.waiting.iter().map(|subject| renderer.subject(*subject)).collect::<Vec<_>>(),
    })
}
