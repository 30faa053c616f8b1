//! Findings: what a cycle says of a subscription, as conditions with reasons.

use crate::domain::{ConditionType, Reason};
use crate::plan::{Plan, Refusal};
use crate::ports::VendorError;
use crate::ports::report::Finding;

fn finding(kind: ConditionType, status: bool, reason: Reason, message: impl Into<String>) -> Finding {
    Finding { kind, status, reason, message: message.into() }
}

/// It could not be looked at.
pub(super) fn unreachable(error: &VendorError) -> Vec<Finding> {
    vec![finding(ConditionType::UsageFresh, false, Reason::VendorUnreachable, error.to_string())]
}

/// It was looked at, and a doubt must be waited for before anything can be planned: the rest stands as it was said.
pub(super) fn of_doubt(doubt: String) -> Vec<Finding> {
    vec![
        finding(ConditionType::UsageFresh, true, Reason::AsExpected, ""),
        finding(ConditionType::InSync, false, Reason::AsExpected, "a step is in doubt"),
        finding(ConditionType::InDoubt, true, Reason::AsExpected, doubt),
    ]
}

/// It was looked at: what is in the way of agreement, worst first. `quiet` says why nothing may be written at Mozy.
pub(super) fn of_plan(
    exists: bool,
    plan: &Plan,
    failed: Vec<(Reason, String)>,
    doubt: Option<String>,
    flaps: &[String],
    quiet: Option<&str>,
) -> Vec<Finding> {
    let mut open: Vec<(Reason, String)> = plan
        .refusals
        .iter()
        .map(|Refusal { reason, message, .. }| (*reason, message.clone()))
        .chain(failed)
        .chain(flaps.iter().map(|flap| (Reason::VendorRejected, flap.clone())))
        .collect();
    open.sort_by_key(|(reason, _)| *reason == Reason::AsExpected);
    let agrees = plan.is_agreement() && open.is_empty() && doubt.is_none();
    let kept = quiet.filter(|_| !plan.steps.is_empty());
    let kept = kept.map_or_else(String::new, |why| match plan.steps.len() {
        1 => format!("1 step waits: {why}"),
        number => format!("{number} steps wait: {why}"),
    });
    let (reason, message) = open.first().cloned().unwrap_or((Reason::AsExpected, kept));
    let held = plan.refusals.iter().find(|refusal| refusal.reason == Reason::GuardHeld);
    let flap = if flaps.is_empty() { Reason::AsExpected } else { Reason::VendorRejected };
    let mut findings = vec![
        finding(ConditionType::UsageFresh, true, Reason::AsExpected, ""),
        if exists {
            finding(ConditionType::Provisioned, true, Reason::AsExpected, "")
        } else {
            finding(ConditionType::Provisioned, false, reason, message.clone())
        },
        finding(ConditionType::InSync, agrees, if agrees { Reason::AsExpected } else { reason }, message),
        match held {
            Some(refusal) => finding(ConditionType::Held, true, Reason::GuardHeld, refusal.message.clone()),
            None => finding(ConditionType::Held, false, Reason::AsExpected, ""),
        },
        finding(ConditionType::InDoubt, doubt.is_some(), Reason::AsExpected, doubt.unwrap_or_default()),
        finding(ConditionType::Paused, quiet.is_some(), Reason::AsExpected, quiet.unwrap_or_default()),
        finding(ConditionType::Flapping, !flaps.is_empty(), flap, flaps.join("; ")),
    ];
    // Whatever else is in the way stands beside the worst: each reason needs somebody of its own.
    let mut told: Vec<Reason> = vec![reason, Reason::AsExpected];
    for (reason, message) in open {
        if !told.contains(&reason) {
            findings.push(finding(ConditionType::InSync, false, reason, message));
            told.push(reason);
        }
    }
    findings
}
