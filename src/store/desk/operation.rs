//! Operations: since when OSA waits for a wish, what was wished before, and when waiting ends.

use super::save::{Change, Previous};
use super::wish::Wish;
use super::withdraw;
use crate::domain::{ConditionType, Reason, Thing};
use crate::ports::desk::Progress;
use crate::store::doc::Doc;
use crate::store::estate::Estate;
use crate::store::schema::{conditions, operations};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// What OSA does with a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Provision,
    Configure,
    Suspend,
    Resume,
    Unprovision,
    Sync,
    Admin,
}

impl Verb {
    pub fn suspending(suspended: bool) -> Self {
        if suspended { Self::Suspend } else { Self::Resume }
    }

    /// As the table and the events write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Provision => "provision",
            Self::Configure => "configure",
            Self::Suspend => "suspend",
            Self::Resume => "resume",
            Self::Unprovision => "unprovision",
            Self::Sync => "sync",
            Self::Admin => "admin",
        }
    }

    /// As the metrics of the database name it.
    pub fn operation(self) -> &'static str {
        match self {
            Self::Provision => "wish_provision",
            Self::Configure => "wish_configure",
            Self::Suspend => "wish_suspend",
            Self::Resume => "wish_resume",
            Self::Unprovision => "wish_unprovision",
            Self::Sync => "wish_sync",
            Self::Admin => "wish_admin",
        }
    }

    /// Limits and suspends of a tenant are kept whatever stands in their way.
    pub fn is_kept(self, thing: Thing) -> bool {
        matches!((self, thing), (Self::Configure | Self::Suspend | Self::Resume, Thing::Tenant(_)))
    }
}

/// An operation that OSA was told to wait for.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = operations)]
pub(super) struct Operation {
    pub generation: i64,
    pub previous: Option<Doc<Previous>>,
    pub started_at: DateTime<Utc>,
    pub request_id: Option<String>,
}

/// How an operation goes on.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Course {
    /// OSA need not ask again.
    End(Progress),
    /// OSA is to ask again; `begin` when its patience counts from now.
    Wait { progress: Progress, begin: bool },
    /// It has waited long enough.
    Expire { reason: Reason, message: String },
}

/// Judges how an operation goes on. OSA's first request is never told that it waited too long.
pub(super) fn judge(
    operation: Option<&Operation>,
    changed: bool,
    wish: &Wish<'_>,
    progress: Progress,
    now: DateTime<Utc>,
) -> Course {
    let Progress::Waiting { reason, message } = progress else { return Course::End(Progress::Done) };
    let waiting =
        |begin| Course::Wait { progress: Progress::Waiting { reason, message: message.clone() }, begin };
    let Some(operation) = operation.filter(|_| !changed) else { return waiting(true) };
    let waited = (now - operation.started_at).to_std().unwrap_or_default();
    match waited > wish.patience {
        // Somebody of ours decides, not Mozy, and may do so tomorrow: it stays wished, and patience counts from then.
        _ if reason == Reason::GuardHeld && !wish.verb.is_kept(wish.thing) => waiting(true),
        false => waiting(false),
        true if !wish.ask.again => waiting(true),
        true if wish.verb.is_kept(wish.thing) => Course::End(Progress::Done),
        true => Course::Expire { reason, message },
    }
}

/// The operation that OSA waits for, if it does.
pub(super) async fn find(
    conn: &AsyncPgConnection,
    thing: Thing,
    verb: Verb,
) -> QueryResult<Option<Operation>> {
    let row = operations::table.find((thing.id(), verb.as_str())).select(Operation::as_select());
    row.first(&mut &*conn).await.optional()
}

/// Whether OSA waits for anything about a thing that it was told to wait for since then.
pub(super) async fn is_any_since(
    conn: &AsyncPgConnection,
    thing: Thing,
    since: DateTime<Utc>,
) -> QueryResult<bool> {
    let row = operations::table
        .filter(operations::object_id.eq(thing.id()))
        .filter(operations::started_at.gt(since));
    diesel::select(diesel::dsl::exists(row)).get_result(&mut &*conn).await
}

/// Notes since when OSA waits, in which transaction, and what to go back to.
pub(super) async fn begin(
    conn: &AsyncPgConnection,
    wish: &Wish<'_>,
    estate: &Estate,
    before: Option<Operation>,
    change: Option<Change>,
) -> QueryResult<()> {
    let generation = estate.standing(wish.thing).map_or(0, |standing| standing.generation);
    // A wish that is repeated goes back to where it first came from, also if it is another one by now, unless something
    // of it has been done.
    let before = match before {
        Some(before) if withdraw::untouched(conn, wish, estate, &before).await? => Some(before),
        _ => None,
    };
    let previous = match (change, before) {
        (Some(Change { previous, .. }), Some(Operation { previous: Some(Doc(earlier)), generation, .. })) => {
            Some(Doc(previous.since(earlier, generation)))
        }
        (Some(change), _) => Some(Doc(change.previous)),
        (None, before) => {
            before.filter(|before| before.generation == generation).and_then(|before| before.previous)
        }
    };
    diesel::insert_into(operations::table)
        .values((
            operations::object_id.eq(wish.thing.id()),
            operations::verb.eq(wish.verb.as_str()),
            operations::subscription_id.eq(estate.tenant.id),
            operations::generation.eq(generation),
            operations::previous.eq(previous),
            operations::request_id.eq(&wish.ask.request),
        ))
        .on_conflict((operations::object_id, operations::verb))
        .do_update()
        .set((
            operations::generation.eq(excluded(operations::generation)),
            operations::previous.eq(excluded(operations::previous)),
            operations::started_at.eq(diesel::dsl::now),
            operations::request_id.eq(excluded(operations::request_id)),
        ))
        .execute(&mut &*conn)
        .await
        .map(drop)
}

/// Whether nothing is written at Mozy for a subscription: it is paused, or the last cycle said that all of them are.
pub(super) async fn stands_still(conn: &AsyncPgConnection, estate: &Estate) -> QueryResult<bool> {
    let row = conditions::table
        .filter(conditions::subscription_id.eq(estate.tenant.id))
        .filter(conditions::type_.eq(ConditionType::Paused.as_str()))
        .filter(conditions::status);
    let told = diesel::select(diesel::dsl::exists(row)).get_result::<bool>(&mut &*conn).await?;
    Ok(told || estate.tenant.paused_at.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{InstanceId, SubscriptionId, UserId};
    use crate::ports::desk::Ask;
    use crate::store::clock::Clock;
    use chrono::TimeDelta;
    use std::time::Duration;
    use uuid::Uuid;

    const MINUTE: Duration = Duration::from_secs(60);

    fn course(verb: Verb, thing: Thing, waited: Option<i64>, changed: bool, again: bool) -> Course {
        let now = Utc::now();
        let operation = waited.map(|seconds| Operation {
            generation: 1,
            previous: None,
            started_at: now - TimeDelta::seconds(seconds),
            request_id: None,
        });
        let ask = Ask { instance: InstanceId(Uuid::nil()), again, request: None };
        let wish = Wish { ask: &ask, verb, thing, patience: MINUTE, clock: &Clock::default() };
        let progress = Progress::Waiting { reason: Reason::VendorUnreachable, message: String::new() };
        judge(operation.as_ref(), changed, &wish, progress, now)
    }

    fn begins(course: &Course) -> Option<bool> {
        match course {
            Course::Wait { begin, .. } => Some(*begin),
            Course::End(_) | Course::Expire { .. } => None,
        }
    }

    #[test]
    fn patience_counts_from_the_first_answer_about_this_wish() {
        let user = Thing::User(UserId(Uuid::nil()));
        for (waited, changed, again, wanted) in [
            (None, true, false, Some(true)),
            (Some(10), false, true, Some(false)),
            (Some(10), false, false, Some(false)),
            (Some(10), true, true, Some(true)),
            (Some(61), false, false, Some(true)),
            (Some(61), true, true, Some(true)),
            (Some(61), false, true, None),
        ] {
            let course = course(Verb::Configure, user, waited, changed, again);
            assert_eq!(begins(&course), wanted, "{waited:?} {changed} {again}: {course:?}");
        }
    }

    #[test]
    fn what_the_guard_holds_is_waited_for_without_end() {
        let user = Thing::User(UserId(Uuid::nil()));
        let operation = |waited| Operation {
            generation: 1,
            previous: None,
            started_at: Utc::now() - waited,
            request_id: None,
        };
        let ask = Ask { instance: InstanceId(Uuid::nil()), again: true, request: None };
        let wish = Wish {
            ask: &ask,
            verb: Verb::Unprovision,
            thing: user,
            patience: MINUTE,
            clock: &Clock::default(),
        };
        let progress = Progress::Waiting { reason: Reason::GuardHeld, message: String::new() };
        let course = judge(Some(&operation(TimeDelta::days(3))), false, &wish, progress, Utc::now());
        assert_eq!(begins(&course), Some(true), "{course:?}");
    }

    #[test]
    fn only_limits_and_suspends_of_a_tenant_are_done_in_the_end() {
        let (tenant, user) = (Thing::Tenant(SubscriptionId(Uuid::nil())), Thing::User(UserId(Uuid::nil())));
        for (verb, thing, kept) in [
            (Verb::Configure, tenant, true),
            (Verb::Suspend, tenant, true),
            (Verb::Resume, tenant, true),
            (Verb::Sync, tenant, false),
            (Verb::Provision, tenant, false),
            (Verb::Configure, user, false),
            (Verb::Suspend, user, false),
        ] {
            let ended = course(verb, thing, Some(61), false, true) == Course::End(Progress::Done);
            assert_eq!(ended, kept, "{verb:?} {thing:?}");
        }
    }
}
