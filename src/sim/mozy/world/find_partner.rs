//! Finding partners: by id and by search, over the indexes.

use super::{Partner, Scope, World};
use crate::sim::mozy::{
    fault::Fault,
    switches::{DeletedPartnerGet, ExternalIdSearch},
};

/// What partners are searched by; all that is given must fit.
#[derive(Default, PartialEq)]
pub(in super::super) struct PartnerFind {
    pub id: Option<i64>,
    pub find_id: Option<i64>,
    pub root_admin_username: Option<String>,
    pub name: Option<String>,
    pub external_id: Option<String>,
}

impl World {
    /// The partners that fit, among them deleted ones where the switch shows them.
    pub(in super::super) fn find_partners(
        &self,
        scope: Scope,
        mut find: PartnerFind,
    ) -> Result<Vec<i64>, Fault> {
        match (self.switches.external_id_search, find.external_id.is_some()) {
            (ExternalIdSearch::Faults, true) => return Err(Fault::invalid("cannot search by external_id")),
            (ExternalIdSearch::Ignored, true) => find.external_id = None,
            _ => {}
        }
        let shows = |partner: &Partner| match self.switches.deleted_partner_get {
            DeletedPartnerGet::Faults => self.reaches(scope, partner.id),
            DeletedPartnerGet::ReturnsDeleted => self.covers(scope, partner.id),
        };
        let fits = |id: &i64| {
            let found = self.partners.get(id);
            found.is_some_and(|partner| self.partner_fits(partner, &find) && shows(partner))
        };
        Ok(self.partner_candidates(&find).into_iter().filter(fits).collect())
    }

    fn partner_candidates(&self, find: &PartnerFind) -> Vec<i64> {
        if let Some(id) = find.id.or(find.find_id) {
            return vec![id];
        }
        if let Some(username) = &find.root_admin_username {
            let admins = self.index.admin_names.of(username.to_lowercase());
            return admins.filter_map(|id| self.admins.get(&id)).map(|admin| admin.partner_id).collect();
        }
        if let Some(name) = &find.name {
            return self.index.partner_names.of(name.clone()).collect();
        }
        if let Some(external_id) = &find.external_id {
            return self.index.partner_external_ids.of(external_id.clone()).collect();
        }
        self.partners.keys().copied().collect()
    }

    fn partner_fits(&self, partner: &Partner, find: &PartnerFind) -> bool {
        let has_admin = |username: &String| {
            let admin = self.admins.get(&partner.root_admin_id);
            admin.is_some_and(|admin| admin.username.eq_ignore_ascii_case(username))
        };
        find.id.is_none_or(|id| id == partner.id)
            && find.find_id.is_none_or(|id| id == partner.id)
            && find.root_admin_username.as_ref().is_none_or(has_admin)
            && find.name.as_ref().is_none_or(|name| *name == partner.name)
            && find.external_id.as_ref().is_none_or(|id| partner.external_id.as_ref() == Some(id))
    }
}
