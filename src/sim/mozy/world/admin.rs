//! Admins: people who may look into a partner. Their e-mails are unique across all of Mozy.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{Deed, Details, ObjectKind, Scope, World, purge::Purge};
use crate::sim::mozy::{
    fault::{Cause, Fault},
    switches::{DeletedEmailReusable, Usernames},
};

/// An admin of a partner.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct Admin {
    pub id: i64,
    pub partner_id: i64,
    pub parent_admin_id: Option<i64>,
    pub username: String,
    pub full_name: Option<String>,
    pub external_id: Option<String>,
    pub roles: Vec<i64>,
    pub user_groups: Vec<i64>,
    pub details: Details,
    pub deleted_at: Option<DateTime<Utc>>,
}

/// What `admin.Create` asks for.
#[derive(Default)]
pub(in super::super) struct NewAdmin {
    pub username: String,
    pub full_name: Option<String>,
    pub external_id: Option<String>,
    pub roles: Vec<i64>,
    pub user_groups: Vec<i64>,
    pub details: Details,
}

impl World {
    /// Creates an admin below another, or below the root admin of the scope.
    pub(in super::super) fn create_admin(
        &mut self,
        scope: Scope,
        parent_admin_id: Option<i64>,
        new: NewAdmin,
    ) -> Result<i64, Fault> {
        let root_admin_id = self.reach_partner(scope, scope.0)?.root_admin_id;
        let parent = self.reach_admin(scope, parent_admin_id.unwrap_or(root_admin_id))?;
        let (parent_id, partner_id) = (parent.id, parent.partner_id);
        for group in &new.user_groups {
            self.reach_group(Scope(partner_id), *group)?;
        }
        self.check_admin_name(&new.username)?;
        Ok(self.place_admin(partner_id, Some(parent_id), new))
    }

    pub(super) fn place_admin(&mut self, partner_id: i64, parent: Option<i64>, new: NewAdmin) -> i64 {
        let id = self.take_id();
        let admin = Admin {
            id,
            partner_id,
            parent_admin_id: parent,
            username: self.as_username(&new.username),
            full_name: new.full_name,
            external_id: new.external_id,
            roles: new.roles,
            user_groups: new.user_groups,
            details: new.details,
            deleted_at: None,
        };
        self.tell(ObjectKind::Admin, Deed::Created, id, &admin.username);
        self.index.admins.add(partner_id, id);
        self.index.admin_names.add(admin.username.to_lowercase(), id);
        self.admins.insert(id, admin);
        id
    }

    /// How the server spells a user name.
    pub(super) fn as_username(&self, given: &str) -> String {
        match self.switches.usernames {
            Usernames::LowerCased => given.to_lowercase(),
            Usernames::Kept => given.to_owned(),
        }
    }

    /// That an e-mail may become an admin's: unique across Mozy, also outside the scope.
    pub(super) fn check_admin_name(&self, username: &str) -> Result<(), Fault> {
        check_email(username)?;
        let mut bearers = self.index.admin_names.of(username.to_lowercase());
        if bearers.any(|id| self.keeps_name(id)) {
            return Err(Fault::new(Cause::Taken, "an admin with that username already exists"));
        }
        Ok(())
    }

    fn keeps_name(&self, admin_id: i64) -> bool {
        let Some(admin) = self.admins.get(&admin_id) else { return false };
        let is_gone = admin.deleted_at.is_some() || self.is_deleted(admin.partner_id);
        !is_gone || self.switches.deleted_email_reusable == DeletedEmailReusable::AfterPurge
    }

    /// Whether a partner is deleted and not yet purged.
    pub(super) fn is_deleted(&self, partner_id: i64) -> bool {
        self.partners.get(&partner_id).is_some_and(|partner| partner.deleted_at.is_some())
    }

    /// The admins that fit.
    pub(in super::super) fn find_admins(
        &self,
        scope: Scope,
        id: Option<i64>,
        username: Option<&str>,
    ) -> Vec<i64> {
        let candidates: Vec<i64> = match (id, username) {
            (Some(id), _) => vec![id],
            (None, Some(name)) => self.index.admin_names.of(name.to_lowercase()).collect(),
            (None, None) => self.admins.keys().copied().collect(),
        };
        let is_called =
            |admin: &Admin| username.is_none_or(|name| admin.username.to_lowercase() == name.to_lowercase());
        let fits = |id: &i64| self.reach_admin(scope, *id).is_ok_and(is_called);
        candidates.into_iter().filter(fits).collect()
    }

    /// Deletes an admin; a root admin stays.
    pub(in super::super) fn delete_admin(&mut self, scope: Scope, id: i64) -> Result<(), Fault> {
        let admin = self.reach_admin(scope, id)?;
        if self.partners.get(&admin.partner_id).is_some_and(|partner| partner.root_admin_id == id) {
            return Err(Fault::refused("a root admin cannot be deleted"));
        }
        let name = admin.username.clone();
        let now = self.now;
        if let Some(admin) = self.admins.get_mut(&id) {
            admin.deleted_at = Some(now);
        }
        self.tell(ObjectKind::Admin, Deed::Deleted, id, &name);
        self.purge_later(Purge::Admin(id));
        Ok(())
    }

    pub(super) fn drop_admin(&mut self, id: i64) {
        if let Some(admin) = self.admins.remove(&id) {
            self.index.admins.remove(admin.partner_id, id);
            self.index.admin_names.remove(admin.username.to_lowercase(), id);
        }
    }
}

/// That a text may be an e-mail address.
pub(super) fn check_email(text: &str) -> Result<(), Fault> {
    let is_email = text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty());
    if is_email { Ok(()) } else { Err(Fault::invalid("that is not an e-mail address")) }
}
