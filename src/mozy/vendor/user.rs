//! Users, by id, by group and by name.

use super::Mozy;
use super::answer::{About, LOGIN_HREF, all, filled, one, spellings};
use super::calls::details;
use crate::domain::partner::Status;
use crate::domain::user::{ObservedUser, same_login};
use crate::domain::{MozyGroupId, MozyUserId, Presence, SubscriptionNumber};
use crate::mozy::user as wire;
use crate::ports::VendorError;
use crate::ports::vendor::Made;

pub(super) async fn get(mozy: &Mozy, id: MozyUserId) -> Result<Presence<ObservedUser>, VendorError> {
    let found = mozy.found(&wire::Get { id: Some(id.0), ..Default::default() }).await?;
    one(found, |user| user.id == id.0, read)
}

pub(super) async fn list(mozy: &Mozy, group: MozyGroupId) -> Result<Vec<ObservedUser>, VendorError> {
    let found = mozy.found(&of_group(group)).await?;
    all(found, |user| if group_of(&user)? == group { read(user) } else { Ok(None) })
}

pub(super) fn of_group(group: MozyGroupId) -> wire::Get<'static> {
    let by = wire::Find { user_group_id: Some(group.0), ..Default::default() };
    wire::Get { search: Some(by), ..Default::default() }
}

pub(super) async fn find(mozy: &Mozy, login: &str) -> Result<Vec<ObservedUser>, VendorError> {
    let mut found = Vec::new();
    for name in spellings(login) {
        if found.is_empty() {
            let by = wire::Find { username: Some(&name), ..Default::default() };
            found = mozy.found(&wire::Get { search: Some(by), ..Default::default() }).await?;
        }
    }
    all(found, |user| if same_login(name_of(&user)?, login) { read(user) } else { Ok(None) })
}

pub(super) async fn link(mozy: &Mozy, id: MozyUserId) -> Result<Presence<String>, VendorError> {
    let found =
        mozy.found(&wire::Get { id: Some(id.0), details: &[LOGIN_HREF], ..Default::default() }).await?;
    one(found, |user| user.id == id.0, |user| About("user", user.id).link(user.details).map(Some))
}

fn group_of(user: &wire::User) -> Result<MozyGroupId, VendorError> {
    About("user", user.id).require("user group", user.user_group_id).map(MozyGroupId)
}

fn name_of(user: &wire::User) -> Result<&str, VendorError> {
    About("user", user.id).require("user name", user.username.as_deref())
}

fn read(seen: wire::User) -> Result<Option<ObservedUser>, VendorError> {
    let Some(status) = About("user", seen.id).status(seen.status)? else { return Ok(None) };
    Ok(Some(ObservedUser {
        id: MozyUserId(seen.id),
        group: group_of(&seen)?,
        username: name_of(&seen)?.to_owned(),
        // A user may be created without one.
        full_name: seen.full_name.unwrap_or_default(),
        status,
        external_id: filled(seen.external_id),
        sync: seen.enable_sync,
    }))
}

/// Without a password, and with sync as Mozy has it for new users.
pub(super) async fn create(
    mozy: &Mozy,
    group: MozyGroupId,
    login: &str,
    full_name: &str,
    number: SubscriptionNumber,
) -> Result<Made, VendorError> {
    let request = wire::Create {
        user_group_id: group.0,
        username: login,
        full_name: Some(full_name),
        external_id: Some(&number.to_string()),
        ..Default::default()
    };
    mozy.create(&request).await
}

pub(super) async fn update(
    mozy: &Mozy,
    id: MozyUserId,
    login: Option<&str>,
    full_name: Option<&str>,
) -> Result<Made, VendorError> {
    mozy.update(&wire::Update { id: Some(id.0), username: login, full_name, ..Default::default() }).await
}

pub(super) async fn set_status(mozy: &Mozy, id: MozyUserId, status: Status) -> Result<Made, VendorError> {
    mozy.update(&wire::Update { id: Some(id.0), details: details(status), ..Default::default() }).await
}

pub(super) async fn set_sync(mozy: &Mozy, id: MozyUserId, on: bool) -> Result<Made, VendorError> {
    mozy.update(&wire::Update { id: Some(id.0), enable_sync: Some(on), ..Default::default() }).await
}

pub(super) async fn move_to(mozy: &Mozy, id: MozyUserId, group: MozyGroupId) -> Result<Made, VendorError> {
    mozy.update(&wire::Update { id: Some(id.0), user_group_id: Some(group.0), ..Default::default() }).await
}

pub(super) async fn set_number(
    mozy: &Mozy,
    id: MozyUserId,
    number: SubscriptionNumber,
) -> Result<Made, VendorError> {
    let number = number.to_string();
    mozy.update(&wire::Update { id: Some(id.0), external_id: Some(&number), ..Default::default() }).await
}

pub(super) async fn delete(mozy: &Mozy, id: MozyUserId) -> Result<Made, VendorError> {
    mozy.done(&wire::Delete { id: id.0 }).await
}
