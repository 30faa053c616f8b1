//! Admins, by name: whether one is visible to our key, and the one-time link to the control panel.

use super::Mozy;
use super::answer::{About, LOGIN_HREF, spellings};
use crate::domain::user::same_login;
use crate::domain::{PartnerId, Presence};
use crate::mozy::admin as wire;
use crate::ports::VendorError;

pub(super) async fn exists(mozy: &Mozy, email: &str) -> Result<bool, VendorError> {
    Ok(find(mozy, email, &[]).await?.is_some())
}

/// The address may be another customer's admin by now, and his panel is not for this one. Mozy need not say whose he is.
pub(super) async fn link(
    mozy: &Mozy,
    partner: PartnerId,
    email: &str,
) -> Result<Presence<String>, VendorError> {
    let admin = find(mozy, email, &[LOGIN_HREF]).await?;
    match admin.filter(|admin| admin.partner_id.is_none_or(|of| of == partner.0)) {
        Some(admin) => About("admin", admin.id).link(admin.details).map(Presence::Present),
        None => Ok(Presence::Absent),
    }
}

async fn find(mozy: &Mozy, email: &str, details: &[&str]) -> Result<Option<wire::Admin>, VendorError> {
    let mut found = Vec::new();
    for name in spellings(email) {
        if found.is_empty() {
            let search = Some(wire::Find { username: Some(&name) });
            found = mozy.found(&wire::Get { id: None, search, details }).await?;
        }
    }
    for admin in found {
        let username = About("admin", admin.id).require("user name", admin.username.as_deref())?;
        if same_login(username, email) {
            return Ok(Some(admin));
        }
    }
    Ok(None)
}
