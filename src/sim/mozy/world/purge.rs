//! Deleted partners and admins are kept for about 60 days, then forgotten.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Keystring, LicenseType, World};

/// How long a deleted thing is pending.
const PENDING: TimeDelta = TimeDelta::days(60);

/// What is forgotten when its time has come.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purge {
    Partner(i64),
    Admin(i64),
}

impl World {
    pub(super) fn purge_later(&mut self, what: Purge) {
        self.purges.entry(self.now + PENDING).or_default().push(what);
    }

    /// Sets the time and forgets what is due.
    pub(in super::super) fn set_time(&mut self, now: DateTime<Utc>) {
        self.now = self.now.max(now);
        while let Some(first) = self.purges.first_entry().filter(|first| *first.key() <= now) {
            for what in first.remove() {
                match what {
                    Purge::Partner(id) => self.purge_partner(id),
                    Purge::Admin(id) => self.drop_admin(id),
                }
            }
        }
    }

    fn purge_partner(&mut self, id: i64) {
        for group in self.index.groups.of(id).collect::<Vec<_>>() {
            self.purge_group(group);
        }
        for admin in self.index.admins.of(id).collect::<Vec<_>>() {
            self.drop_admin(admin);
        }
        self.drop_partner(id);
    }

    fn purge_group(&mut self, id: i64) {
        for user in self.index.users.of(id).collect::<Vec<_>>() {
            for machine in self.index.machines.of(user).collect::<Vec<_>>() {
                self.drop_machine(machine);
            }
            self.drop_user(user);
        }
        for key in self.keys_of(id) {
            self.drop_license(key);
        }
        self.drop_group(id);
    }

    /// All keys of a group.
    pub(super) fn keys_of(&self, group_id: i64) -> Vec<Keystring> {
        LicenseType::ALL.into_iter().flat_map(|of| self.index.keys.of((group_id, of))).collect()
    }
}
