//! User groups: the pools of a partner's stock, and where its users live.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Deed, Details, ObjectKind, Scope, Status, World, resource::Stocks, split_status};
use crate::sim::mozy::fault::Fault;

/// A user group. Quotas in GB.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct Group {
    pub id: i64,
    pub partner_id: i64,
    pub name: String,
    pub status: Status,
    pub external_id: Option<String>,
    pub default_quotas: BTreeMap<String, i64>,
    pub enable_sync: Option<bool>,
    pub details: Details,
    pub stock: Stocks,
}

/// What `user_group.Create` asks for.
#[derive(Default)]
pub(in super::super) struct NewGroup {
    pub name: String,
    pub default_quotas: BTreeMap<String, i64>,
    pub default_for_partner: bool,
    pub external_id: Option<String>,
    pub enable_sync: Option<bool>,
}

/// What `user_group.Update` changes; nothing where `None`.
#[derive(Default)]
pub(in super::super) struct GroupPatch {
    pub name: Option<String>,
    pub default_quotas: Option<BTreeMap<String, i64>>,
    pub default_for_partner: bool,
    pub external_id: Option<String>,
    pub details: Details,
    pub enable_sync: Option<bool>,
}

impl World {
    /// Creates a group in a partner.
    pub(in super::super) fn create_group(
        &mut self,
        scope: Scope,
        partner_id: i64,
        new: NewGroup,
    ) -> Result<i64, Fault> {
        self.reach_partner(scope, partner_id)?;
        check_quotas(&new.default_quotas)?;
        if new.enable_sync == Some(true) && !self.partner_sync(partner_id) {
            return Err(Fault::refused("sync is not enabled for the partner"));
        }
        let becomes_default = new.default_for_partner;
        let id = self.place_group(partner_id, new);
        self.set_default_group(partner_id, id, becomes_default);
        Ok(id)
    }

    pub(super) fn place_group(&mut self, partner_id: i64, new: NewGroup) -> i64 {
        let id = self.take_id();
        self.tell(ObjectKind::Group, Deed::Created, id, &new.name);
        let group = Group {
            id,
            partner_id,
            name: new.name,
            status: Status::Active,
            external_id: new.external_id,
            default_quotas: new.default_quotas,
            enable_sync: new.enable_sync,
            details: Details::new(),
            stock: Stocks::default(),
        };
        self.index.groups.add(partner_id, id);
        self.groups.insert(id, group);
        id
    }

    fn set_default_group(&mut self, partner_id: i64, id: i64, becomes_default: bool) {
        if let Some(partner) = self.partners.get_mut(&partner_id).filter(|_| becomes_default) {
            partner.default_group_id = id;
        }
    }

    /// The groups that fit.
    pub(in super::super) fn find_groups(
        &self,
        scope: Scope,
        id: Option<i64>,
        partner_id: Option<i64>,
    ) -> Vec<i64> {
        let candidates: Vec<i64> = match (id, partner_id) {
            (Some(id), _) => vec![id],
            (None, Some(partner_id)) => self.index.groups.of(partner_id).collect(),
            (None, None) => self.groups.keys().copied().collect(),
        };
        let belongs = |group: &Group| partner_id.is_none_or(|id| group.partner_id == id);
        candidates.into_iter().filter(|id| self.reach_group(scope, *id).is_ok_and(belongs)).collect()
    }

    /// Changes one group.
    pub(in super::super) fn update_group(
        &mut self,
        scope: Scope,
        id: i64,
        patch: &GroupPatch,
    ) -> Result<(), Fault> {
        let mut group = self.reach_group(scope, id)?.clone();
        let (status, details) = split_status(patch.details.clone())?;
        if patch.name.as_ref().is_some_and(String::is_empty) {
            return Err(Fault::invalid("name cannot be empty"));
        }
        check_quotas(patch.default_quotas.as_ref().unwrap_or(&group.default_quotas))?;
        self.check_group_sync(&group, patch.enable_sync)?;
        group.name = patch.name.clone().unwrap_or(group.name);
        group.default_quotas = patch.default_quotas.clone().unwrap_or(group.default_quotas);
        group.external_id = patch.external_id.clone().or(group.external_id);
        group.enable_sync = patch.enable_sync.or(group.enable_sync);
        group.status = status.unwrap_or(group.status);
        group.details.extend(details);
        self.set_default_group(group.partner_id, id, patch.default_for_partner);
        self.groups.insert(id, group);
        Ok(())
    }

    /// Deletes an empty group that is not its partner's default.
    pub(in super::super) fn delete_group(&mut self, scope: Scope, id: i64) -> Result<(), Fault> {
        let group = self.reach_group(scope, id)?;
        let default = self.partners.get(&group.partner_id).map(|partner| partner.default_group_id);
        if default == Some(id) {
            return Err(Fault::refused("the default user group cannot be deleted"));
        }
        if self.index.users.of(id).next().is_some() {
            return Err(Fault::refused("the user group still has users"));
        }
        let name = group.name.clone();
        self.empty_stock(id, default.unwrap_or(id));
        self.drop_group(id);
        self.tell(ObjectKind::Group, Deed::Deleted, id, &name);
        Ok(())
    }

    pub(super) fn drop_group(&mut self, id: i64) {
        if let Some(group) = self.groups.remove(&id) {
            self.index.groups.remove(group.partner_id, id);
        }
    }
}

fn check_quotas(quotas: &BTreeMap<String, i64>) -> Result<(), Fault> {
    let is_known = |(kind, quota): (&String, &i64)| {
        ["Desktop", "Server", "Sync"].contains(&kind.as_str()) && super::resource::is_gb(*quota)
    };
    if quotas.iter().all(is_known) { Ok(()) } else { Err(Fault::invalid("a default quota makes no sense")) }
}
