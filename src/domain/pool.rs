//! A pool: the licences and GB of one kind in one group, as `resource.GetResources` counts them.

use super::licence::ObservedLicence;
use super::{Gb, LicenceKind};
use serde::{Deserialize, Serialize};
use std::ops::AddAssign;

/// Stock of one kind. What a subscription has is the sum over its groups.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stock {
    /// All keys.
    pub licences: i64,
    /// Assigned, not activated.
    pub reserved: i64,
    /// Activated.
    pub used: i64,
    /// All GB.
    pub quota: Gb,
    /// GB promised to reserved and used keys; whether also to sync is not written.
    pub distributed: Gb,
    /// Bytes backed up.
    pub used_bytes: i64,
}

impl Stock {
    /// Keys neither assigned nor activated.
    pub fn free_licences(&self) -> i64 {
        self.licences - self.reserved - self.used
    }

    /// Keys assigned or activated.
    pub fn assigned(&self) -> i64 {
        self.reserved + self.used
    }

    /// Whether it counts every key that was listed: one that knows of fewer, or of fewer assigned ones, is no answer, or
    /// of another moment than the list.
    pub fn counts(&self, kind: LicenceKind, listed: &[ObservedLicence]) -> bool {
        let listed = || listed.iter().filter(|key| key.kind == Some(kind));
        listed().count() as i64 <= self.licences
            && listed().filter(|key| !key.is_free()).count() as i64 <= self.assigned()
    }

    /// Whether it counts exactly as many keys assigned or activated as were listed.
    pub fn counts_exactly(&self, kind: LicenceKind, listed: &[ObservedLicence]) -> bool {
        let assigned = listed.iter().filter(|key| key.kind == Some(kind) && !key.is_free()).count();
        assigned as i64 == self.assigned()
    }

    /// GB not promised to anybody. Negative while a move is half done.
    pub fn free_quota(&self) -> Gb {
        self.quota - self.distributed
    }
}

impl AddAssign for Stock {
    fn add_assign(&mut self, other: Self) {
        let Self { licences, reserved, used, quota, distributed, used_bytes } = other;
        self.licences += licences;
        self.reserved += reserved;
        self.used += used;
        self.quota += quota;
        self.distributed += distributed;
        self.used_bytes += used_bytes;
    }
}
