//! A preview: what a cycle would do now, without doing it.

use crate::domain::Desired;
use crate::engine::adopt::adopt_all;
use crate::engine::learn::learn;
use crate::engine::observe::{Blind, Sight, observe};
use crate::engine::rules::Rules;
use crate::engine::{doubts, flaps};
use crate::plan::guard::guard;
use crate::plan::{Plan, Policy, around_held};
use crate::ports::{Case, Vendor, VendorError};
use chrono::{DateTime, Utc};

/// What a cycle would do now: looks, and writes nothing anywhere.
///
/// # Errors
/// When Mozy cannot be read.
pub async fn preview<V: Vendor>(
    case: &Case,
    vendor: &V,
    rules: &Rules,
    now: DateTime<Utc>,
) -> Result<(Sight, Desired, Plan), VendorError> {
    let mut desired = case.desired.clone();
    let sight = observe(vendor, case, &desired, now).await.map_err(Blind::error)?;
    learn(&mut desired, &sight.observed);
    if rules.adopt {
        adopt_all(&mut desired, &sight.observed);
    }
    let times = (now, rules.settle());
    let unsettled = doubts::unsettled(&case.entries, &desired, &sight.observed, times);
    let policy = rules.policy(unsettled, &case.owed, sight.admin_taken);
    let (mut pauses, times) = (case.pauses.clone(), (now, rules.flap_pause()));
    let mut plan =
        |policy: &Policy| flaps::plan(&desired, &sight.observed, policy, &case.entries, &mut pauses, times).0;
    let guarded = guard(&desired, plan(&policy), &rules.limits, &rules.counted);
    let plan = around_held(&desired, &policy, guarded, plan);
    Ok((sight, desired, plan))
}
