//! A licence's row.

use super::{Row, same_columns};
use crate::domain::licence::Licence;
use crate::domain::{Gb, Keystring, LicenceId, LicenceKind};
use crate::store::schema::licences;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A row of `licences`; the migration says what each column means.
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
#[diesel(table_name = licences, treat_none_as_null = true)]
#[allow(missing_docs)]
pub struct LicenceRow {
    pub id: Uuid,
    pub subscription_id: Uuid,
    pub user_id: Uuid,
    pub kind: String,
    pub quota: i64,
    pub generation: i64,
    pub removed_at: Option<DateTime<Utc>>,
    pub gone_at: Option<DateTime<Utc>>,
    pub keystring: Option<String>,
}

impl LicenceRow {
    /// As the domain knows it; `all_removed` when its subscription is being removed.
    pub fn licence(&self, all_removed: bool) -> Licence {
        Licence {
            id: LicenceId(self.id),
            generation: self.generation,
            // The table's check allows no third.
            kind: if self.kind == LicenceKind::Server.as_str() {
                LicenceKind::Server
            } else {
                LicenceKind::Desktop
            },
            quota: Gb(self.quota),
            removed: all_removed || self.is_removed(),
            key: self.keystring.clone().map(Keystring),
            // No wish is about it: only a case has it.
            address: None,
        }
    }
}

impl Row for LicenceRow {
    same_columns!("licence", kind);

    fn owner(&self) -> Option<Uuid> {
        Some(self.user_id)
    }

    fn keep_known(&mut self, now: &Self) {
        self.generation = now.generation;
        self.keystring.clone_from(&now.keystring);
    }

    fn forget_known(&mut self) {
        self.keystring = None;
    }
}
