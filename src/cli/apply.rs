//! `apply`: does exactly what `plan` printed, if it is still the plan.

use super::context::{self, Context};
use super::style::{print, printable};
use super::{Arguments, Exit, Output};
use crate::daemon::ByHand;
use crate::domain::{ConditionType, SubscriptionId};
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
        let mut unknown = None;
        for id in owners {
            let report = by_hand.apply(id, hash).await?;
            if !report.steps.is_empty() {
                say(arguments.output, text(&report), answer(hash, &report))?;
                return Ok(exit(&report));
            }
            unknown = unknown.or(unplanned(id, &report));
        }
        if let Some(why) = unknown {
            bail!("{why}; nothing was done");
        }
        bail!(
            "plan {hash} is not the plan any more, and nothing was done: the wishes or Mozy have changed since, or a \
               daemon has done it; `mozyd plan` shows what is to be done now"
        )
    })
}

/// Why it is not known whether the plan still is the plan: nothing could be planned.
fn unplanned(id: SubscriptionId, report: &CycleReport) -> Option<String> {
    let found = |kind, status| {
        let mut findings = report.findings.iter().filter(|one| one.kind == kind && one.status == status);
        findings.next().map(|finding| finding.message.as_str())
    };
    if let Some(doubt) = found(ConditionType::InDoubt, true) {
        return Some(format!("subscription {id} waits: {doubt}"));
    }
    let failure = || report.events.iter().find(|(kind, _)| *kind == "failure").map(|(_, why)| why.as_str());
    let why = found(ConditionType::UsageFresh, false).or_else(failure)?;
    Some(format!("subscription {id} could not be looked at: {why}"))
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
    print(&match output {
        Output::Text => text,
        Output::Json => format!("{json}\n"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Reason;
    use crate::ports::report::Finding;
    use uuid::Uuid;

    fn said(kind: ConditionType, status: bool, message: &str) -> Option<String> {
        let finding = Finding { kind, status, reason: Reason::AsExpected, message: message.to_owned() };
        let report = CycleReport { findings: vec![finding], ..CycleReport::new(CycleResult::Waiting, 1) };
        unplanned(SubscriptionId(Uuid::nil()), &report)
    }

    #[test]
    fn why_nothing_could_be_planned_is_said() {
        let id = Uuid::nil();
        let doubt = said(ConditionType::InDoubt, true, "step 7 may have happened");
        assert_eq!(doubt.unwrap(), format!("subscription {id} waits: step 7 may have happened"));
        let away = said(ConditionType::UsageFresh, false, "mozy is away");
        assert_eq!(away.unwrap(), format!("subscription {id} could not be looked at: mozy is away"));
        assert_eq!(said(ConditionType::UsageFresh, true, ""), None);
        let mut failed = CycleReport::new(CycleResult::Failed, 1);
        failed.events.push(("failure", "no database".into()));
        let failed = unplanned(SubscriptionId(id), &failed).unwrap();
        assert!(failed.ends_with("could not be looked at: no database"), "{failed}");
    }
}
