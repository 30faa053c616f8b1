//! Operations that have ended are kept for a day: a poll that comes late hears their end again, and decides nothing.
//!
//! OSA's polls come out of order (contract osa-aps2, section 6). One that comes after the end of its operation would
//! otherwise be a wish of its own: it would remove what OSA was told had not been removed, or make again what it has
//! removed since. A transaction tells which operation is meant; where there is none, only what contradicts the wish as
//! it stands is taken for late.

use super::Answer;
use super::operation::{Operation, Verb};
use super::refuse::{parent_gone, refused};
use super::wish::Wish;
use crate::domain::{Reason, Thing};
use crate::ports::desk::{DeskError, Progress};
use crate::store::estate::Estate;
use crate::store::schema::{ended_operations, operations};
use chrono::TimeDelta;
use diesel::dsl::now;
use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// What a poll hears that comes after its operation ended; `None` when it is none.
pub(super) async fn late(
    conn: &AsyncPgConnection,
    wish: &Wish<'_>,
    estate: &Estate,
    open: Option<&Operation>,
) -> QueryResult<Option<Answer<Progress>>> {
    let request = wish.ask.request.as_deref();
    let may_be_late = match request {
        Some(_) => open.is_none_or(|open| open.request_id.as_deref().is_some_and(|id| Some(id) != request)),
        None => open.is_none() && contradicts(wish, estate),
    };
    if !wish.ask.again || !may_be_late {
        return Ok(None);
    }
    let mut rows = ended_operations::table
        .filter(ended_operations::object_id.eq(wish.thing.id()))
        .filter(ended_operations::verb.eq(wish.verb.as_str()))
        .filter(ended_operations::ended_at.gt(estate.now - TimeDelta::days(1)))
        .order(ended_operations::ended_at.desc())
        .select((ended_operations::reason, ended_operations::message))
        .into_boxed();
    if let Some(request) = request {
        rows = rows.filter(ended_operations::request_id.eq(request));
    }
    let row: Option<(Option<String>, String)> = rows.first(&mut &*conn).await.optional()?;
    Ok(row.map(|(reason, message)| match reason {
        None => Ok(Progress::Done),
        // A reason of another version is no reason to fail.
        Some(reason) => Err(refused(Reason::parse(&reason).unwrap_or(Reason::VendorRejected), message)),
    }))
}

/// Whether it would remove what is wished for, or make what was wished away.
fn contradicts(wish: &Wish<'_>, estate: &Estate) -> bool {
    let removed = estate.standing(wish.thing).map(|standing| standing.removed);
    matches!((wish.verb, removed), (Verb::Unprovision, Some(false)) | (Verb::Provision, Some(true)))
}

/// Whether something wished of a thing may be undone: somebody waits for it, or was told lately that it failed.
pub(super) async fn left_undone(conn: &AsyncPgConnection, thing: Thing) -> QueryResult<bool> {
    let open = operations::table.filter(operations::object_id.eq(thing.id()));
    let failed = ended_operations::table
        .filter(ended_operations::object_id.eq(thing.id()))
        .filter(ended_operations::reason.is_not_null());
    let query = diesel::select(diesel::dsl::exists(open).or(diesel::dsl::exists(failed)));
    query.get_result(&mut &*conn).await
}

/// Ends an operation, begun or answered at once, in all transactions that wait for it.
pub(super) async fn end(
    conn: &AsyncPgConnection,
    wish: &Wish<'_>,
    estate: &Estate,
    begun: Option<&Operation>,
    answer: &Answer<Progress>,
) -> QueryResult<()> {
    keep(conn, wish, estate, wish.verb.as_str(), wish.ask.request.as_deref(), answer).await?;
    let Some(begun) = begun else { return Ok(()) };
    if begun.request_id != wish.ask.request {
        keep(conn, wish, estate, wish.verb.as_str(), begun.request_id.as_deref(), answer).await?;
    }
    let row = operations::table.find((wish.thing.id(), wish.verb.as_str()));
    diesel::delete(row).execute(&mut &*conn).await.map(drop)
}

/// Ends what this wish overtakes: nobody waits for its own earlier transaction any more, nor for its opposite.
pub(super) async fn overtake(
    conn: &AsyncPgConnection,
    wish: &Wish<'_>,
    estate: &Estate,
    before: Option<&Operation>,
) -> QueryResult<()> {
    if let Some(before) = before.filter(|before| before.request_id != wish.ask.request) {
        let request = before.request_id.as_deref();
        keep(conn, wish, estate, wish.verb.as_str(), request, &Ok(Progress::Done)).await?;
    }
    let (opposite, answer): (&[&str], _) = match wish.verb {
        Verb::Unprovision => {
            (&["provision", "configure", "suspend", "resume", "sync", "admin"], Err(parent_gone("it")))
        }
        Verb::Provision => {
            (&["unprovision"], Err(refused(Reason::VendorRejected, "it was wished for again meanwhile")))
        }
        Verb::Suspend => (&["resume"], Ok(Progress::Done)),
        Verb::Resume => (&["suspend"], Ok(Progress::Done)),
        Verb::Configure | Verb::Sync | Verb::Admin => return Ok(()),
    };
    let rows = operations::table
        .filter(operations::object_id.eq(wish.thing.id()))
        .filter(operations::verb.eq_any(opposite));
    let ended = diesel::delete(rows).returning((operations::verb, operations::request_id));
    let ended: Vec<(String, Option<String>)> = ended.get_results(&mut &*conn).await?;
    for (verb, request) in ended {
        keep(conn, wish, estate, &verb, request.as_deref(), &answer).await?;
    }
    Ok(())
}

async fn keep(
    conn: &AsyncPgConnection,
    wish: &Wish<'_>,
    estate: &Estate,
    verb: &str,
    request: Option<&str>,
    answer: &Answer<Progress>,
) -> QueryResult<()> {
    let (reason, message) = match answer {
        Err(DeskError::Refused { reason, message }) => (Some(reason.as_str()), message.as_str()),
        _ => (None, ""),
    };
    diesel::insert_into(ended_operations::table)
        .values((
            ended_operations::object_id.eq(wish.thing.id()),
            ended_operations::verb.eq(verb),
            ended_operations::request_id.eq(request.unwrap_or_default()),
            ended_operations::subscription_id.eq(estate.tenant.id),
            ended_operations::reason.eq(reason),
            ended_operations::message.eq(message),
        ))
        .on_conflict((ended_operations::object_id, ended_operations::verb, ended_operations::request_id))
        .do_update()
        .set((
            ended_operations::subscription_id.eq(excluded(ended_operations::subscription_id)),
            ended_operations::reason.eq(excluded(ended_operations::reason)),
            ended_operations::message.eq(excluded(ended_operations::message)),
            ended_operations::ended_at.eq(now),
        ))
        .execute(&mut &*conn)
        .await
        .map(drop)
}
