//! What was seen is kept when it differs from what was seen before; whether it does, a digest tells.

use crate::domain::SubscriptionId;
use crate::domain::observed::Account;
use crate::domain::sync::in_force;
use crate::domain::{Keystring, MozyGroupId, MozyUserId};
use crate::ports::report::Seen;
use crate::store::case;
use crate::store::doc::Doc;
use crate::store::error::StoreError;
use crate::store::owed::{self, Known};
use crate::store::schema::{licences, observations, subscriptions, user_groups, users};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use futures_util::try_join;
use uuid::Uuid;

/// What was seen before, in short; nothing of what was never seen.
#[derive(Default, Queryable)]
pub(super) struct Before {
    model: String,
    digest: Option<Vec<u8>>,
    syncs: Option<bool>,
}

/// What was seen before.
pub(super) async fn stored(conn: &AsyncPgConnection, id: SubscriptionId) -> QueryResult<Before> {
    let row = subscriptions::table
        .left_join(observations::table.on(observations::subscription_id.eq(subscriptions::id)))
        .filter(subscriptions::id.eq(id.0))
        .select((subscriptions::model, observations::digest.nullable(), observations::syncs.nullable()));
    Ok(row.first(&mut &*conn).await.optional()?.unwrap_or_default())
}

impl Before {
    /// Whether sync came into force or went out of it: that concerns a reseller and his customers.
    pub fn turned(&self, seen: &Seen) -> bool {
        let before = self.syncs.unwrap_or(false);
        match seen {
            Seen::Nothing => false,
            Seen::Absent => before,
            Seen::Account(account) => self.syncs(account) != before,
        }
    }

    /// Whether sync is in force: for a reseller's customer in his group, for anybody else in his partner.
    fn syncs(&self, account: &Account) -> bool {
        let partner = account.partner.sync.unwrap_or(false);
        match self.model.as_str() {
            "customer" => {
                account.groups.as_slice().first().is_some_and(|home| in_force(partner, home.group.sync))
            }
            _ => partner,
        }
    }
}

/// Keeps what was seen and owes OSA's screens whatever of it looks different.
pub(super) async fn write(
    conn: &AsyncPgConnection,
    id: SubscriptionId,
    before: &Before,
    seen: &Seen,
) -> Result<(), StoreError> {
    let account = match seen {
        Seen::Nothing => return Ok(()),
        Seen::Absent => None,
        Seen::Account(account) => Some(&**account),
    };
    let digest = digest(account)?;
    // Nothing was ever seen, and still nothing is.
    let same = before.digest.as_ref().map_or(account.is_none(), |before| *before == digest);
    if same {
        return Ok(());
    }
    if let Some(account) = account {
        owe_changes(conn, id, account).await?;
    }
    let syncs = account.is_some_and(|account| before.syncs(account));
    keep(conn, id, account, &digest, syncs).await.map_err(StoreError::from)
}

async fn keep(
    conn: &AsyncPgConnection,
    id: SubscriptionId,
    account: Option<&Account>,
    digest: &[u8],
    syncs: bool,
) -> QueryResult<()> {
    let values = (
        observations::account.eq(account.map(Doc)),
        observations::digest.eq(digest),
        observations::syncs.eq(syncs),
        observations::changed_at.eq(diesel::dsl::now),
    );
    diesel::insert_into(observations::table)
        .values((observations::subscription_id.eq(id.0), values))
        .on_conflict(observations::subscription_id)
        .do_update()
        .set((
            observations::account.eq(diesel::upsert::excluded(observations::account)),
            observations::digest.eq(diesel::upsert::excluded(observations::digest)),
            observations::syncs.eq(diesel::upsert::excluded(observations::syncs)),
            observations::changed_at.eq(diesel::dsl::now),
        ))
        .execute(&mut &*conn)
        .await
        .map(drop)
}

async fn owe_changes(conn: &AsyncPgConnection, id: SubscriptionId, new: &Account) -> Result<(), StoreError> {
    let (old, known) = try_join!(case::last(conn, id), known(conn, id))?;
    for (service, thing) in owed::changed(id.0, &known, old.as_ref(), new) {
        owed::owe(conn, id, service, thing).await?;
    }
    Ok(())
}

async fn known(conn: &AsyncPgConnection, id: SubscriptionId) -> QueryResult<Known> {
    let groups = user_groups::table
        .filter(user_groups::subscription_id.eq(id.0))
        .filter(user_groups::gone_at.is_null())
        .select((user_groups::id, user_groups::mozy_id.assume_not_null()))
        .filter(user_groups::mozy_id.is_not_null());
    let users = users::table
        .filter(users::subscription_id.eq(id.0))
        .filter(users::gone_at.is_null())
        .select((users::id, users::mozy_id.assume_not_null()))
        .filter(users::mozy_id.is_not_null());
    let licences = licences::table
        .filter(licences::subscription_id.eq(id.0))
        .filter(licences::gone_at.is_null())
        .select((licences::id, licences::keystring.assume_not_null(), licences::user_id))
        .filter(licences::keystring.is_not_null());
    let (groups, users, licences) = try_join!(
        groups.load::<(Uuid, i64)>(&mut &*conn),
        users.load::<(Uuid, i64)>(&mut &*conn),
        licences.load::<(Uuid, String, Uuid)>(&mut &*conn),
    )?;
    Ok(Known {
        groups: groups.into_iter().map(|(id, mozy)| (id, MozyGroupId(mozy))).collect(),
        users: users.into_iter().map(|(id, mozy)| (id, MozyUserId(mozy))).collect(),
        licences: licences.into_iter().map(|(id, key, user)| (id, Keystring(key), user)).collect(),
    })
}

fn digest(account: Option<&Account>) -> Result<Vec<u8>, StoreError> {
    let text = serde_json::to_vec(&account);
    let text =
        text.map_err(|error| StoreError::Corrupt { what: "an observation", why: error.to_string() })?;
    Ok(ring::digest::digest(&ring::digest::SHA256, &text).as_ref().to_vec())
}
