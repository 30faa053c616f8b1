//! Wishes about a licence.

use super::limits::{check_parent, check_room};
use super::refuse::{not_found, parent_gone};
use crate::domain::{Gb, LicenceId, Thing};
use crate::ports::desk::{DeskError, LicenceWish};
use crate::store::estate::Estate;
use crate::store::rows::{LicenceRow, Row};

/// Gives a user a licence. Posted again after it was answered, it changes nothing.
pub(super) fn add(estate: &mut Estate, wish: LicenceWish, open: bool) -> Result<(), DeskError> {
    check_parent(estate)?;
    if estate.user(wish.user.0).is_none_or(|user| user.is_removed()) {
        return Err(parent_gone("the user"));
    }
    if !open && estate.licence(wish.id.0).is_some_and(|licence| !licence.is_removed()) {
        return Ok(());
    }
    let (before, subscription) = (estate.desired(), estate.tenant.id);
    let mut row = estate.licence(wish.id.0).cloned().unwrap_or_else(|| unborn(&wish, subscription));
    if row.is_removed() {
        row.revive();
    }
    // A key is of one kind and mailed to one user for good.
    if row.keystring.is_none() {
        (row.user_id, row.kind) = (wish.user.0, wish.kind.as_str().into());
    }
    row.quota = wish.quota.0.max(0);
    estate.put_licence(row);
    check_room(&before, &estate.desired())
}

fn unborn(wish: &LicenceWish, subscription: uuid::Uuid) -> LicenceRow {
    LicenceRow {
        id: wish.id.0,
        subscription_id: subscription,
        user_id: wish.user.0,
        kind: wish.kind.as_str().into(),
        quota: 0,
        generation: 0,
        removed_at: None,
        gone_at: None,
        keystring: None,
    }
}

/// Changes a licence's GB.
pub(super) fn configure(estate: &mut Estate, id: LicenceId, quota: Option<Gb>) -> Result<(), DeskError> {
    if estate.tenant.is_removed() {
        return Err(parent_gone("the subscription"));
    }
    let before = estate.desired();
    let licence = estate.licence(id.0).filter(|licence| !licence.is_removed());
    let licence = licence.ok_or_else(|| not_found(Thing::Licence(id)))?;
    licence.quota = quota.map_or(licence.quota, |quota| quota.0.max(0));
    check_room(&before, &estate.desired())
}

/// Wishes a licence away.
pub(super) fn remove(estate: &mut Estate, id: LicenceId) -> Result<(), DeskError> {
    let now = estate.now;
    if let Some(licence) = estate.licence(id.0) {
        licence.remove(now);
    }
    Ok(())
}
