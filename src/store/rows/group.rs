//! A group's row.

use super::{Row, same_columns};
use crate::domain::group::Group;
use crate::domain::{GroupId, MozyGroupId};
use crate::store::schema::user_groups;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A row of `user_groups`; the migration says what each column means.
#[derive(
    Debug,
    Clone,
    PartialEq,
    Queryable,
    Selectable,
    Insertable,
    AsChangeset,
    Identifiable,
    Serialize,
    Deserialize,
)]
#[diesel(table_name = user_groups, treat_none_as_null = true)]
#[allow(missing_docs)]
pub struct GroupRow {
    pub id: Uuid,
    pub subscription_id: Uuid,
    pub name: String,
    pub generation: i64,
    pub removed_at: Option<DateTime<Utc>>,
    pub gone_at: Option<DateTime<Utc>>,
    pub mozy_id: Option<i64>,
}

impl GroupRow {
    /// As the domain knows it; `all_removed` when its subscription is being removed.
    pub fn group(&self, all_removed: bool) -> Group {
        Group {
            id: GroupId(self.id),
            generation: self.generation,
            name: self.name.clone(),
            removed: all_removed || self.is_removed(),
            mozy_id: self.mozy_id.map(MozyGroupId),
        }
    }
}

impl Row for GroupRow {
    same_columns!("group", name);

    fn keep_known(&mut self, now: &Self) {
        (self.generation, self.mozy_id) = (now.generation, now.mozy_id);
    }

    fn forget_known(&mut self) {
        self.mozy_id = None;
    }
}
