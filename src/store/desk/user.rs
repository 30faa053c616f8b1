//! Wishes about a user.

use super::group;
use super::limits::{check_parent, check_room};
use super::refuse::{not_found, parent_gone};
use super::sync;
use crate::domain::sync::MOZY_DEFAULT_SYNC_GB;
use crate::domain::{Gb, Thing, UserId};
use crate::ports::desk::{DeskError, UserPatch, UserWish};
use crate::store::estate::Estate;
use crate::store::rows::{Row, UserRow};

/// Makes a user. Posted again after it was answered, it changes nothing.
pub(super) fn add(estate: &mut Estate, wish: UserWish, open: bool) -> Result<(), DeskError> {
    check_parent(estate)?;
    if !open && estate.user(wish.id.0).is_some_and(|user| !user.is_removed()) {
        return Ok(());
    }
    sync::check(estate, wish.sync)?;
    let (group, before) = (group::choose(estate, wish.group)?, estate.desired());
    let mut row = estate.user(wish.id.0).cloned().unwrap_or_else(|| unborn(&wish));
    if row.is_removed() {
        row.revive();
        row.suspended = false;
    }
    row.service_user_id = wish.service_user;
    (row.login, row.display_name) = (wish.login, wish.display_name);
    (row.group_id, row.sync, row.sync_quota) = (group, wish.sync, gb(wish.sync_quota));
    estate.put_user(row);
    check_room(&before, &estate.desired())
}

fn unborn(wish: &UserWish) -> UserRow {
    UserRow {
        id: wish.id.0,
        subscription_id: wish.subscription.0,
        service_user_id: wish.service_user,
        login: String::new(),
        display_name: String::new(),
        group_id: None,
        suspended: false,
        sync: false,
        sync_quota: None,
        generation: 0,
        removed_at: None,
        gone_at: None,
        mozy_id: None,
    }
}

/// Changes a user.
pub(super) fn configure(estate: &mut Estate, id: UserId, patch: UserPatch) -> Result<(), DeskError> {
    live(estate, id)?;
    let UserPatch { login, display_name, group, sync, sync_quota } = patch;
    sync::check(estate, sync == Some(true))?;
    let group = group.map(|choice| group::choose(estate, choice)).transpose()?;
    let before = estate.desired();
    let default = before.subscription.bought.sync_default_quota.unwrap_or(Gb(MOZY_DEFAULT_SYNC_GB));
    let user = live(estate, id)?;
    // Who has none of his own is told the default, and OSA repeats it.
    let sync_quota = sync_quota.filter(|quota| user.sync_quota.is_some() || *quota != Some(default));
    user.login = login.unwrap_or(std::mem::take(&mut user.login));
    user.display_name = display_name.unwrap_or(std::mem::take(&mut user.display_name));
    user.group_id = group.unwrap_or(user.group_id);
    user.sync = sync.unwrap_or(user.sync);
    user.sync_quota = sync_quota.map_or(user.sync_quota, gb);
    check_room(&before, &estate.desired())
}

/// Suspends or resumes a user.
pub(super) fn suspend(estate: &mut Estate, id: UserId, suspended: bool) -> Result<(), DeskError> {
    live(estate, id)?.suspended = suspended;
    Ok(())
}

/// Wishes a user away, and his licences with him.
pub(super) fn remove(estate: &mut Estate, id: UserId) -> Result<(), DeskError> {
    let now = estate.now;
    if let Some(user) = estate.user(id.0) {
        user.remove(now);
    }
    for licence in estate.licences.iter_mut().filter(|licence| licence.user_id == id.0) {
        licence.remove(now);
    }
    Ok(())
}

/// The user, unless he or his subscription is being removed.
fn live(estate: &mut Estate, id: UserId) -> Result<&mut UserRow, DeskError> {
    if estate.tenant.is_removed() {
        return Err(parent_gone("the subscription"));
    }
    estate.user(id.0).filter(|user| !user.is_removed()).ok_or_else(|| not_found(Thing::User(id)))
}

fn gb(quota: Option<Gb>) -> Option<i64> {
    quota.map(|quota| quota.0.max(0))
}
