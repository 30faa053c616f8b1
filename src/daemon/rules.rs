//! What every cycle keeps to, as configured.

use super::live::Quiet;
use crate::config::{Config, Unmanaged};
use crate::domain::budget::LONGEST_WAIT;
use crate::engine::Rules;
use crate::plan::{Class, Limits, guard};
use crate::ports::ledger::Memory;
use std::time::Duration;

/// How long a flapping field is left alone after its last correction.
const FLAP_PAUSE: Duration = Duration::from_secs(3600);

/// What every cycle keeps to, as configured.
pub fn rules(config: &Config, quiet: Option<&Quiet>) -> Rules {
    Rules {
        limits: limits(config),
        settle: config.mozy.settle,
        longest_call: LONGEST_WAIT + config.mozy.timeout,
        flap_pause: FLAP_PAUSE,
        adopt: config.reconcile.unmanaged == Unmanaged::Adopt,
        observe_only: quiet.map(|quiet| quiet.why.clone()),
        ..Rules::default()
    }
}

/// How far back steps that were done matter to a cycle.
pub fn memory(config: &Config) -> Memory {
    Memory { settle: config.mozy.settle, flaps: FLAP_PAUSE }
}

/// The guard's limits as configured.
fn limits(config: &Config) -> Limits {
    let limit = |limit: &crate::config::Limit| guard::Limit {
        percent: i64::from(limit.percent),
        min: i64::from(limit.min),
    };
    let guard = &config.guard;
    Limits(
        [
            (Class::Delete, limit(&guard.delete)),
            (Class::Suspend, limit(&guard.suspend)),
            (Class::Downgrade, limit(&guard.downgrade)),
            (Class::Update, limit(&guard.update)),
        ]
        .into(),
    )
}
