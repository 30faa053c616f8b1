//! `apply`: does exactly what `plan` printed, if it is still the plan.

use super::context::{self, Context};
use super::style::{print, printable};
use super::{Arguments, Exit, Output};
use crate::daemon::ByHand;
use crate::ports::report::StepReport;
use crate::ports::{CycleReport, CycleResult};
use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use std::sync::Arc;

/// Does the plan of this hash under a lease of its own.
pub fn apply(arguments: &Arguments, hash: &str) -> Result<Exit> {
    context::with(&arguments.config, async |context| {
        if is_held(&context, hash).await? {
            let text = format!("plan {hash} is held by the guard: release it with `mozyd approve {hash}`\n");
            return say(arguments.output, text, json!({"held": hash})).map(|()| Exit::Held);
        }
        let owners = context.store.marked(hash).await.context("looking for the plan")?;
        let by_hand = ByHand::new(Arc::clone(&context.config), context.store.clone())?;
        for id in owners {
            let report = by_hand.apply(id, hash).await?;
            if !report.steps.is_empty() {
                say(arguments.output, text(&report), answer(hash, &report))?;
                return Ok(exit(&report));
            }
        }
        bail!(
            "plan {hash} is not the plan any more, and nothing was done: the wishes or Mozy have changed since, or a \
               daemon has done it; `mozyd plan` shows what is to be done now"
        )
    })
}

async fn is_held(context: &Context, hash: &str) -> Result<bool> {
    let held = context.store.held(None).await.context("reading what is held")?;
    Ok(held.iter().any(|line| line.hash == hash))
}

fn exit(report: &CycleReport) -> Exit {
    match report.result {
        CycleResult::Agreed | CycleResult::Changed => Exit::Done,
        CycleResult::Held => Exit::Held,
        CycleResult::Waiting | CycleResult::Failed | CycleResult::LeaseLost => Exit::Difference,
    }
}

fn outcome(step: &StepReport) -> &'static str {
    step.outcome.as_ref().map_or("skipped", |outcome| outcome.as_str())
}

fn text(report: &CycleReport) -> String {
    let lines = report.steps.iter().map(|step| format!("{}: {}\n", outcome(step), printable(&step.text)));
    let rest = match exit(report) {
        Exit::Done => "in agreement\n",
        Exit::Held => "the rest is held by the guard; `mozyd plan` shows it\n",
        Exit::Difference | Exit::Error => "there is still a difference; `mozyd status` shows why\n",
    };
    lines.chain([rest.to_owned()]).collect()
}

fn answer(hash: &str, report: &CycleReport) -> Value {
    let step = |step: &StepReport| json!({"kind": step.kind, "text": step.text, "outcome": outcome(step)});
    json!({
        "applied": hash,
        "result": report.result.as_str(),
        "steps": report.steps.iter().map(step).collect::<Vec<_>>(),
    })
}

fn say(output: Output, text: String, json: Value) -> Result<()> {
    Ok(print(&match output {
        Output::Text => text,
        Output::Json => format!("{json}\n"),
    })?)
}
