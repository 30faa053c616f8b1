//! Wiring: from the configuration to the parts that the daemon and the verbs are made of.

use crate::config::{Config, Pooling};
use crate::domain::{ConditionType, Reason};
use crate::metrics::{Metrics, Vocabulary};
use crate::mozy::{Operation, ResultClass};
use crate::osa;
use crate::plan::Action;
use crate::store::{self, Sealer, Settings, Store};
use anyhow::{Context as _, Result};
use std::sync::Arc;
use std::time::Duration;

/// No statement runs longer.
const STATEMENT: Duration = Duration::from_secs(15);

/// The store as configured; connects to nothing yet.
pub fn connect(config: &Config, metrics: Option<Arc<Metrics>>) -> Result<Store> {
    let key = config.secrets.key()?;
    let observer: Option<store::Observer> = metrics.map(|metrics| {
        let observe = move |operation: &'static str, took: Duration, ok: bool| {
            metrics.database.query(operation, took, ok)
        };
        Arc::new(observe) as store::Observer
    });
    let settings = Settings {
        url: config.database.url()?.expose().clone(),
        size: config.database.pool_size,
        transaction_pooling: config.database.pooling == Pooling::Transaction,
        statement_timeout: STATEMENT,
        sealer: Sealer::new(key.expose()),
        observer,
    };
    Store::connect(settings).context("reading database.url")
}

/// All metrics, with the words of every floor as labels.
pub fn metrics() -> Result<Arc<Metrics>> {
    // Label lists live as long as the process; they are made once.
    let leak = |names: Vec<&'static str>| -> &'static [&'static str] { Box::leak(names.into_boxed_slice()) };
    let words = Vocabulary {
        condition_types: leak(ConditionType::ALL.iter().map(|kind| kind.as_str()).collect()),
        condition_reasons: leak(Reason::ALL.iter().map(|reason| reason.as_str()).collect()),
        step_kinds: Action::KINDS,
        drift_kinds: Action::KINDS,
        mozy_operations: leak(Operation::ALL.iter().map(|operation| operation.as_str()).collect()),
        mozy_results: leak(ResultClass::ALL.iter().map(|class| class.as_str()).collect()),
        osa_operations: osa::observe::OPERATIONS,
        database_operations: store::OPERATIONS,
    };
    Metrics::new(&words).map(Arc::new).context("making the metrics")
}

#[cfg(test)]
mod tests {
    use crate::metrics::labels::{CYCLE_RESULTS, STEP_OUTCOMES};
    use crate::ports::CycleResult;
    use crate::ports::ledger::Outcome;

    /// A word that is missing in a list would be counted as `other`.
    #[test]
    fn what_the_floors_say_is_in_the_lists_of_labels() {
        use CycleResult::*;
        for result in [Agreed, Changed, Waiting, Held, Failed, LeaseLost] {
            assert!(CYCLE_RESULTS.contains(&result.as_str()), "{result:?}");
        }
        let why = String::new;
        for outcome in
            [Outcome::Done, Outcome::Rejected(why()), Outcome::NotDone(why()), Outcome::InDoubt(why())]
        {
            assert!(STEP_OUTCOMES.contains(&outcome.as_str()), "{outcome:?}");
        }
    }
}
