//! Desired: everything PostgreSQL says is wanted of one subscription, tombstones included.

use super::group::Group;
use super::subscription::Subscription;
use super::user::User;
use super::{Gb, GroupId, LicenceKind, MozyGroupId};

/// One subscription with its groups, users and licences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desired {
    /// The subscription itself.
    pub subscription: Subscription,
    /// The customer's own groups; none for resellers and their customers.
    pub groups: Vec<Group>,
    /// Its users with their licences.
    pub users: Vec<User>,
}

impl Desired {
    /// The group with this APS id.
    pub fn group(&self, id: GroupId) -> Option<&Group> {
        self.groups.iter().find(|group| group.id == id)
    }

    /// Mozy's id of the group a user is to be in; `None` while that group does not exist there yet.
    pub fn mozy_group_of(&self, user: &User) -> Option<MozyGroupId> {
        match user.group {
            Some(id) => self.group(id).and_then(|group| group.mozy_id),
            None => self.subscription.home_group,
        }
    }

    /// How many licences of a kind are wished for, and their GB; sync counts in Desktop's GB.
    pub fn wished(&self, kind: LicenceKind) -> (i64, Gb) {
        let live = || self.users.iter().filter(|user| !user.removed);
        let licences = || live().flat_map(|u| &u.licences).filter(|l| !l.removed && l.kind == kind);
        let sync: Gb = match kind {
            LicenceKind::Desktop => live().filter_map(|user| self.sync_quota(user)).sum(),
            LicenceKind::Server => Gb(0),
        };
        (licences().count() as i64, licences().map(|l| l.quota).sum::<Gb>() + sync)
    }

    /// The sync GB a user is to have: his own, else the subscription's default, else Mozy's. `None` without sync.
    pub fn sync_quota(&self, user: &User) -> Option<Gb> {
        let default = self.subscription.bought.sync_default_quota;
        (user.sync && self.subscription.sync)
            .then(|| user.sync_quota.or(default).unwrap_or(Gb(super::sync::MOZY_DEFAULT_SYNC_GB)))
    }
}
