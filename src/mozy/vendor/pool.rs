//! Pools: the stock of one group, each kind counted once.

use super::answer::{About, kind, license_type, unclear};
use super::calls::amount;
use super::{Mozy, classes};
use crate::domain::pool::Stock;
use crate::domain::{Gb, LicenceKind, MozyGroupId, PartnerId, PerKind};
use crate::mozy::resource as wire;
use crate::plan::call::PoolChange;
use crate::ports::VendorError;
use crate::ports::vendor::Made;

/// A kind that was never provisioned may be left out and has nothing. A fault is no such answer: it is not known
/// what a group that cannot be read has.
pub(super) async fn stock(
    mozy: &Mozy,
    partner: PartnerId,
    group: MozyGroupId,
) -> Result<PerKind<Stock>, VendorError> {
    let pools = mozy.client.call(&of_group(partner, group)).await.map_err(classes::of_read)?;
    let stock = |kind| stock_of(&pools, kind, group);
    Ok(PerKind { desktop: stock(LicenceKind::Desktop)?, server: stock(LicenceKind::Server)? })
}

pub(super) fn of_group(partner: PartnerId, group: MozyGroupId) -> wire::GetResources {
    wire::GetResources { partner_id: Some(partner.0), user_group_id: Some(group.0) }
}

fn stock_of(pools: &[wire::Resource], of: LicenceKind, group: MozyGroupId) -> Result<Stock, VendorError> {
    let mut pools = pools.iter().filter(|pool| kind(pool.license_type) == of);
    match (pools.next(), pools.next()) {
        (None, _) => Ok(Stock::default()),
        (Some(pool), None) => read(pool, group),
        (Some(_), Some(_)) => Err(unclear(format!("user group {group} came with two pools of {of}"))),
    }
}

fn read(seen: &wire::Resource, group: MozyGroupId) -> Result<Stock, VendorError> {
    let about = About("the pool of user group", group);
    let stock = Stock {
        licences: seen.licenses,
        reserved: seen.licenses_reserved,
        used: seen.licenses_used,
        quota: Gb(seen.quota),
        distributed: Gb(seen.quota_distributed),
        used_bytes: about.require("bytes used", seen.quota_used_bytes)?,
    };
    let Stock { licences, reserved, used, quota, distributed, used_bytes } = stock;
    match [licences, reserved, used, quota.0, distributed.0, used_bytes].iter().any(|number| *number < 0) {
        true => Err(unclear(format!("the pool of user group {group} came with a number below zero"))),
        false => Ok(stock),
    }
}

pub(super) async fn provision(mozy: &Mozy, change: &PoolChange) -> Result<Made, VendorError> {
    let PoolChange { partner, group, kind, licences, quota, becomes: _ } = change;
    let request = wire::Provision {
        partner_id: Some(partner.0),
        user_group_id: Some(group.0),
        license_type: license_type(*kind),
        licenses: amount(*licences)?,
        quota: amount(quota.0)?,
    };
    mozy.done(&request).await
}

pub(super) async fn release(mozy: &Mozy, change: &PoolChange) -> Result<Made, VendorError> {
    let PoolChange { partner, group, kind, licences, quota, becomes: _ } = change;
    let request = wire::Release {
        partner_id: Some(partner.0),
        user_group_id: Some(group.0),
        license_type: license_type(*kind),
        licenses: amount(*licences)?,
        quota: amount(quota.0)?,
    };
    mozy.done(&request).await
}

/// Between two groups of one partner.
pub(super) async fn transfer(
    mozy: &Mozy,
    partner: PartnerId,
    (from, to): (MozyGroupId, MozyGroupId),
    kind: LicenceKind,
    licences: i64,
    quota: Gb,
) -> Result<Made, VendorError> {
    let request = wire::Transfer {
        source_partner_id: Some(partner.0),
        source_user_group_id: Some(from.0),
        target_partner_id: Some(partner.0),
        target_user_group_id: Some(to.0),
        license_type: license_type(kind),
        licenses: amount(licences)?,
        quota: amount(quota.0)?,
    };
    mozy.done(&request).await
}
