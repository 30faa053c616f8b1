//! What a cycle did, told to the metrics and to the log: one line at info for one that changed something, none for one
//! that did not. Whatever is said within a cycle carries its subscription and OSA's transaction behind it.

use crate::domain::SubscriptionId;
use crate::metrics::Metrics;
use crate::ports::report::CycleReport;
use crate::ports::{Case, CycleResult};
use std::time::Duration;
use tracing::{Span, field};

/// The span of a cycle; what is not known before its case is loaded comes by [`of`]. Its level lets it through whenever
/// anything is said at all.
pub fn span(subscription: SubscriptionId) -> Span {
    tracing::error_span!("cycle", %subscription, number = field::Empty, request = field::Empty)
}

/// The span of a look that is made again. Many are made and few say anything, so it is there only where all is said.
pub fn look(subscription: SubscriptionId) -> Span {
    tracing::debug_span!("cycle", %subscription)
}

/// Says about whom the cycle is, and what OSA's transaction was.
pub fn of(case: &Case) {
    let span = Span::current();
    span.record("number", case.desired.subscription.number.0);
    if let Some(request) = &case.request {
        span.record("request", request.as_str());
    }
}

/// Tells of a look that was made again and agreed.
pub fn agreed(took: Duration) {
    let (result, duration_ms) = (CycleResult::Agreed.as_str(), took.as_millis() as u64);
    tracing::debug!(result, duration_ms, "a cycle: all that came back is as it was");
}

/// Tells of a report.
pub fn tell(metrics: &Metrics, report: &CycleReport, took: Duration) {
    for step in &report.steps {
        let outcome = step.outcome.as_ref().map_or("skipped", |outcome| outcome.as_str());
        metrics.cycles.step(step.kind, outcome);
    }
    report.drift.iter().for_each(|kind| metrics.cycles.drift(kind));
    let tried = report.steps.iter().filter(|step| step.outcome.is_some());
    let steps = tried.map(|step| step.text.as_str()).collect::<Vec<_>>().join("; ");
    let finding = report.findings.iter().find(|finding| !finding.status && !finding.message.is_empty());
    let (reason, why) = finding.map(|found| (found.reason.as_str(), found.message.as_str())).unzip();
    // A ledger that failed is no condition of the subscription.
    let why = why
        .or_else(|| report.events.iter().find(|(kind, _)| *kind == "failure").map(|(_, why)| why.as_str()));
    let (result, duration_ms) = (report.result.as_str(), took.as_millis() as u64);
    match (report.result, steps.is_empty()) {
        (CycleResult::Failed, _) => {
            tracing::warn!(result, steps, reason, why, duration_ms, "a cycle failed")
        }
        (_, false) => tracing::info!(result, steps, reason, why, duration_ms, "a cycle changed something"),
        (_, true) => tracing::debug!(result, reason, why, duration_ms, "a cycle"),
    }
}
