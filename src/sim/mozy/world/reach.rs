//! One api key covers its partner and the tree below; all else does not exist for it.

use super::{Admin, Group, License, Machine, Partner, User, World};
use crate::sim::mozy::{fault::Fault, keystring::Keystring};

/// On whose behalf a call is made: the partner an api key belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scope(pub i64);

impl World {
    /// Whether the partner is the scope's own or below it, deleted or not.
    pub(super) fn covers(&self, scope: Scope, partner_id: i64) -> bool {
        let mut at = Some(partner_id);
        while let Some(id) = at {
            if id == scope.0 {
                return self.partners.contains_key(&partner_id);
            }
            at = self.partners.get(&id).and_then(|partner| partner.parent_id);
        }
        false
    }

    /// Whether the partner is covered and not deleted.
    pub(in super::super) fn reaches(&self, scope: Scope, partner_id: i64) -> bool {
        let is_live = self.partners.get(&partner_id).is_some_and(|partner| partner.deleted_at.is_none());
        is_live && self.covers(scope, partner_id)
    }

    /// The partner, if reached.
    pub(super) fn reach_partner(&self, scope: Scope, id: i64) -> Result<&Partner, Fault> {
        let found = self.partners.get(&id).filter(|_| self.reaches(scope, id));
        found.ok_or_else(|| Fault::missing("partner"))
    }

    /// The group, if reached.
    pub(super) fn reach_group(&self, scope: Scope, id: i64) -> Result<&Group, Fault> {
        let found = self.groups.get(&id).filter(|group| self.reaches(scope, group.partner_id));
        found.ok_or_else(|| Fault::missing("user group"))
    }

    /// The admin, if reached and not deleted.
    pub(super) fn reach_admin(&self, scope: Scope, id: i64) -> Result<&Admin, Fault> {
        let is_there = |admin: &&Admin| admin.deleted_at.is_none() && self.reaches(scope, admin.partner_id);
        self.admins.get(&id).filter(is_there).ok_or_else(|| Fault::missing("admin"))
    }

    /// The user, if reached.
    pub(super) fn reach_user(&self, scope: Scope, id: i64) -> Result<&User, Fault> {
        let found = self.users.get(&id).filter(|user| self.reaches(scope, user.partner_id));
        found.ok_or_else(|| Fault::missing("user"))
    }

    /// The machine, if reached.
    pub(super) fn reach_machine(&self, scope: Scope, id: i64) -> Result<&Machine, Fault> {
        let is_there = |machine: &&Machine| self.reach_user(scope, machine.user_id).is_ok();
        self.machines.get(&id).filter(is_there).ok_or_else(|| Fault::missing("machine"))
    }

    /// The licence, if reached.
    pub(super) fn reach_license(&self, scope: Scope, keystring: Keystring) -> Result<&License, Fault> {
        let is_there = |license: &&License| self.reach_group(scope, license.group_id).is_ok();
        self.licenses.get(&keystring).filter(is_there).ok_or_else(|| Fault::missing("license key"))
    }
}
