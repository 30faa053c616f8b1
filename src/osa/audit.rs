//! What OSA shows of a tenant's usage, read back to be compared (contract §2, §3, §5).

use serde_json::Value;

use super::apsc::Behalf;
use super::controllers::Controllers;
use super::push::PushError;
use crate::domain::usage::PoolUsage;
use crate::domain::{InstanceId, SubscriptionId, Usage};
use crate::ports::desk::Desk;

/// The tenant's counters, as OSA names them.
pub const COUNTERS: [&str; 6] = [
    "desktopLicenseNum",
    "desktopQuota",
    "serverLicenseNum",
    "serverQuota",
    "syncAvailable",
    "syncDefaultQuota",
];

/// What each of [`COUNTERS`] is when this is used.
pub fn counted(usage: &Usage) -> [i64; 6] {
    let of = |pool: PoolUsage| [pool.assigned, pool.quota_gb];
    let ([desktop, desktop_gb], [server, server_gb]) = (of(usage.pools.desktop), of(usage.pools.server));
    [desktop, desktop_gb, server, server_gb, i64::from(usage.sync_on), usage.sync_default_quota]
}

/// What OSA shows as used of each of [`COUNTERS`]; `None` where it shows none, because the plan does not contain it.
///
/// # Errors
/// When the controller of the instance is not known, or does not answer.
pub async fn shown<D: Desk>(
    desk: &D,
    controllers: &Controllers,
    instance: InstanceId,
    tenant: SubscriptionId,
) -> Result<[Option<i64>; 6], PushError> {
    let known = controllers.read(desk, instance).await?.ok_or(PushError::UnknownInstance(instance))?;
    let client = controllers.client(&known)?;
    let behalf = Behalf { transaction: None, resource: Some(tenant.0) };
    let resource: Value = client.resource(tenant.0, &behalf).await?;
    Ok(COUNTERS.map(|counter| resource[counter]["usage"].as_i64()))
}
