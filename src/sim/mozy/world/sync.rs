//! Sync is three-valued from partner to group to user; what is in force upward decides (contract section 3).

use super::{Deed, Group, Machine, ObjectKind, Partner, World, license::LicenseType};
use crate::sim::mozy::fault::Fault;

/// The alias of the pseudo-machine of a synced user.
pub(in super::super) const SYNC_ALIAS: &str = "Sync";

/// GB of a synced user where nobody says otherwise.
const DEFAULT_QUOTA: i64 = 2;

impl World {
    /// Whether sync is in force for a partner: its own word, else its parent's.
    pub(super) fn partner_sync(&self, id: i64) -> bool {
        let mut at = self.partners.get(&id);
        while let Some(partner) = at {
            if let Some(enabled) = partner.enable_sync {
                return enabled;
            }
            at = partner.parent_id.and_then(|parent| self.partners.get(&parent));
        }
        false
    }

    /// Whether sync is in force for a group.
    pub(super) fn group_sync(&self, id: i64) -> bool {
        let in_force =
            |group: &Group| group.enable_sync.unwrap_or_else(|| self.partner_sync(group.partner_id));
        self.groups.get(&id).is_some_and(in_force)
    }

    /// That a partner may be given this word.
    pub(super) fn check_partner_sync(&self, partner: &Partner, word: Option<bool>) -> Result<(), Fault> {
        let parent_is_on = || partner.parent_id.is_none_or(|parent| self.partner_sync(parent));
        match word {
            Some(true) if !parent_is_on() => {
                Err(Fault::refused("sync is not enabled for the parent partner"))
            }
            Some(false) if self.has_synced_below(partner.id) => {
                Err(Fault::refused("sync is still enabled below the partner"))
            }
            _ => Ok(()),
        }
    }

    /// That a group may be given this word.
    pub(super) fn check_group_sync(&self, group: &Group, word: Option<bool>) -> Result<(), Fault> {
        match word {
            Some(true) if !self.partner_sync(group.partner_id) => {
                Err(Fault::refused("sync is not enabled for the partner"))
            }
            Some(false) if self.has_synced_users(group.id) => {
                Err(Fault::refused("sync is still enabled for users of the group"))
            }
            _ => Ok(()),
        }
    }

    fn has_synced_users(&self, group_id: i64) -> bool {
        let is_synced = |id: i64| self.users.get(&id).is_some_and(|user| user.enable_sync);
        self.index.users.of(group_id).any(is_synced)
    }

    /// Whether anything below says on for itself; what inherits is asked further down.
    fn has_synced_below(&self, partner_id: i64) -> bool {
        let group_on = |id: i64| match self.groups.get(&id).and_then(|group| group.enable_sync) {
            Some(enabled) => enabled,
            None => self.has_synced_users(id),
        };
        let partner_on = |id: i64| match self.partners.get(&id).filter(|_| !self.is_deleted(id)) {
            Some(partner) => partner.enable_sync.unwrap_or_else(|| self.has_synced_below(id)),
            None => false,
        };
        self.index.groups.of(partner_id).any(group_on) || self.index.children.of(partner_id).any(partner_on)
    }

    /// The GB of a newly synced user: the group's default, else the nearest partner's, else 2.
    fn sync_quota(&self, group_id: i64) -> i64 {
        let Some(group) = self.groups.get(&group_id) else { return DEFAULT_QUOTA };
        let start = self.partners.get(&group.partner_id);
        let up = |partner: &&Partner| self.partners.get(&partner.parent_id?);
        let of_partner = || std::iter::successors(start, up).find_map(|partner| partner.default_sync_quota);
        group.default_quotas.get(SYNC_ALIAS).copied().or_else(of_partner).unwrap_or(DEFAULT_QUOTA)
    }

    /// That a user of a group may be synced: in force, and GB are left in the Desktop pool.
    pub(super) fn check_user_sync(&self, group_id: i64) -> Result<(), Fault> {
        if !self.group_sync(group_id) {
            return Err(Fault::refused("sync is not enabled for the user group"));
        }
        self.check_gb(group_id, LicenseType::Desktop, self.sync_quota(group_id))
    }

    /// Gives a user the pseudo-machine.
    pub(super) fn start_sync(&mut self, user_id: i64, group_id: i64) {
        let id = self.take_id();
        let quota = self.sync_quota(group_id);
        let alias = Some(SYNC_ALIAS.to_owned());
        self.put_machine(Machine { alias, quota, ..Machine::new(id, user_id, group_id) });
        self.tell(ObjectKind::Machine, Deed::Created, id, SYNC_ALIAS);
    }

    /// Takes the pseudo-machine away.
    pub(super) fn stop_sync(&mut self, user_id: i64) {
        let is_sync = |id: &i64| self.machines.get(id).is_some_and(Machine::is_sync);
        for id in self.index.machines.of(user_id).filter(is_sync).collect::<Vec<_>>() {
            self.destroy_machine(id);
        }
    }
}
