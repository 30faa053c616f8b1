//! Licences: keys of the two kinds we know, one by one, of a group, and those that are free to take.

use super::Mozy;
use super::answer::{About, all, filled, kind, license_type, one};
use super::calls::amount;
use crate::domain::licence::ObservedLicence;
use crate::domain::{Gb, Keystring, LicenceKind, MachineId, MozyGroupId, Presence, SubscriptionNumber};
use crate::mozy::licence as wire;
use crate::ports::VendorError;
use crate::ports::vendor::Made;

pub(super) async fn get(mozy: &Mozy, key: &Keystring) -> Result<Presence<ObservedLicence>, VendorError> {
    let found = mozy.found(&wire::GetLicenses { keystring: Some(&key.0), search: None }).await?;
    one(
        found,
        |licence| licence.keystring == key.0,
        // A key we asked for is there whatever its type, so it is not to be called absent.
        |licence| read(licence).map(Some),
    )
}

pub(super) async fn list(mozy: &Mozy, group: MozyGroupId) -> Result<Vec<ObservedLicence>, VendorError> {
    search(mozy, group, wire::Find::default()).await
}

pub(super) fn of_group(group: MozyGroupId) -> wire::GetLicenses<'static> {
    searched(group, wire::Find::default())
}

pub(super) async fn free(
    mozy: &Mozy,
    group: MozyGroupId,
    kind: LicenceKind,
) -> Result<Vec<Keystring>, VendorError> {
    let by = wire::Find { free: true, license_type: Some(license_type(kind)), ..Default::default() };
    let found = search(mozy, group, by).await?;
    let free = found.into_iter().filter(|licence| licence.is_free() && licence.kind == Some(kind));
    Ok(free.map(|licence| licence.key).collect())
}

async fn search(
    mozy: &Mozy,
    group: MozyGroupId,
    by: wire::Find<'_>,
) -> Result<Vec<ObservedLicence>, VendorError> {
    let found = mozy.found(&searched(group, by)).await?;
    let is_ours = |licence: &wire::License| licence.license_type.is_some();
    all(found.into_iter().filter(is_ours).collect(), |licence| {
        Ok(Some(read(licence)?).filter(|licence| licence.group == group))
    })
}

fn searched(group: MozyGroupId, by: wire::Find<'_>) -> wire::GetLicenses<'_> {
    // `no_sub_partners` stays unset: it may leave out all partners but the key's own, and so all of ours.
    let by = wire::Find { user_group_id: Some(group.0), ..by };
    wire::GetLicenses { keystring: None, search: Some(by) }
}

fn read(seen: wire::License) -> Result<ObservedLicence, VendorError> {
    let group = About("key", &seen.keystring).require("user group", seen.user_group_id)?;
    Ok(ObservedLicence {
        key: Keystring(seen.keystring),
        kind: seen.license_type.map(kind),
        group: MozyGroupId(group),
        machine: seen.machine_id.map(MachineId),
        email: filled(seen.assigned_email_address),
        quota: seen.quota_desired.map(Gb),
        external_id: filled(seen.external_id),
    })
}

/// Reserves a key, and has Mozy mail it.
pub(super) async fn assign(
    mozy: &Mozy,
    key: &Keystring,
    login: &str,
    quota: Gb,
    number: SubscriptionNumber,
) -> Result<Made, VendorError> {
    let request = wire::UpdateLicenses {
        keystring: Some(&key.0),
        assigned_email_address: Some(login),
        quota_desired: Some(amount(quota.0)?),
        external_id: Some(&number.to_string()),
        deliver_emails: Some(true),
        ..Default::default()
    };
    mozy.update(&request).await
}

pub(super) async fn resize(mozy: &Mozy, key: &Keystring, quota: Gb) -> Result<Made, VendorError> {
    let request = wire::UpdateLicenses { quota_desired: Some(amount(quota.0)?), ..quietly(key) };
    mozy.update(&request).await
}

/// To another address.
pub(super) async fn readdress(mozy: &Mozy, key: &Keystring, login: &str) -> Result<Made, VendorError> {
    mozy.update(&wire::UpdateLicenses { assigned_email_address: Some(login), ..quietly(key) }).await
}

pub(super) async fn move_to(mozy: &Mozy, key: &Keystring, group: MozyGroupId) -> Result<Made, VendorError> {
    mozy.update(&wire::UpdateLicenses { user_group_id: Some(group.0), ..quietly(key) }).await
}

/// Frees the key, and it is nobody's any more: an empty text is a value.
pub(super) async fn clear(mozy: &Mozy, key: &Keystring) -> Result<Made, VendorError> {
    let nobody =
        wire::UpdateLicenses { assigned_email_address: Some(""), external_id: Some(""), ..quietly(key) };
    mozy.update(&nobody).await
}

/// A change that nobody gets a mail about.
fn quietly(key: &Keystring) -> wire::UpdateLicenses<'_> {
    wire::UpdateLicenses { keystring: Some(&key.0), deliver_emails: Some(false), ..Default::default() }
}
