//! A user's row.

use super::{Row, same_columns};
use crate::domain::licence::Licence;
use crate::domain::user::User;
use crate::domain::{Gb, GroupId, MozyUserId, UserId};
use crate::store::schema::users;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A row of `users`; the migration says what each column means.
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
#[diesel(table_name = users, treat_none_as_null = true)]
#[allow(missing_docs)]
pub struct UserRow {
    pub id: Uuid,
    pub subscription_id: Uuid,
    pub service_user_id: Uuid,
    pub login: String,
    pub display_name: String,
    pub group_id: Option<Uuid>,
    pub suspended: bool,
    pub sync: bool,
    pub sync_quota: Option<i64>,
    pub generation: i64,
    pub removed_at: Option<DateTime<Utc>>,
    pub gone_at: Option<DateTime<Utc>>,
    pub mozy_id: Option<i64>,
}

impl UserRow {
    /// As the domain knows him, with his licences; `all_removed` when his subscription is being removed.
    pub fn user(&self, licences: Vec<Licence>, all_removed: bool) -> User {
        User {
            id: UserId(self.id),
            generation: self.generation,
            login: self.login.clone(),
            display_name: self.display_name.clone(),
            group: self.group_id.map(GroupId),
            suspended: self.suspended,
            sync: self.sync,
            sync_quota: self.sync_quota.map(Gb),
            removed: all_removed || self.is_removed(),
            mozy_id: self.mozy_id.map(MozyUserId),
            licences,
        }
    }
}

impl Row for UserRow {
    same_columns!("user", login);

    fn keep_known(&mut self, now: &Self) {
        (self.generation, self.mozy_id) = (now.generation, now.mozy_id);
    }

    fn forget_known(&mut self) {
        self.mozy_id = None;
    }
}
