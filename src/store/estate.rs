//! An estate: a subscription's row with the rows of all that is in it, as one value that wishes are decided on.

use super::reseller::{self, Neighbours};
use super::rows::{GroupRow, LicenceRow, Row, TenantRow, UserRow};
use super::schema::{licences, subscriptions, user_groups, users};
use crate::domain::{Desired, SubscriptionId, Thing};
use chrono::{DateTime, Utc};
use diesel::dsl::{self, AsExprOf};
use diesel::prelude::*;
use diesel::sql_types::Timestamptz;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use futures_util::future::try_join_all;
use futures_util::try_join;
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// The database's clock at the start of the transaction.
fn clock() -> AsExprOf<dsl::now, Timestamptz> {
    dsl::now.into_sql::<Timestamptz>()
}

/// All rows of one subscription that are not gone, and the thing that is asked about even if it is.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Estate {
    pub tenant: TenantRow,
    pub neighbours: Neighbours,
    pub groups: Vec<GroupRow>,
    pub users: Vec<UserRow>,
    pub licences: Vec<LicenceRow>,
    /// The database's clock.
    pub now: DateTime<Utc>,
}

impl Estate {
    /// Reads an estate as it is now.
    pub async fn read(conn: &AsyncPgConnection, id: SubscriptionId) -> QueryResult<Option<Self>> {
        Ok(Self::read_all(conn, &[id.0]).await?.pop())
    }

    /// Reads several, as many statements as for one; those that are not known are not among them.
    pub async fn read_all(conn: &AsyncPgConnection, ids: &[Uuid]) -> QueryResult<Vec<Self>> {
        let tenants = subscriptions::table.filter(subscriptions::id.eq_any(ids));
        let groups = user_groups::table
            .filter(user_groups::subscription_id.eq_any(ids))
            .filter(user_groups::gone_at.is_null())
            .order(user_groups::id)
            .select(GroupRow::as_select());
        let users = users::table
            .filter(users::subscription_id.eq_any(ids))
            .filter(users::gone_at.is_null())
            .order(users::id)
            .select(UserRow::as_select());
        let licences = licences::table
            .filter(licences::subscription_id.eq_any(ids))
            .filter(licences::gone_at.is_null())
            .order(licences::id)
            .select(LicenceRow::as_select());
        let (tenants, groups, users, licences) = try_join!(
            tenants.select((TenantRow::as_select(), clock())).load(&mut &*conn),
            groups.load(&mut &*conn),
            users.load(&mut &*conn),
            licences.load(&mut &*conn),
        )?;
        let (mut groups, mut users) =
            (by(groups, |row| row.subscription_id), by(users, |row| row.subscription_id));
        let mut licences = by(licences, |row| row.subscription_id);
        let read = tenants.into_iter().map(|(tenant, now): (TenantRow, _)| {
            let groups = groups.remove(&tenant.id).unwrap_or_default();
            let users = users.remove(&tenant.id).unwrap_or_default();
            let licences = licences.remove(&tenant.id).unwrap_or_default();
            async move {
                let neighbours = reseller::neighbours(conn, &tenant).await?;
                Ok(Self { tenant, neighbours, groups, users, licences, now })
            }
        });
        try_join_all(read).await
    }

    /// Reads an estate for a change of `thing`: nobody else changes it until the transaction ends.
    pub async fn lock(
        conn: &AsyncPgConnection,
        id: SubscriptionId,
        thing: Uuid,
    ) -> QueryResult<Option<Self>> {
        let tenant = subscriptions::table.find(id.0).select((TenantRow::as_select(), clock()));
        match tenant.for_no_key_update().first(&mut &*conn).await.optional()? {
            Some((tenant, now)) => Self::around(conn, tenant, now, thing).await.map(Some),
            None => Ok(None),
        }
    }

    async fn around(
        conn: &AsyncPgConnection,
        tenant: TenantRow,
        now: DateTime<Utc>,
        thing: Uuid,
    ) -> QueryResult<Self> {
        let groups = user_groups::table
            .filter(user_groups::subscription_id.eq(tenant.id))
            .filter(user_groups::gone_at.is_null().or(user_groups::id.eq(thing)))
            .order(user_groups::id)
            .select(GroupRow::as_select());
        let users = users::table
            .filter(users::subscription_id.eq(tenant.id))
            .filter(users::gone_at.is_null().or(users::id.eq(thing)))
            .order(users::id)
            .select(UserRow::as_select());
        let licences = licences::table
            .filter(licences::subscription_id.eq(tenant.id))
            .filter(licences::gone_at.is_null().or(licences::id.eq(thing)))
            .order(licences::id)
            .select(LicenceRow::as_select());
        let (groups, users, licences, neighbours) = try_join!(
            groups.load(&mut &*conn),
            users.load(&mut &*conn),
            licences.load(&mut &*conn),
            reseller::neighbours(conn, &tenant),
        )?;
        Ok(Self { tenant, neighbours, groups, users, licences, now })
    }

    /// As the domain knows it. When the subscription is being removed, so is everything in it.
    pub fn desired(&self) -> Desired {
        let all = self.tenant.is_removed();
        let mut licences: BTreeMap<Uuid, Vec<_>> = BTreeMap::new();
        for licence in self.licences.iter().filter(|licence| !licence.is_gone()) {
            licences.entry(licence.user_id).or_default().push(licence.licence(all));
        }
        let users = self.users.iter().filter(|user| !user.is_gone());
        Desired {
            subscription: self.tenant.subscription_in(self.neighbours.model()),
            groups: self
                .groups
                .iter()
                .filter(|group| !group.is_gone())
                .map(|group| group.group(all))
                .collect(),
            users: users.map(|user| user.user(licences.remove(&user.id).unwrap_or_default(), all)).collect(),
        }
    }

    /// The group with this APS id, gone or not.
    pub fn group(&mut self, id: Uuid) -> Option<&mut GroupRow> {
        self.groups.iter_mut().find(|group| group.id == id)
    }

    /// The user with this APS id, gone or not.
    pub fn user(&mut self, id: Uuid) -> Option<&mut UserRow> {
        self.users.iter_mut().find(|user| user.id == id)
    }

    /// The licence with this APS id, gone or not.
    pub fn licence(&mut self, id: Uuid) -> Option<&mut LicenceRow> {
        self.licences.iter_mut().find(|licence| licence.id == id)
    }

    /// Puts a group in, in the place of the one with its id.
    pub fn put_group(&mut self, row: GroupRow) {
        put(&mut self.groups, row);
    }

    /// Puts a user in, in the place of the one with his id.
    pub fn put_user(&mut self, row: UserRow) {
        put(&mut self.users, row);
    }

    /// Puts a licence in, in the place of the one with its id.
    pub fn put_licence(&mut self, row: LicenceRow) {
        put(&mut self.licences, row);
    }

    /// How a thing in it stands; `None` when there is no such thing.
    pub fn standing(&self, thing: Thing) -> Option<Standing> {
        let gone = self.tenant.is_gone();
        let of = |row: Option<Standing>| row.map(|row| Standing { gone: row.gone || gone, ..row });
        match thing {
            Thing::Tenant(_) => {
                let bound = self.tenant.partner_id.is_some() || self.tenant.home_group_id.is_some();
                Some(Standing::of(&self.tenant, bound))
            }
            Thing::Group(id) => {
                of(find(&self.groups, id.0).map(|row| Standing::of(row, row.mozy_id.is_some())))
            }
            Thing::User(id) => {
                of(find(&self.users, id.0).map(|row| Standing::of(row, row.mozy_id.is_some())))
            }
            Thing::Licence(id) => {
                of(find(&self.licences, id.0).map(|row| Standing::of(row, row.keystring.is_some())))
            }
        }
    }
}

/// How one thing stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    /// The generation of its wish.
    pub generation: i64,
    /// Whether it is wished away.
    pub removed: bool,
    /// Whether it is gone.
    pub gone: bool,
    /// Whether Mozy has given it an id.
    pub bound: bool,
}

impl Standing {
    fn of(row: &impl Row, bound: bool) -> Self {
        Self { generation: row.wish_generation(), removed: row.is_removed(), gone: row.is_gone(), bound }
    }
}

fn put<R: Row>(rows: &mut Vec<R>, row: R) {
    match rows.iter_mut().find(|other| other.id() == row.id()) {
        Some(place) => *place = row,
        None => rows.push(row),
    }
}

fn find<R: Row>(rows: &[R], id: Uuid) -> Option<&R> {
    rows.iter().find(|row| row.id() == id)
}

/// Rows by whose they are, in their order.
fn by<R>(rows: Vec<R>, whose: impl Fn(&R) -> Uuid) -> HashMap<Uuid, Vec<R>> {
    let mut all: HashMap<Uuid, Vec<R>> = HashMap::new();
    for row in rows {
        all.entry(whose(&row)).or_default().push(row);
    }
    all
}
