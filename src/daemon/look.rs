//! A look at one subscription: what a cycle would do now, with nothing written anywhere.

use super::rules::{memory, rules};
use super::vendors::Vendors;
use crate::config::Config;
use crate::domain::{Desired, SubscriptionId, Usage};
use crate::engine::{self, Rules, Sight};
use crate::plan::{self, Plan};
use crate::store::Store;
use anyhow::{Context as _, Result};
use chrono::Utc;
use std::time::Duration;

/// An operator's release of a held plan runs out after so long.
pub const APPROVAL: Duration = Duration::from_secs(15 * 60);

/// What would be done now for a subscription; `None` when it is not known or gone.
///
/// # Errors
/// When the database or Mozy cannot be read.
pub async fn look(
    config: &Config,
    store: &Store,
    vendors: &Vendors,
    id: SubscriptionId,
) -> Result<Option<(Desired, Plan)>> {
    let seen = see(config, store, vendors, id).await?;
    Ok(seen.map(|(_, desired, plan)| (desired, plan)))
}

/// What Mozy counts now as used; nothing is used where there is no account.
///
/// # Errors
/// As [`look`].
pub async fn usage(
    config: &Config,
    store: &Store,
    vendors: &Vendors,
    id: SubscriptionId,
) -> Result<Option<Usage>> {
    let seen = see(config, store, vendors, id).await?;
    Ok(seen.map(|(sight, desired, _)| {
        let account = sight.observed.account();
        account.map_or_else(Usage::default, |account| plan::usage::usage(&desired, account))
    }))
}

async fn see(
    config: &Config,
    store: &Store,
    vendors: &Vendors,
    id: SubscriptionId,
) -> Result<Option<(Sight, Desired, Plan)>> {
    let reading = || format!("reading subscription {id}");
    let case = store.look_at_case(id, memory(config)).await.with_context(reading)?;
    let Some(case) = case else { return Ok(None) };
    let vendor = vendors.of(case.desired.subscription.instance).await?;
    let counted = store.counted(id).await.with_context(reading)?;
    let rules = Rules { counted, ..rules(config, None) };
    let looked = engine::preview(&case, &vendor, &rules, Utc::now()).await;
    let number = case.desired.subscription.number;
    Ok(Some(looked.with_context(|| format!("looking at subscription {number} at Mozy"))?))
}
