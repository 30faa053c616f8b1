//! Rows of desired things, one file per kind: what the tables hold, and what the domain makes of it.

mod group;
mod licence;
mod tenant;
mod user;

pub(super) use group::GroupRow;
pub(super) use licence::LicenceRow;
pub(super) use tenant::{TenantRow, amount};
pub(super) use user::UserRow;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

/// What all desired things have in common.
pub(super) trait Row: Clone + PartialEq + Serialize + DeserializeOwned {
    /// What events call it.
    const KIND: &'static str;

    /// APS id.
    fn id(&self) -> Uuid;
    /// What people call it.
    fn name(&self) -> &str;
    /// Whose it is, where it is somebody's.
    fn owner(&self) -> Option<Uuid> {
        None
    }
    /// The subscription's generation when it last changed.
    fn wish_generation(&self) -> i64;
    /// Notes that it changed.
    fn set_wish_generation(&mut self, generation: i64);
    /// When it was wished away, and when it was seen gone.
    fn tombstone(&mut self) -> (&mut Option<DateTime<Utc>>, &mut Option<DateTime<Utc>>);
    /// Whether it was wished away.
    fn is_removed(&self) -> bool;
    /// Whether it is gone.
    fn is_gone(&self) -> bool;
    /// Takes from `now` what nobody wished for: ids that Mozy gave, and bookkeeping.
    fn keep_known(&mut self, now: &Self);
    /// Forgets what Mozy called it.
    fn forget_known(&mut self);

    /// Wishes it away.
    fn remove(&mut self, now: DateTime<Utc>) {
        self.tombstone().0.get_or_insert(now);
    }

    /// Says that it is not there and never will have been.
    fn bury(&mut self, now: DateTime<Utc>) {
        self.remove(now);
        self.tombstone().1.get_or_insert(now);
    }

    /// Wishes for it again; one that had gone is another one at Mozy.
    fn revive(&mut self) {
        if self.is_gone() {
            self.forget_known();
        }
        *self.tombstone().0 = None;
        *self.tombstone().1 = None;
    }
}

/// The parts of [`Row`] that are the same columns in every table.
macro_rules! same_columns {
    ($kind:literal, $name:ident) => {
        same_columns!($kind, $name, generation);
    };
    ($kind:literal, $name:ident, $generation:ident) => {
        const KIND: &'static str = $kind;

        fn id(&self) -> uuid::Uuid {
            self.id
        }
        fn name(&self) -> &str {
            &self.$name
        }
        fn wish_generation(&self) -> i64 {
            self.$generation
        }
        fn set_wish_generation(&mut self, generation: i64) {
            self.$generation = generation;
        }
        fn tombstone(
            &mut self,
        ) -> (&mut Option<chrono::DateTime<chrono::Utc>>, &mut Option<chrono::DateTime<chrono::Utc>>) {
            (&mut self.removed_at, &mut self.gone_at)
        }
        fn is_removed(&self) -> bool {
            self.removed_at.is_some()
        }
        fn is_gone(&self) -> bool {
            self.gone_at.is_some()
        }
    };
}
use same_columns;
