//! A wish that OSA will not wait for any longer is withdrawn, if nothing of it was done; OSA rolls back too.

use super::Answer;
use super::ended;
use super::operation::{Operation, Verb};
use super::refuse::refused;
use super::save::{self, Previous};
use super::wish::Wish;
use crate::domain::{Reason, Thing};
use crate::ports::desk::{DeskError, Progress};
use crate::store::doc::Doc;
use crate::store::estate::Estate;
use crate::store::fixed::fixed;
use crate::store::rows::Row;
use crate::store::schema::conditions;
use crate::store::things;
use crate::store::wake;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Jsonb, Nullable, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// Ends an operation that took too long, and tells OSA why.
pub(super) async fn withdraw(
    conn: &AsyncPgConnection,
    wish: &Wish<'_>,
    before: Estate,
    mut operation: Operation,
    reason: Reason,
    message: String,
) -> Result<Answer<Progress>, DeskError> {
    // Asked first: what is buried is forgotten, and why with it.
    let reason = match reason {
        Reason::AsExpected => why_not(conn, &before).await?,
        reason => reason,
    };
    let mut after = before.clone();
    if may_go_back(wish, &before, &operation) && untouched(conn, wish, &before, &operation).await? {
        if let Some(Doc(previous)) = operation.previous.take() {
            let standing = before.standing(wish.thing).map_or(operation.generation, |thing| thing.generation);
            go_back(&mut after, previous, standing);
        }
        save::save(conn, &before, &mut after, wish, "withdrawn").await?;
        wake::revoke(conn, before.tenant.subscription()).await?;
    }
    if let Thing::User(id) = wish.thing {
        things::untell(conn, id).await?;
    }
    let answer = Err(refused(reason, message));
    ended::end(conn, wish, &before, Some(&operation), &answer).await?;
    Ok(answer)
}

/// Only the wish that this operation wrote goes back, and only to where it came from. What is not made yet goes whatever
/// else became of it since, for OSA will not know it.
fn may_go_back(wish: &Wish<'_>, estate: &Estate, operation: &Operation) -> bool {
    let standing = estate.standing(wish.thing);
    operation.previous.is_some()
        && standing.is_some_and(|standing| match wish.verb {
            Verb::Provision => !standing.bound,
            _ => standing.generation == operation.generation,
        })
}

/// Puts the rows of a wish back, each unless it was changed since. Those that were not there are not there again.
pub(super) fn go_back(estate: &mut Estate, previous: Previous, generation: i64) {
    let Previous { tenant, groups, users, licences, new, earlier: mut ours } = previous;
    ours.push(generation);
    let now = estate.now;
    back(std::slice::from_mut(&mut estate.tenant), tenant.into_iter().collect(), &ours);
    back(&mut estate.groups, groups, &ours);
    back(&mut estate.users, users, &ours);
    back(&mut estate.licences, licences, &ours);
    bury(&mut estate.groups, &new, &ours, now);
    bury(&mut estate.users, &new, &ours, now);
    bury(&mut estate.licences, &new, &ours, now);
}

fn back<R: Row>(rows: &mut [R], previous: Vec<R>, ours: &[i64]) {
    for mut old in previous {
        let row = rows.iter_mut().find(|row| row.id() == old.id() && ours.contains(&row.wish_generation()));
        if let Some(row) = row {
            old.keep_known(row);
            *row = old;
        }
    }
}

fn bury<R: Row>(rows: &mut [R], new: &[uuid::Uuid], ours: &[i64], now: DateTime<Utc>) {
    for row in rows.iter_mut().filter(|row| new.contains(&row.id()) && ours.contains(&row.wish_generation()))
    {
        row.bury(now);
    }
}

#[derive(QueryableByName)]
struct Touched {
    #[diesel(sql_type = Bool)]
    touched: bool,
}

/// Whether no step about what the wish changed was begun since. Whoever holds the lease can begin none while we look.
pub(super) async fn untouched(
    conn: &AsyncPgConnection,
    wish: &Wish<'_>,
    estate: &Estate,
    operation: &Operation,
) -> QueryResult<bool> {
    const HALT: &str = "SELECT true AS touched FROM work WHERE subscription_id = $1 FOR UPDATE";
    const TOUCHED: &str = "SELECT EXISTS (SELECT FROM steps WHERE subscription_id = $1 \
        AND ($2 IS NULL OR step -> 'subject' = ANY ($2)) \
        AND (outcome IS NULL OR outcome = 'in_doubt' OR (outcome = 'done' AND intended_at >= $3))) AS touched";
    let subjects = match (wish.thing, &operation.previous) {
        (Thing::Tenant(_), _) | (_, None) => None,
        (_, Some(Doc(previous))) => Some(previous.subjects().into_iter().map(Doc).collect::<Vec<_>>()),
    };
    let id = estate.tenant.id;
    fixed(|sql| sql.bind::<SqlUuid, _>(id), HALT).execute(&mut &*conn).await?;
    let query = fixed(
        |sql| {
            sql.bind::<SqlUuid, _>(id)
                .bind::<Nullable<Array<Jsonb>>, _>(subjects)
                .bind::<Timestamptz, _>(operation.started_at)
        },
        TOUCHED,
    );
    let row: Touched = query.get_result(&mut &*conn).await?;
    Ok(!row.touched)
}

/// Why something that was simply being done was not done in time.
async fn why_not(conn: &AsyncPgConnection, estate: &Estate) -> QueryResult<Reason> {
    let unreachable = conditions::table
        .filter(conditions::subscription_id.eq(estate.tenant.id))
        .filter(conditions::type_.eq_any(["Provisioned", "InSync"]))
        .filter(conditions::reason.eq(Reason::VendorUnreachable.as_str()));
    let unreachable: bool = diesel::select(diesel::dsl::exists(unreachable)).get_result(&mut &*conn).await?;
    Ok(if unreachable { Reason::VendorUnreachable } else { Reason::VendorRejected })
}
