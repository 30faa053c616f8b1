//! What a wish changed is written, and nothing else: rows that differ, one generation, one event, one wake.

use super::wish::Wish;
use super::words::{Names, describe, names};
use crate::domain::{GroupId, LicenceId, UserId};
use crate::plan::Subject;
use crate::store::estate::Estate;
use crate::store::rows::{GroupRow, LicenceRow, Row, TenantRow, UserRow};
use crate::store::schema::{licences, subscriptions, user_groups, users};
use crate::store::{between, events, record, reseller, wake};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The rows of a wish as they were before it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Previous {
    pub tenant: Option<TenantRow>,
    pub groups: Vec<GroupRow>,
    pub users: Vec<UserRow>,
    pub licences: Vec<LicenceRow>,
    /// Those that were not there.
    pub new: Vec<Uuid>,
    /// The generations of the wishes whose place this one took before anything of them was done.
    #[serde(default)]
    pub earlier: Vec<i64>,
}

impl Previous {
    /// What steps about it would be about. The kind of a new thing is not kept, and ids are never used twice.
    pub fn subjects(&self) -> Vec<Subject> {
        let groups = self.groups.iter().map(|row| Subject::Group(GroupId(row.id)));
        let users = self.users.iter().map(|row| Subject::User(UserId(row.id)));
        let licences = self.licences.iter().map(|row| Subject::Licence(LicenceId(row.id)));
        let new = self.new.iter().flat_map(|&id| {
            [Subject::Group(GroupId(id)), Subject::User(UserId(id)), Subject::Licence(LicenceId(id))]
        });
        groups.chain(users).chain(licences).chain(new).collect()
    }

    /// What was before an earlier wish, of that generation, whose place this one took.
    pub fn since(self, earlier: Self, generation: i64) -> Self {
        let mut both = Self { new: earlier.new, earlier: earlier.earlier, ..self };
        both.earlier.push(generation);
        let (ours, new) = (&both.earlier, &mut both.new);
        let mut tenant: Vec<_> = both.tenant.into_iter().collect();
        join(&mut tenant, earlier.tenant.into_iter().collect(), ours, new);
        both.tenant = tenant.pop();
        join(&mut both.groups, earlier.groups, ours, new);
        join(&mut both.users, earlier.users, ours, new);
        join(&mut both.licences, earlier.licences, ours, new);
        both.new.extend(self.new);
        both
    }
}

/// Rows as they were before two wishes: what the earlier one wrote as it was before that, or not there. What somebody
/// else wrote in between stays as he wrote it.
fn join<R: Row>(rows: &mut Vec<R>, earlier: Vec<R>, ours: &[i64], new: &mut Vec<Uuid>) {
    let is_ours = |row: &R| ours.contains(&row.wish_generation());
    new.retain(|id| rows.iter().all(|row| row.id() != *id || is_ours(row)));
    rows.retain(|row| !new.contains(&row.id()));
    for old in earlier {
        match rows.iter_mut().find(|row| row.id() == old.id()) {
            Some(row) if is_ours(row) => *row = old,
            Some(_) => {}
            None => rows.push(old),
        }
    }
}

/// What a wish changed.
pub(super) struct Change {
    pub previous: Previous,
    lines: Vec<String>,
}

/// Writes the difference, told as `what`; `None` when there is none that Mozy is concerned by.
pub(super) async fn save(
    conn: &AsyncPgConnection,
    before: &Estate,
    after: &mut Estate,
    wish: &Wish<'_>,
    what: &str,
) -> QueryResult<Option<Change>> {
    let mut change = Change { previous: Previous::default(), lines: Vec::new() };
    let (changed, kept) = stamp(before, after, &mut change);
    let shown = before.tenant.groups_tab != after.tenant.groups_tab;
    if !changed && !shown {
        return Ok(None);
    }
    if changed {
        after.tenant.generation = before.tenant.generation + 1;
        after.tenant.request_id.clone_from(&wish.ask.request);
    }
    write(conn, &after.tenant, &kept).await?;
    let text = format!("{what}: {}", change.lines.join("; "));
    let event = std::iter::once(("wish", text.as_str()));
    events::write(conn, after.tenant.subscription(), event, wish.ask.request.as_deref()).await?;
    if changed {
        tell(conn, before, after).await?;
    }
    Ok(changed.then_some(change))
}

/// Rows to be written besides the tenant's.
#[derive(Default)]
struct Kept {
    groups: Vec<GroupRow>,
    users: Vec<UserRow>,
    licences: Vec<LicenceRow>,
}

/// Gives what differs the next generation, and notes how it was.
fn stamp(before: &Estate, after: &mut Estate, change: &mut Change) -> (bool, Kept) {
    let (next, Change { previous, lines }) = (before.tenant.generation + 1, change);
    let names = names(after);
    let mut kept = Kept::default();
    let Previous { tenant, groups, users, licences, new, .. } = previous;
    if before.tenant != after.tenant {
        // What is not there begins as one that is gone; nobody needs to read that.
        let old = (!before.tenant.is_gone()).then_some(&before.tenant);
        lines.push(describe(old, &after.tenant, &names));
    }
    if before.tenant.matters(&after.tenant) {
        *tenant = Some(before.tenant.clone());
        after.tenant.set_wish_generation(next);
    }
    let mut one = Stamp { next, new, lines, names: &names };
    kept.groups = one.rows(&before.groups, &mut after.groups, groups);
    kept.users = one.rows(&before.users, &mut after.users, users);
    kept.licences = one.rows(&before.licences, &mut after.licences, licences);
    let changed =
        tenant.is_some() || !(kept.groups.is_empty() && kept.users.is_empty() && kept.licences.is_empty());
    (changed, kept)
}

struct Stamp<'a> {
    next: i64,
    new: &'a mut Vec<Uuid>,
    lines: &'a mut Vec<String>,
    names: &'a Names,
}

impl Stamp<'_> {
    fn rows<R: Row>(&mut self, before: &[R], after: &mut [R], previous: &mut Vec<R>) -> Vec<R> {
        let mut changed = Vec::new();
        let known: std::collections::HashMap<Uuid, &R> = before.iter().map(|row| (row.id(), row)).collect();
        for row in after {
            let old = known.get(&row.id()).copied();
            if old == Some(row) {
                continue;
            }
            self.lines.push(describe(old, row, self.names));
            match old {
                Some(old) => previous.push(old.clone()),
                None => self.new.push(row.id()),
            }
            row.set_wish_generation(self.next);
            changed.push(row.clone());
        }
        changed
    }
}

async fn write(conn: &AsyncPgConnection, tenant: &TenantRow, kept: &Kept) -> QueryResult<()> {
    let mut conn = conn;
    diesel::update(subscriptions::table.find(tenant.id)).set(tenant).execute(&mut conn).await?;
    macro_rules! put {
        ($table:ident, $rows:expr) => {
            for row in $rows {
                let insert = diesel::insert_into($table::table).values(row);
                insert.on_conflict($table::id).do_update().set(row).execute(&mut conn).await?;
            }
        };
    }
    put!(user_groups, &kept.groups);
    put!(users, &kept.users);
    put!(licences, &kept.licences);
    Ok(())
}

/// Wakes those who are concerned, customers before others.
async fn tell(conn: &AsyncPgConnection, before: &Estate, after: &Estate) -> QueryResult<()> {
    let (old, new) = (&before.tenant, &after.tenant);
    let stands = (old.suspended, old.is_removed()) == (new.suspended, new.is_removed());
    if new.is("reseller") && !stands {
        reseller::wake_customers(conn, new).await?;
    }
    match new.is_gone() {
        true => {
            wake::retire(conn, new.subscription()).await?;
            record::forget(conn, new.subscription()).await?;
        }
        false => {
            if revives(before, after) {
                wake::revoke(conn, new.subscription()).await?;
            }
            wake::wake(conn, new.subscription()).await?;
            between::wished(conn, new.subscription()).await?;
        }
    }
    if (old.sync, old.is_removed()) != (new.sync, new.is_removed()) {
        reseller::wake_reseller(conn, new).await?;
    }
    Ok(())
}

/// Whether something is wished for again that was wished away and may still be there: nobody may begin to remove it now.
fn revives(before: &Estate, after: &Estate) -> bool {
    fn any<R: Row>(before: &[R], after: &[R]) -> bool {
        let mut going = before.iter().filter(|row| row.is_removed() && !row.is_gone());
        going.any(|old| after.iter().any(|row| row.id() == old.id() && !row.is_removed()))
    }
    any(std::slice::from_ref(&before.tenant), std::slice::from_ref(&after.tenant))
        || any(&before.groups, &after.groups)
        || any(&before.users, &after.users)
        || any(&before.licences, &after.licences)
}
