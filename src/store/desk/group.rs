//! Wishes about a group, and which group a user is to be in.

use super::limits::check_parent;
use super::refuse::{not_found, parent_gone, refused};
use crate::domain::{GroupId, Reason, Thing};
use crate::ports::desk::{DeskError, GroupChoice, GroupWish};
use crate::store::estate::Estate;
use crate::store::rows::{GroupRow, Row};
use uuid::Uuid;

/// Makes a group. Posted again after it was answered, it changes nothing.
pub(super) fn add(estate: &mut Estate, wish: GroupWish, open: bool) -> Result<(), DeskError> {
    check_parent(estate)?;
    if !estate.tenant.is("direct") {
        let message = "groups are for direct subscriptions only: a reseller and his customers have one each";
        return Err(refused(Reason::VendorRejected, message));
    }
    if !open && estate.group(wish.id.0).is_some_and(|group| !group.is_removed()) {
        return Ok(());
    }
    let mut row = estate.group(wish.id.0).cloned().unwrap_or_else(|| unborn(&wish));
    if row.is_removed() {
        row.revive();
    }
    row.name = wish.name;
    estate.put_group(row);
    Ok(())
}

fn unborn(wish: &GroupWish) -> GroupRow {
    GroupRow {
        id: wish.id.0,
        subscription_id: wish.subscription.0,
        name: String::new(),
        generation: 0,
        removed_at: None,
        gone_at: None,
        mozy_id: None,
    }
}

/// Renames a group.
pub(super) fn rename(estate: &mut Estate, id: GroupId, name: Option<String>) -> Result<(), DeskError> {
    if estate.tenant.is_removed() {
        return Err(parent_gone("the subscription"));
    }
    check_not_default(estate, id)?;
    let group = estate.group(id.0).filter(|group| !group.is_removed());
    let group = group.ok_or_else(|| not_found(Thing::Group(id)))?;
    group.name = name.unwrap_or(std::mem::take(&mut group.name));
    Ok(())
}

/// Wishes a group away that nobody is wished for in.
pub(super) fn remove(estate: &mut Estate, id: GroupId) -> Result<(), DeskError> {
    check_not_default(estate, id)?;
    let users = estate.users.iter().filter(|user| !user.is_removed() && user.group_id == Some(id.0)).count();
    if users > 0 && !estate.tenant.is_removed() {
        let message = format!("the group has {users} users: move or remove them first");
        return Err(refused(Reason::GroupNotEmpty, message));
    }
    let now = estate.now;
    if let Some(group) = estate.group(id.0) {
        group.remove(now);
    }
    Ok(())
}

fn check_not_default(estate: &mut Estate, id: GroupId) -> Result<(), DeskError> {
    let home = estate.tenant.home_group_id;
    match estate.group(id.0) {
        Some(group) if group.mozy_id.is_some() && group.mozy_id == home => {
            Err(refused(Reason::DefaultGroup, "the default group can be neither renamed nor removed"))
        }
        _ => Ok(()),
    }
}

/// The row of the group that is meant; `None` is the default group.
pub(super) fn choose(estate: &Estate, choice: GroupChoice) -> Result<Option<Uuid>, DeskError> {
    let mut live = estate.groups.iter().filter(|group| !group.is_removed());
    let found = match choice {
        GroupChoice::Default => return Ok(None),
        GroupChoice::Mozy(id) if estate.tenant.home_group_id == Some(id.0) => return Ok(None),
        GroupChoice::Own(id) => live.find(|group| group.id == id.0),
        GroupChoice::Mozy(id) => live.find(|group| group.mozy_id == Some(id.0)),
    };
    found.map(|group| Some(group.id)).ok_or_else(|| parent_gone("the group"))
}
