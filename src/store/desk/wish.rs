//! One way for all wishes: lock, decide, write what differs, and answer how far it has come.

use super::ended;
use super::limits;
use super::operation::{self, Course, Operation, Verb};
use super::progress::{self, Said};
use super::refuse::{not_found, parent_gone};
use super::save;
use super::withdraw;
use super::{Answer, Desk};
use crate::domain::{Reason, SubscriptionId, Thing, UserId};
use crate::ports::desk::{Ask, DeskError, Progress};
use crate::store::clock::Clock;
use crate::store::doc::Doc;
use crate::store::estate::Estate;
use crate::store::rows::Row;
use crate::store::things::subscription_of;
use diesel::QueryResult;
use diesel_async::AsyncPgConnection;
use std::time::{Duration, Instant};

/// Where the thing of a wish is to be found.
#[derive(Debug, Clone, Copy)]
pub(super) enum Seat {
    /// It is there already.
    Itself,
    /// It is to be in this tenant.
    Tenant(SubscriptionId),
    /// It is to be this user's.
    User(UserId),
}

/// A wish that OSA has sent.
pub(super) struct Wish<'a> {
    pub ask: &'a Ask,
    pub verb: Verb,
    pub thing: Thing,
    pub patience: Duration,
    pub clock: &'a Clock,
}

impl Desk {
    /// Carries out a wish in one transaction. `decide` changes the estate or refuses; it is told whether OSA was
    /// already asked to wait for this operation.
    pub(super) async fn wish(
        &self,
        ask: &Ask,
        verb: Verb,
        thing: Thing,
        seat: Seat,
        decide: impl FnOnce(&mut Estate, bool) -> Result<(), DeskError> + Send,
    ) -> Answer<Progress> {
        let wish = Wish { ask, verb, thing, patience: self.patience, clock: &self.store.clock };
        let asked = Instant::now();
        let carried =
            self.store.transact(verb.operation(), async |conn| match wish.lock(conn, seat).await? {
                Some(estate) => wish.carry_out(conn, estate, asked, decide).await,
                // What is not there need not be removed.
                None if verb == Verb::Unprovision => Ok(Ok(Progress::Done)),
                None => Err(not_found(thing)),
            });
        carried.await?
    }
}

impl Wish<'_> {
    /// Locks the estate that the thing is in, or is to be in; `None` when it is to be there and is not.
    pub(super) async fn lock(
        &self,
        conn: &AsyncPgConnection,
        seat: Seat,
    ) -> Result<Option<Estate>, DeskError> {
        let found = subscription_of(conn, self.thing).await?;
        let wanted = match seat {
            Seat::Itself => found,
            Seat::Tenant(id) => Some(id),
            Seat::User(id) => {
                Some(subscription_of(conn, Thing::User(id)).await?.ok_or_else(|| parent_gone("the user"))?)
            }
        };
        let Some(id) = wanted else { return Ok(None) };
        let estate = Estate::lock(conn, id, self.thing.id()).await?;
        match estate.filter(|estate| estate.tenant.instance_id == self.ask.instance.0) {
            // An id that is in use elsewhere is not moved here.
            Some(_) if found.is_some_and(|found| found != id) => Err(not_found(self.thing)),
            Some(estate) => Ok(Some(estate)),
            None if matches!(seat, Seat::Itself) => Err(not_found(self.thing)),
            None => Err(parent_gone("the subscription")),
        }
    }

    /// The inner result is the answer, with what it wrote; the outer one undoes everything.
    pub(super) async fn carry_out(
        &self,
        conn: &AsyncPgConnection,
        before: Estate,
        asked: Instant,
        decide: impl FnOnce(&mut Estate, bool) -> Result<(), DeskError>,
    ) -> Result<Answer<Progress>, DeskError> {
        self.clock.said(before.now, asked);
        let operation = operation::find(conn, self.thing, self.verb).await?;
        if let Some(answer) = ended::late(conn, self, &before, operation.as_ref()).await? {
            return Ok(answer);
        }
        let mut estate = before.clone();
        let decided = match self.was_taken(&before, operation.as_ref()) {
            true => limits::check_taken(self, &before),
            false => decide(&mut estate, operation.is_some())
                .and_then(|()| limits::check_reseller(self, &before, &estate)),
        };
        if let Err(refused) = decided {
            return self.refuse(conn, before, operation, refused).await;
        }
        let change = save::save(conn, &before, &mut estate, self, self.verb.as_str()).await?;
        let changed = change.is_some();
        let progress = if self.is_idle(conn, changed, operation.as_ref()).await? {
            Progress::Done
        } else {
            let said = Said::find(conn, self.thing).await?;
            let earlier = || earlier(&before, &estate, changed, operation.as_ref());
            progress::of(self.verb, self.thing, &estate, said.as_ref(), earlier)
        };
        if changed {
            ended::overtake(conn, self, &estate, operation.as_ref()).await?;
        }
        let never = operation.as_ref().map(|operation| self.clock.stepped_since(operation.started_at));
        let now = estate.now - never.unwrap_or_default();
        match operation::judge(operation.as_ref(), changed, self, progress, now) {
            Course::End(progress) => {
                let answer = Ok(progress);
                ended::end(conn, self, &estate, operation.as_ref(), &answer).await?;
                Ok(answer)
            }
            Course::Wait { progress, begin } => {
                if begin {
                    operation::begin(conn, self, &estate, operation, change).await?;
                }
                Ok(Ok(progress))
            }
            // By an operator's word nothing is written at Mozy just now: OSA's patience counts from the end of that.
            Course::Expire { reason: Reason::AsExpected, message }
                if operation::stands_still(conn, &estate).await? =>
            {
                operation::begin(conn, self, &estate, operation, None).await?;
                Ok(Ok(Progress::Waiting { reason: Reason::AsExpected, message }))
            }
            Course::Expire { reason, message } => {
                let Some(operation) = operation else { return Err(not_found(self.thing)) };
                withdraw::withdraw(conn, self, estate, operation, reason, message).await
            }
        }
    }

    /// Whether OSA only asks how far it has come. That is no wish: what was taken stays taken, whatever became of it since,
    /// as long as what it is about is wished for.
    fn was_taken(&self, before: &Estate, operation: Option<&Operation>) -> bool {
        let stands = !before.tenant.is_removed()
            && before.standing(self.thing).is_some_and(|standing| !standing.removed);
        let same = operation.is_some_and(|operation| operation.request_id == self.ask.request);
        self.ask.again && same && stands
    }

    /// Whether it changes nothing, and nobody waits for what it repeats: that is done whatever else stands in the way.
    async fn is_idle(
        &self,
        conn: &AsyncPgConnection,
        changed: bool,
        operation: Option<&Operation>,
    ) -> QueryResult<bool> {
        if changed || operation.is_some() || matches!(self.verb, Verb::Provision | Verb::Unprovision) {
            return Ok(false);
        }
        Ok(self.verb.is_kept(self.thing) || !ended::left_undone(conn, self.thing).await?)
    }

    /// A refusal keeps nothing but itself: OSA's task has failed, and a poll of it that comes late wishes for nothing.
    /// What OSA was told to wait for before is withdrawn.
    async fn refuse(
        &self,
        conn: &AsyncPgConnection,
        before: Estate,
        operation: Option<Operation>,
        error: DeskError,
    ) -> Result<Answer<Progress>, DeskError> {
        let known = before.tenant.generation > 0;
        match (error, operation) {
            (DeskError::Refused { reason, message }, Some(operation)) if known => {
                withdraw::withdraw(conn, self, before, operation, reason, message).await
            }
            (error @ DeskError::Refused { .. }, None) if known => {
                let answer = Err(error);
                ended::end(conn, self, &before, None, &answer).await?;
                Ok(answer)
            }
            (error, _) => Err(error),
        }
    }
}

/// How it was before a wish, if that is known.
fn earlier(before: &Estate, estate: &Estate, changed: bool, operation: Option<&Operation>) -> Option<Estate> {
    if changed {
        return Some(before.clone());
    }
    let Operation { previous, generation, .. } = operation?;
    let Doc(previous) = previous.as_ref()?;
    let mut earlier = estate.clone();
    withdraw::go_back(&mut earlier, previous.clone(), *generation);
    Some(earlier)
}
