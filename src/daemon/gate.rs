//! The gate of one Mozy credential: this daemon's part of the budget that all daemons share through PostgreSQL, held for
//! a few seconds at a time and kept by the [`Line`]. A pause closes it for all of them (design, rule 9), a Mozy that does
//! not answer here for this daemon alone.

mod heard;
mod reach;

use self::reach::{Reach, Silence};
use super::line::{Line, Turn, Wait};
use crate::domain::budget::{LONGEST_WAIT, Share, Standing};
use crate::metrics::Metrics;
use crate::mozy::Closed;
use crate::store::{Credential, Store};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, oneshot};
use uuid::Uuid;

/// How long a part of the budget is ours unless renewed; so long after a kill the others have it.
const LEASE: Duration = Duration::from_secs(3);

/// How often it is renewed, and given back when nobody used it.
pub const BEAT: Duration = Duration::from_secs(1);

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
    reach: Mutex<Reach>,
    /// Mozy answered a call since our part of the budget was asked for last.
    answered: AtomicBool,
    /// Who looks whether Mozy is down is told that it may be.
    suspected: Arc<Notify>,
}

/// A place inside, given back when dropped.
pub struct Place(Option<(Arc<Budget>, Turn)>);

impl Drop for Place {
    fn drop(&mut self) {
        if let Some((budget, turn)) = self.0.take() {
            budget.line().leaves(turn);
            budget.advance();
        }
    }
}

impl Budget {
    /// The budget of a credential: so many calls a second and so many at once, over all daemons.
    pub fn new(
        (store, metrics, suspected): (Store, Arc<Metrics>, Arc<Notify>),
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
            reach: Mutex::default(),
            answered: AtomicBool::new(false),
            suspected,
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

    /// Keeps our part of the budget while it is used, and what we know of how the credential stands. `told`: another
    /// daemon changed something, so what somebody here just heard is old. True when our part is not used and should go
    /// back.
    pub async fn beat(&self, told: bool) -> bool {
        let now = Instant::now();
        let (used, share) = {
            let line = self.line();
            (line.is_used(now, BEAT * 2), line.has_share(now))
        };
        if used {
            self.ask(told).await;
        }
        self.heed_others().await;
        share && !used
    }

    /// Whether somebody used it of late.
    pub fn was_used(&self) -> bool {
        self.line().is_used(Instant::now(), BEAT * 60)
    }

    /// Whether Mozy does not answer this daemon, as far as a look at it says.
    pub fn is_down(&self) -> bool {
        self.reach().silence().is_some()
    }

    /// Whether it does not answer this daemon, and does answer others: then they do the work.
    pub fn is_cut_off(&self) -> bool {
        self.reach().silence() == Some(Silence::CutOff)
    }

    /// Our part was given back.
    pub fn left(&self) {
        self.line().leave(Instant::now());
    }

    fn line(&self) -> MutexGuard<'_, Line<oneshot::Sender<Place>>> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn reach(&self) -> MutexGuard<'_, Reach> {
        self.reach.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets in whoever may go now.
    fn advance(self: &Arc<Self>) {
        while !self.is_down() {
            let mut line = self.line();
            let Some((ticket, turn)) = line.next(Instant::now()) else { return };
            if let Err(mut place) = ticket.send(Place(Some((Arc::clone(self), turn)))) {
                place.0 = None;
                line.was_gone(turn);
            }
        }
    }

    /// Waits for a place inside, in its turn. A write that would wait for longer than [`LONGEST_WAIT`] is refused.
    pub async fn enter(self: &Arc<Self>, turn: Turn) -> Result<Place, Closed> {
        let (begun, (ticket, mut place)) = (Instant::now(), oneshot::channel());
        let latest = (turn == Turn::Write).then(|| begun + LONGEST_WAIT);
        self.line().join(ticket, turn);
        let outcome = loop {
            self.advance();
            if let Ok(place) = place.try_recv() {
                break Ok(place);
            }
            let until = match self.wait_until(begun) {
                Ok(Some(until)) => until,
                Ok(None) => {
                    self.ask(false).await;
                    continue;
                }
                Err(closed) => break Err(closed),
            };
            if latest.is_some_and(|latest| Instant::now() >= latest) {
                break Err(late());
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
        let patience = LONGEST_WAIT.saturating_sub(now - begun);
        if let Some(next) = self.reach().next_look(now) {
            return Err(down(next));
        }
        let line = self.line();
        match line.wait(now) {
            Wait::Paused(left) if left > patience => Err(Closed::Paused(left)),
            // Places that cannot be divided go round: who has none just now has his turn.
            Wait::Share if line.untold(begun, now) >= LONGEST_WAIT => Err(none()),
            Wait::Paused(left) => Ok(Some(now + left)),
            Wait::Share => Ok(None),
            Wait::Until(at) => Ok(Some(at)),
        }
    }

    /// Asks for our part of the budget; unless `anew`, not when somebody here just did.
    async fn ask(&self, anew: bool) {
        let _one = self.asking.lock().await;
        let asked = Instant::now();
        let busy = {
            let mut line = self.line();
            if !line.asks(asked) && !anew {
                return;
            }
            line.busy()
        };
        let whole = *self.whole.lock().unwrap_or_else(PoisonError::into_inner);
        let part = (whole, busy, self.answered.swap(false, Ordering::Relaxed));
        match self.store.share_budget(self.credential, self.daemon, part, LEASE).await {
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

    /// Changes how the credential stands, for all daemons. Without PostgreSQL it holds here only.
    async fn change(&self, change: impl Fn(Standing) -> Standing + Send + Copy) {
        self.stands(change(self.standing()));
        match self.store.change_budget(self.credential, change).await {
            Ok(standing) => self.stands(standing),
            Err(error) => tracing::warn!(%error, "the other daemons could not be told how mozy stands"),
        }
    }
}

fn down(next: Duration) -> Closed {
    Closed::Away(format!("not sent: mozy does not answer, it is looked at again in {} s", next.as_secs() + 1))
}

fn none() -> Closed {
    let within = LONGEST_WAIT.as_secs();
    Closed::Away(format!(
        "not sent: PostgreSQL, where all daemons share the budget, gave us no part of it within {within} s"
    ))
}

fn late() -> Closed {
    let within = LONGEST_WAIT.as_secs();
    Closed::Away(format!("not sent: within the budget its turn did not come for {within} s"))
}
