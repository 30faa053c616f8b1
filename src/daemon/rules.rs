//! What every cycle keeps to, as configured.

use super::live::Quiet;
use super::workers::FLAP_PAUSE;
use crate::config::{Config, Unmanaged};
use crate::domain::budget::LONGEST_WAIT;
use crate::engine::Rules;
use crate::plan::{Class, Limits, guard};
use std::time::Duration;

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

/// How long a step that was done still matters to a cycle.
pub fn memory(config: &Config) -> Duration {
    config.mozy.settle.max(FLAP_PAUSE)
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
