//! Users: who has machines. They live in a group, and move with their keys.

use serde::Serialize;

use super::{
    Deed, Details, KeyState, Machine, ObjectKind, Scope, Status, World, admin::check_email, split_status,
};
use crate::sim::mozy::{
    fault::{Cause, Fault},
    keystring::Keystring,
    switches::{DeletedEmailReusable, SuspendedUserDelete, UserEmailScope},
};

/// A user.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct User {
    pub id: i64,
    pub partner_id: i64,
    pub group_id: i64,
    pub username: String,
    pub full_name: Option<String>,
    pub status: Status,
    pub external_id: Option<String>,
    pub enable_sync: bool,
    pub details: Details,
}

/// What `user.Create` asks for.
#[derive(Default)]
pub(in super::super) struct NewUser {
    pub group_id: i64,
    pub username: String,
    pub full_name: Option<String>,
    pub details: Details,
    pub external_id: Option<String>,
    pub enable_sync: bool,
}

/// What users are searched by.
#[derive(Default)]
pub(in super::super) struct UserFind<'a> {
    pub id: Option<i64>,
    pub group_id: Option<i64>,
    pub username: Option<&'a str>,
}

/// What `user.Update` changes; nothing where `None`.
#[derive(Default)]
pub(in super::super) struct UserPatch {
    pub group_id: Option<i64>,
    pub username: Option<String>,
    pub full_name: Option<String>,
    pub details: Details,
    pub external_id: Option<String>,
    pub enable_sync: Option<bool>,
}

impl World {
    /// Creates a user in a group.
    pub(in super::super) fn create_user(&mut self, scope: Scope, new: NewUser) -> Result<i64, Fault> {
        let partner_id = self.reach_group(scope, new.group_id)?.partner_id;
        let (status, details) = split_status(new.details)?;
        self.check_username(partner_id, &new.username, None)?;
        if new.enable_sync {
            self.check_user_sync(new.group_id)?;
        }
        let id = self.take_id();
        let user = User {
            id,
            partner_id,
            group_id: new.group_id,
            username: self.as_username(&new.username),
            full_name: new.full_name,
            status: status.unwrap_or_default(),
            external_id: new.external_id,
            enable_sync: new.enable_sync,
            details,
        };
        self.tell(ObjectKind::User, Deed::Created, id, &user.username);
        self.put_user(user);
        if new.enable_sync {
            self.start_sync(id, new.group_id);
        }
        Ok(id)
    }

    fn check_username(&self, partner_id: i64, username: &str, own: Option<i64>) -> Result<(), Fault> {
        check_email(username)?;
        let keeps = |id: i64| {
            let Some(user) = self.users.get(&id).filter(|_| own != Some(id)) else { return false };
            let is_near =
                self.switches.user_email_scope == UserEmailScope::Global || user.partner_id == partner_id;
            let is_there = !self.is_deleted(user.partner_id)
                || self.switches.deleted_email_reusable == DeletedEmailReusable::AfterPurge;
            is_near && is_there
        };
        if self.index.user_names.of(username.to_lowercase()).any(keeps) {
            return Err(Fault::new(Cause::Taken, "a user with that username already exists"));
        }
        Ok(())
    }

    /// The users that fit.
    pub(in super::super) fn find_users(&self, scope: Scope, find: &UserFind) -> Vec<i64> {
        let candidates: Vec<i64> = match (find.id, find.username, find.group_id) {
            (Some(id), _, _) => vec![id],
            (None, Some(name), _) => self.index.user_names.of(name.to_lowercase()).collect(),
            (None, None, Some(group_id)) => self.index.users.of(group_id).collect(),
            (None, None, None) => self.users.keys().copied().collect(),
        };
        let fits = |user: &User| {
            find.group_id.is_none_or(|id| user.group_id == id)
                && find.username.is_none_or(|name| user.username.to_lowercase() == name.to_lowercase())
        };
        candidates.into_iter().filter(|id| self.reach_user(scope, *id).is_ok_and(fits)).collect()
    }

    /// Changes one user.
    pub(in super::super) fn update_user(
        &mut self,
        scope: Scope,
        id: i64,
        patch: &UserPatch,
    ) -> Result<(), Fault> {
        let before = self.reach_user(scope, id)?.clone();
        let after = self.revised(scope, &before, patch)?;
        let (group_id, turns_on) = (after.group_id, after.enable_sync && !before.enable_sync);
        if before.enable_sync && !after.enable_sync {
            self.stop_sync(id);
        }
        if group_id != before.group_id {
            self.move_belongings(&before, group_id);
        }
        self.put_user(after);
        if turns_on {
            self.start_sync(id, group_id);
        }
        Ok(())
    }

    /// What a user becomes, if he may.
    fn revised(&self, scope: Scope, before: &User, patch: &UserPatch) -> Result<User, Fault> {
        let mut user = before.clone();
        let (status, details) = split_status(patch.details.clone())?;
        if let Some(username) = &patch.username {
            self.check_username(user.partner_id, username, Some(user.id))?;
            user.username = self.as_username(username);
        }
        user.group_id = patch.group_id.unwrap_or(user.group_id);
        user.enable_sync = patch.enable_sync.unwrap_or(user.enable_sync);
        self.check_move(scope, before, user.group_id, user.enable_sync)?;
        user.full_name = patch.full_name.clone().or(user.full_name);
        user.external_id = patch.external_id.clone().or(user.external_id);
        user.status = status.unwrap_or(user.status);
        user.details.extend(details);
        Ok(user)
    }

    fn check_move(&self, scope: Scope, user: &User, to: i64, enable_sync: bool) -> Result<(), Fault> {
        if self.reach_group(scope, to)?.partner_id != user.partner_id {
            return Err(Fault::refused("a user cannot leave his partner"));
        }
        if enable_sync && !user.enable_sync {
            return self.check_user_sync(to);
        }
        if enable_sync && !self.group_sync(to) {
            return Err(Fault::refused("sync is not enabled for the user group"));
        }
        Ok(())
    }

    /// His keys and the GB of his machines go along; the GB of his reserved keys stay until a Transfer.
    fn move_belongings(&mut self, user: &User, to: i64) {
        for machine in self.index.machines.of(user.id).collect::<Vec<_>>() {
            let Some(machine) = self.machines.get(&machine).cloned() else { continue };
            self.add_quota(machine.group_id, machine.license_type, -machine.quota);
            self.add_quota(to, machine.license_type, machine.quota);
            if let Some(key) = machine.keystring {
                self.move_license(key, to);
            }
            self.put_machine(Machine { group_id: to, ..machine });
        }
        for key in self.reserved_keys(user) {
            if self.licenses.get(&key).is_some_and(|license| license.group_id == user.group_id) {
                self.move_license(key, to);
            }
        }
    }

    /// The keys reserved for a user's e-mail within his partner.
    fn reserved_keys(&self, user: &User) -> Vec<Keystring> {
        let keys = self.index.key_emails.of(user.username.to_lowercase());
        let is_his = |key: &Keystring| {
            self.licenses.get(key).is_some_and(|license| {
                let group = self.groups.get(&license.group_id);
                license.state() == KeyState::Reserved
                    && group.is_some_and(|group| group.partner_id == user.partner_id)
            })
        };
        keys.filter(is_his).collect()
    }

    /// Deletes a user with his machines and their backups, and frees his keys.
    pub(in super::super) fn delete_user(&mut self, scope: Scope, id: i64) -> Result<(), Fault> {
        let user = self.reach_user(scope, id)?.clone();
        let may = self.switches.suspended_user_delete == SuspendedUserDelete::Allowed;
        if user.status == Status::Suspended && !may {
            return Err(Fault::refused("a suspended user cannot be deleted"));
        }
        for key in self.reserved_keys(&user) {
            if let Some(mut license) = self.licenses.get(&key).cloned() {
                license.unassign();
                self.put_license(license);
            }
        }
        for machine in self.index.machines.of(id).collect::<Vec<_>>() {
            self.destroy_machine(machine);
        }
        self.drop_user(id);
        self.tell(ObjectKind::User, Deed::Deleted, id, &user.username);
        Ok(())
    }

    fn put_user(&mut self, user: User) {
        self.drop_user(user.id);
        self.index.users.add(user.group_id, user.id);
        self.index.user_names.add(user.username.to_lowercase(), user.id);
        self.users.insert(user.id, user);
    }

    pub(super) fn drop_user(&mut self, id: i64) {
        if let Some(user) = self.users.remove(&id) {
            self.index.users.remove(user.group_id, id);
            self.index.user_names.remove(user.username.to_lowercase(), id);
        }
    }
}
