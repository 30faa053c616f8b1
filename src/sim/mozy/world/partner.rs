//! Partners: a tree, each with a root admin and a default group.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{
    Deed, Details, NewAdmin, NewGroup, ObjectKind, Scope, Status, World, index::Pairs, purge::Purge,
    split_status,
};
use crate::sim::mozy::fault::{Cause, Fault};

/// How deep the tree of partners may grow.
const MAX_DEPTH: usize = 32;

/// A partner. Quotas in GB.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct Partner {
    pub id: i64,
    pub parent_id: Option<i64>,
    pub name: String,
    pub company_type: String,
    pub status: Status,
    pub external_id: Option<String>,
    pub subdomain: Option<String>,
    pub root_role_id: Option<i64>,
    pub default_group_id: i64,
    pub root_admin_id: i64,
    pub enable_sync: Option<bool>,
    pub default_sync_quota: Option<i64>,
    pub details: Details,
    pub deleted_at: Option<DateTime<Utc>>,
}

/// What `partner.Create` asks for.
#[derive(Default)]
pub(in super::super) struct NewPartner {
    pub parent_id: Option<i64>,
    pub patch: PartnerPatch,
    pub root_admin: NewAdmin,
}

/// What `partner.Update` changes; nothing where `None`.
#[derive(Default)]
pub(in super::super) struct PartnerPatch {
    pub name: Option<String>,
    pub company_type: Option<String>,
    pub subdomain: Option<String>,
    pub root_role_id: Option<i64>,
    pub external_id: Option<String>,
    pub details: Details,
    pub enable_sync: Option<bool>,
    pub default_sync_quota: Option<i64>,
}

impl World {
    /// Creates a partner with its root admin and default group.
    pub(in super::super) fn create_partner(&mut self, scope: Scope, new: NewPartner) -> Result<i64, Fault> {
        let parent = self.reach_partner(scope, new.parent_id.unwrap_or(scope.0))?;
        let (parent_id, parent_role) = (parent.id, parent.root_role_id);
        check_patch(&new.patch)?;
        self.check_depth(parent_id)?;
        let (status, details) = split_status(new.patch.details.clone())?;
        self.check_admin_name(&new.root_admin.username)?;
        if new.patch.enable_sync == Some(true) && !self.partner_sync(parent_id) {
            return Err(Fault::refused("sync is not enabled for the parent partner"));
        }
        let id = self.place_partner(Some(parent_id), new.root_admin, new.patch);
        if let Some(partner) = self.partners.get_mut(&id) {
            partner.status = status.unwrap_or_default();
            partner.details = details;
            partner.root_role_id = partner.root_role_id.or(parent_role);
        }
        Ok(id)
    }

    fn check_depth(&self, parent_id: i64) -> Result<(), Fault> {
        let parents = std::iter::successors(Some(parent_id), |id| self.partners.get(id)?.parent_id);
        let is_deep = parents.take(MAX_DEPTH).count() == MAX_DEPTH;
        if is_deep { Err(Fault::refused("partners cannot be nested deeper")) } else { Ok(()) }
    }

    /// Puts a partner in place without asking anything.
    pub(in super::super) fn place_partner(
        &mut self,
        parent: Option<i64>,
        root_admin: NewAdmin,
        patch: PartnerPatch,
    ) -> i64 {
        let id = self.take_id();
        let root_admin_id = self.place_admin(id, None, root_admin);
        let group = NewGroup { name: "(default user group)".to_owned(), ..NewGroup::default() };
        let default_group_id = self.place_group(id, group);
        let partner = Partner {
            id,
            parent_id: parent,
            name: patch.name.unwrap_or_default(),
            company_type: patch.company_type.unwrap_or_else(|| "business".to_owned()),
            status: Status::Active,
            external_id: patch.external_id,
            subdomain: patch.subdomain,
            root_role_id: patch.root_role_id,
            default_group_id,
            root_admin_id,
            enable_sync: patch.enable_sync,
            default_sync_quota: patch.default_sync_quota,
            details: Details::new(),
            deleted_at: None,
        };
        self.tell(ObjectKind::Partner, Deed::Created, id, &partner.name);
        self.name_partner(&partner, true);
        self.partners.insert(id, partner);
        id
    }

    fn name_partner(&mut self, partner: &Partner, is_there: bool) {
        let put = if is_there { Pairs::add } else { Pairs::remove };
        put(&mut self.index.partner_names, partner.name.clone(), partner.id);
        if let Some(external_id) = &partner.external_id {
            put(&mut self.index.partner_external_ids, external_id.clone(), partner.id);
        }
        if let Some(parent_id) = partner.parent_id {
            let put = if is_there { Pairs::add } else { Pairs::remove };
            put(&mut self.index.children, parent_id, partner.id);
        }
    }

    /// Changes one partner.
    pub(in super::super) fn update_partner(
        &mut self,
        scope: Scope,
        id: i64,
        patch: &PartnerPatch,
    ) -> Result<(), Fault> {
        check_patch(patch)?;
        let mut partner = self.reach_partner(scope, id)?.clone();
        let (status, details) = split_status(patch.details.clone())?;
        self.check_partner_sync(&partner, patch.enable_sync)?;
        self.name_partner(&partner, false);
        partner.name = patch.name.clone().unwrap_or(partner.name);
        partner.company_type = patch.company_type.clone().unwrap_or(partner.company_type);
        partner.subdomain = patch.subdomain.clone().or(partner.subdomain);
        partner.root_role_id = patch.root_role_id.or(partner.root_role_id);
        partner.external_id = patch.external_id.clone().or(partner.external_id);
        partner.enable_sync = patch.enable_sync.or(partner.enable_sync);
        partner.default_sync_quota = patch.default_sync_quota.or(partner.default_sync_quota);
        partner.status = status.unwrap_or(partner.status);
        partner.details.extend(details);
        self.name_partner(&partner, true);
        self.partners.insert(id, partner);
        Ok(())
    }

    /// Deletes a partner with all below it: pending for about 60 days, unreachable at once.
    pub(in super::super) fn delete_partner(&mut self, scope: Scope, id: i64) -> Result<(), Fault> {
        self.reach_partner(scope, id)?;
        if id == scope.0 {
            return Err(Fault::refused("the root partner cannot be deleted"));
        }
        for child in self.index.children.of(id).collect::<Vec<_>>() {
            if self.reaches(scope, child) {
                self.delete_partner(scope, child)?;
            }
        }
        let now = self.now;
        if let Some(partner) = self.partners.get_mut(&id) {
            partner.deleted_at = Some(now);
            let name = partner.name.clone();
            self.tell(ObjectKind::Partner, Deed::Deleted, id, &name);
        }
        self.purge_later(Purge::Partner(id));
        Ok(())
    }

    /// Forgets a partner's names and place in the tree.
    pub(super) fn drop_partner(&mut self, id: i64) {
        if let Some(partner) = self.partners.remove(&id) {
            self.name_partner(&partner, false);
        }
    }
}

fn check_patch(patch: &PartnerPatch) -> Result<(), Fault> {
    if patch.name.as_ref().is_some_and(String::is_empty) {
        return Err(Fault::invalid("name cannot be empty"));
    }
    let known = |kind: &String| ["business", "reseller", "corp"].contains(&kind.as_str());
    if !patch.company_type.as_ref().is_none_or(known) {
        return Err(Fault::new(Cause::Invalid, "there is no such company_type"));
    }
    if patch.default_sync_quota.is_some_and(|quota| quota < 0) {
        return Err(Fault::invalid("default_sync_quota cannot be negative"));
    }
    Ok(())
}
