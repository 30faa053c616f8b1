//! The gate of one Mozy credential: this daemon's part of the budget that all daemons share through PostgreSQL, held for
//! a few seconds at a time and kept by the [`Line`]. Pauses and a dead Mozy close it for all of them (design, rule 9).

use super::line::{Line, Wait};
use crate::domain::budget::{DOWN_AFTER, Share, Standing};
use crate::metrics::Metrics;
use crate::mozy::{Closed, Failure};
use crate::store::{Credential, Store};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, oneshot};
use uuid::Uuid;

/// How long a part of the budget is ours unless renewed; so long after a kill the others have it.
const LEASE: Duration = Duration::from_secs(3);

/// How often it is renewed, and given back when nobody used it.
pub const BEAT: Duration = Duration::from_secs(1);

/// A call waits for a pause to end, and for a part of the budget, but not longer.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// The budget of one credential, as this daemon uses it.
pub struct Budget {
    store: Store,
    metrics: Arc<Metrics>,
    credential: Credential,
    daemon: Uuid,
    whole: Mutex<Share>,
    line: Mutex<Line<oneshot::Sender<Place>>>,
    /// One asks for a part of the budget at a time.
    asking: tokio::sync::Mutex<()>,
    /// The gate stands otherwise than before.
    changed: Notify,
    /// Calls in a row that got no answer.
    silent: AtomicU32,
}

/// A place inside, given back when dropped.
pub struct Place(Option<(Arc<Budget>, bool)>);

impl Drop for Place {
    fn drop(&mut self) {
        if let Some((budget, urgent)) = self.0.take() {
            budget.line().leaves(urgent);
            budget.advance();
        }
    }
}

impl Budget {
    /// The budget of a credential: so many calls a second and so many at once, over all daemons.
    pub fn new(
        (store, metrics): (Store, Arc<Metrics>),
        (credential, daemon): (Credential, Uuid),
        whole: Share,
    ) -> Arc<Self> {
        Arc::new(Self {
            store,
            metrics,
            credential,
            daemon,
            whole: Mutex::new(whole),
            line: Mutex::new(Line::new(Instant::now())),
            asking: tokio::sync::Mutex::default(),
            changed: Notify::new(),
            silent: AtomicU32::new(0),
        })
    }

    /// Spends as much from now on; our part follows when it is next asked for.
    pub fn retune(&self, whole: Share) {
        *self.whole.lock().unwrap_or_else(PoisonError::into_inner) = whole;
    }

    /// Whose budget it is.
    pub fn credential(&self) -> Credential {
        self.credential
    }

    /// How the credential stands, as far as we heard.
    pub fn standing(&self) -> Standing {
        self.line().standing(Instant::now())
    }

    /// Keeps our part of the budget while it is used, and what we know of how the credential stands. True when our part
    /// is not used and should go back.
    pub async fn beat(&self) -> bool {
        let now = Instant::now();
        let (used, share, down) = {
            let line = self.line();
            (line.is_used(now, BEAT * 2), line.has_share(now), line.standing(now).down.is_some())
        };
        if used || down {
            self.ask().await;
        }
        share && !used
    }

    /// Our part was given back.
    pub fn left(&self) {
        self.line().leave(Instant::now());
    }

    /// Looks for all daemons whether Mozy answers again, if it is down and nobody else does.
    pub async fn takes_probe(&self) -> bool {
        let down = self.standing().down;
        down.is_some_and(|down| down.probe <= 0.0) && self.change(Standing::probed).await
    }

    fn line(&self) -> MutexGuard<'_, Line<oneshot::Sender<Place>>> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets in whoever may go now.
    fn advance(self: &Arc<Self>) {
        loop {
            let mut line = self.line();
            let Some((ticket, urgent)) = line.next(Instant::now()) else { return };
            if let Err(mut place) = ticket.send(Place(Some((Arc::clone(self), urgent)))) {
                place.0 = None;
                line.was_gone(urgent);
            }
        }
    }

    /// Waits for a place inside. Urgent calls go first; one that would wait for longer than `longest` is refused.
    pub async fn enter(self: &Arc<Self>, urgent: bool, longest: Option<Duration>) -> Result<Place, Closed> {
        let (begun, (ticket, mut place)) = (Instant::now(), oneshot::channel());
        let latest = longest.map(|longest| begun + longest);
        self.line().join(ticket, urgent);
        let outcome = loop {
            self.advance();
            if let Ok(place) = place.try_recv() {
                break Ok(place);
            }
            let until = match self.wait_until(begun) {
                Ok(Some(until)) => until,
                Ok(None) => {
                    self.ask().await;
                    continue;
                }
                Err(closed) => break Err(closed),
            };
            if latest.is_some_and(|latest| Instant::now() >= latest) {
                break Err(Closed::Paused(BEAT));
            }
            let until = latest.map_or(until, |latest| latest.min(until));
            tokio::select! {
                Ok(place) = &mut place => break Ok(place),
                () = self.changed.notified() => {}
                () = tokio::time::sleep_until(until.into()) => {}
            }
        };
        drop(place);
        if outcome.is_err() {
            self.line().keep(|ticket| !ticket.is_closed());
        }
        self.metrics.mozy.throttled(begun.elapsed());
        outcome
    }

    /// Until when somebody who came at `begun` waits; `None` when he must ask for a part of the budget.
    fn wait_until(&self, begun: Instant) -> Result<Option<Instant>, Closed> {
        let now = Instant::now();
        let patience = PATIENCE.saturating_sub(now - begun);
        match self.line().wait(now) {
            Wait::Down(next) => Err(down(next)),
            Wait::Paused(left) if left > patience => Err(Closed::Paused(left)),
            Wait::Share if patience.is_zero() => Err(none()),
            Wait::Paused(left) => Ok(Some(now + left)),
            Wait::Share => Ok(None),
            Wait::Until(at) => Ok(Some(at)),
        }
    }

    /// Asks for our part of the budget, unless somebody here just did.
    async fn ask(&self) {
        let _one = self.asking.lock().await;
        let asked = Instant::now();
        let busy = {
            let mut line = self.line();
            if !line.asks(asked) {
                return;
            }
            line.busy()
        };
        let whole = *self.whole.lock().unwrap_or_else(PoisonError::into_inner);
        match self.store.share_budget(self.credential, self.daemon, (whole, busy), LEASE).await {
            Ok((share, standing)) => {
                self.line().share(share, asked, LEASE, Instant::now());
                self.stands(standing);
            }
            Err(error) => {
                tracing::debug!(%error, "no part of mozy's budget could be had");
                // Whoever waited for this one need not find out the same.
                self.line().asks(Instant::now());
            }
        }
    }

    fn stands(&self, standing: Standing) {
        self.line().stands(standing, Instant::now());
        self.changed.notify_waiters();
    }

    /// Changes how the credential stands, for all daemons; true if that was news. Without PostgreSQL it holds here only.
    async fn change(&self, change: impl Fn(Standing) -> Standing + Send + Copy) -> bool {
        self.stands(change(self.standing()));
        match self.store.change_budget(self.credential, change).await {
            Ok((before, after)) => {
                self.stands(after);
                before != after
            }
            Err(error) => {
                tracing::warn!(%error, "the other daemons could not be told how mozy stands");
                false
            }
        }
    }

    /// How a call ended: Mozy may have asked us to wait, or may be down, or well again.
    pub async fn heard(&self, failure: Option<&Failure>) {
        match failure {
            None | Some(Failure::Rejected { .. } | Failure::Denied { .. }) => self.answered().await,
            Some(Failure::Throttled { retry_after, .. }) => {
                let retry_after = *retry_after;
                self.change(move |standing| standing.throttled(retry_after)).await;
            }
            Some(
                Failure::Unreachable { problem }
                | Failure::MaybeHappened { problem }
                | Failure::Unreadable { problem },
            ) => self.unanswered(problem).await,
            Some(Failure::Unsendable { .. }) => {}
        }
    }

    async fn answered(&self) {
        self.silent.store(0, Ordering::Relaxed);
        if self.standing().down.is_none() {
            return;
        }
        if self.change(Standing::mended).await {
            tracing::info!("mozy answers again");
            if let Err(error) = self.store.recall().await {
                tracing::warn!(%error, "what mozy's silence made fail could not be recalled");
            }
        }
    }

    async fn unanswered(&self, problem: &str) {
        let silent = self.silent.fetch_add(1, Ordering::Relaxed) + 1;
        if silent >= DOWN_AFTER && self.standing().down.is_none() && self.change(Standing::broken).await {
            tracing::warn!(problem, "mozy is down: {silent} calls in a row were not answered");
        }
    }
}

fn down(next: Duration) -> Closed {
    Closed::Away(format!("not sent: mozy does not answer, it is looked at again in {} s", next.as_secs() + 1))
}

fn none() -> Closed {
    let within = PATIENCE.as_secs();
    Closed::Away(format!("not sent: no part of the budget was to be had within {within} s"))
}
