//! Groups, by id and by their partner.

use super::Mozy;
use super::answer::{About, all, filled, one};
use super::calls::details;
use crate::domain::group::ObservedGroup;
use crate::domain::partner::Status;
use crate::domain::{MozyGroupId, PartnerId, Presence, SubscriptionNumber};
use crate::mozy::group as wire;
use crate::ports::VendorError;
use crate::ports::vendor::Made;

pub(super) async fn get(mozy: &Mozy, id: MozyGroupId) -> Result<Presence<ObservedGroup>, VendorError> {
    let found = mozy.found(&by_id(id)).await?;
    one(found, |group| group.id == id.0, read)
}

pub(super) fn by_id(id: MozyGroupId) -> wire::Get {
    wire::Get { id: Some(id.0), search: None }
}

pub(super) async fn list(mozy: &Mozy, partner: PartnerId) -> Result<Vec<ObservedGroup>, VendorError> {
    let found = mozy.found(&of_partner(partner)).await?;
    let is_of = |group: &wire::UserGroup| group.partner_id.is_none_or(|id| id == partner.0);
    all(found, |group| if is_of(&group) { read(group) } else { Ok(None) })
}

pub(super) fn of_partner(partner: PartnerId) -> wire::Get {
    wire::Get { id: None, search: Some(wire::Find { partner_id: Some(partner.0) }) }
}

fn read(seen: wire::UserGroup) -> Result<Option<ObservedGroup>, VendorError> {
    let about = About("user group", seen.id);
    let Some(status) = about.status(seen.status)? else { return Ok(None) };
    Ok(Some(ObservedGroup {
        id: MozyGroupId(seen.id),
        partner: seen.partner_id.map(PartnerId),
        name: about.require("name", seen.name)?,
        status,
        external_id: filled(seen.external_id),
        sync: seen.enable_sync,
    }))
}

pub(super) async fn create(
    mozy: &Mozy,
    partner: PartnerId,
    name: &str,
    sync: Option<bool>,
    number: SubscriptionNumber,
) -> Result<Made, VendorError> {
    let request = wire::Create {
        partner_id: Some(partner.0),
        name,
        // The partner's default group stays what it is.
        default_for_partner: Some(false),
        external_id: Some(&number.to_string()),
        enable_sync: sync,
        ..Default::default()
    };
    mozy.create(&request).await
}

pub(super) async fn rename(mozy: &Mozy, id: MozyGroupId, name: &str) -> Result<Made, VendorError> {
    mozy.update(&wire::Update { id: Some(id.0), name: Some(name), ..Default::default() }).await
}

pub(super) async fn set_status(mozy: &Mozy, id: MozyGroupId, status: Status) -> Result<Made, VendorError> {
    mozy.update(&wire::Update { id: Some(id.0), details: details(status), ..Default::default() }).await
}

pub(super) async fn set_sync(mozy: &Mozy, id: MozyGroupId, on: bool) -> Result<Made, VendorError> {
    mozy.update(&wire::Update { id: Some(id.0), enable_sync: Some(on), ..Default::default() }).await
}

pub(super) async fn set_number(
    mozy: &Mozy,
    id: MozyGroupId,
    number: SubscriptionNumber,
) -> Result<Made, VendorError> {
    let number = number.to_string();
    mozy.update(&wire::Update { id: Some(id.0), external_id: Some(&number), ..Default::default() }).await
}

pub(super) async fn set_default(mozy: &Mozy, id: MozyGroupId) -> Result<Made, VendorError> {
    mozy.update(&wire::Update { id: Some(id.0), default_for_partner: Some(true), ..Default::default() }).await
}

pub(super) async fn delete(mozy: &Mozy, id: MozyGroupId) -> Result<Made, VendorError> {
    mozy.done(&wire::Delete { id: Some(id.0), search: None }).await
}
