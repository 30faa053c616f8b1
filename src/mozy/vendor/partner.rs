//! Partners, by id and by their root admin. The search by `external_id` is not sure and never used.

use super::Mozy;
use super::answer::{About, all, filled, one, spellings};
use super::calls::{amount, details};
use crate::domain::partner::{self, Partner};
use crate::domain::user::same_login;
use crate::domain::{Gb, MozyGroupId, PartnerId, Presence, SubscriptionNumber};
use crate::mozy::partner as wire;
use crate::mozy::words::Status;
use crate::ports::VendorError;
use crate::ports::vendor::Made;

pub(super) async fn get(mozy: &Mozy, id: PartnerId) -> Result<Presence<Partner>, VendorError> {
    let found = mozy.found(&by_id(id)).await?;
    one(found, |partner| partner.id == id.0, read)
}

pub(super) fn by_id(id: PartnerId) -> wire::Get<'static> {
    wire::Get { id: Some(id.0), ..Default::default() }
}

pub(super) async fn find(mozy: &Mozy, admin: &str) -> Result<Vec<Partner>, VendorError> {
    let mut found = Vec::new();
    for name in spellings(admin) {
        if found.is_empty() {
            let by = wire::Find { root_admin_username: Some(&name), ..Default::default() };
            found = mozy.found(&wire::Get { search: Some(by), ..Default::default() }).await?;
        }
    }
    all(found, |partner| if is_of(&partner, admin)? { read(partner) } else { Ok(None) })
}

/// Whether this is its root admin. Of a deleted one nobody is.
fn is_of(partner: &wire::Partner, admin: &str) -> Result<bool, VendorError> {
    if partner.status == Some(Status::Deleted) {
        return Ok(false);
    }
    let username = partner.root_admin.as_ref().and_then(|admin| admin.username.as_deref());
    Ok(same_login(About("partner", partner.id).require("root admin", username)?, admin))
}

fn read(seen: wire::Partner) -> Result<Option<Partner>, VendorError> {
    let about = About("partner", seen.id);
    let Some(status) = about.status(seen.status)? else { return Ok(None) };
    Ok(Some(Partner {
        id: PartnerId(seen.id),
        name: about.require("name", seen.name)?,
        status,
        external_id: filled(seen.external_id),
        parent: seen.parent_partner_id.map(PartnerId),
        default_group: Some(MozyGroupId(about.require("default group", seen.default_user_group_id)?)),
        admin: seen.root_admin.and_then(|admin| filled(admin.username)),
        sync: seen.enable_sync,
        default_sync_quota: seen.default_sync_quota.map(Gb),
    }))
}

/// Under the root partner; `admin` is his user name and his full name. He sets his own password.
pub(super) async fn create(
    mozy: &Mozy,
    name: &str,
    reseller: bool,
    (admin, full_name): (&str, &str),
    number: SubscriptionNumber,
    (sync, default_quota): (bool, Option<Gb>),
) -> Result<Made, VendorError> {
    let number = number.to_string();
    let request = wire::Create {
        parent_partner_id: mozy.root_partner.map(|id| id.0),
        name,
        company_type: Some(if reseller { "reseller" } else { "business" }),
        root_role: mozy.root_role,
        root_admin_username: admin,
        root_admin_full_name: Some(full_name),
        external_id: Some(&number),
        root_admin_external_id: Some(&number),
        enable_sync: Some(sync),
        default_sync_quota: default_quota.map(|gb| amount(gb.0)).transpose()?,
        ..Default::default()
    };
    mozy.create(&request).await
}

pub(super) async fn update(
    mozy: &Mozy,
    id: PartnerId,
    name: Option<&str>,
    sync: Option<bool>,
    default_quota: Option<Gb>,
) -> Result<Made, VendorError> {
    let default_sync_quota = default_quota.map(|gb| amount(gb.0)).transpose()?;
    let request =
        wire::Update { id: Some(id.0), name, enable_sync: sync, default_sync_quota, ..Default::default() };
    mozy.update(&request).await
}

pub(super) async fn set_status(
    mozy: &Mozy,
    id: PartnerId,
    status: partner::Status,
) -> Result<Made, VendorError> {
    mozy.update(&wire::Update { id: Some(id.0), details: details(status), ..Default::default() }).await
}

pub(super) async fn set_number(
    mozy: &Mozy,
    id: PartnerId,
    number: SubscriptionNumber,
) -> Result<Made, VendorError> {
    let number = number.to_string();
    mozy.update(&wire::Update { id: Some(id.0), external_id: Some(&number), ..Default::default() }).await
}

pub(super) async fn delete(mozy: &Mozy, id: PartnerId) -> Result<Made, VendorError> {
    mozy.done(&wire::Delete { id: Some(id.0), search: None }).await
}
