//! What the gate hears of calls: Mozy asked us to wait, which holds for all daemons; or it is down here, or well again.
//! That it is down only a look at Mozy itself says, not calls that may fail for what they asked for (design, rule 10).

use super::{Budget, Silence};
use crate::domain::budget::Standing;
use crate::mozy::Failure;
use crate::store::StoreError;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// Mozy answered a daemon lately: what it says of that is as old as its part of the budget at most.
const LATELY: Duration = Duration::from_secs(5);

/// What somebody works on is not left lying for so long after it is due.
const LEFT: Duration = Duration::from_secs(5);

impl Budget {
    /// How a call ended: Mozy may have asked us to wait, or may be down, or well again. `look`: the call was made to see
    /// whether it is well.
    pub async fn heard(&self, failure: Option<&Failure>, look: bool) {
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
            ) => match look {
                true => self.breaks(problem).await,
                false => self.unanswered(),
            },
            Some(Failure::Unsendable { .. }) => {}
        }
    }

    async fn answered(&self) {
        self.answered.store(true, Ordering::Relaxed);
        let Some(silence) = self.reach().answered() else { return };
        tracing::info!("mozy answers again");
        // The others hear of it before what failed is due again: one that is still cut off leaves it to us.
        self.ask(true).await;
        if silence == Silence::Down {
            self.change(Standing::mended).await;
        }
        if let Err(error) = self.store.recall().await {
            tracing::warn!(%error, "what mozy's silence made fail could not be recalled");
        }
    }

    /// One thing whose answer is always broken must not stop all calls, so Mozy itself is looked at first.
    fn unanswered(&self) {
        if self.reach().unanswered() {
            self.suspected.notify_one();
        }
    }

    /// Whether somebody here should look at Mozy now: calls in a row got no answer, which may be the fault of what they
    /// asked for; or it is down, and it is time.
    pub fn takes_look(&self) -> bool {
        self.reach().takes_look(Instant::now())
    }

    /// The look is over.
    pub fn looked(&self) {
        self.reach().looked(Instant::now());
    }

    /// Mozy itself did not answer. That closes the gate here; the other daemons find out for themselves, since it may be
    /// the way from here that is broken.
    pub async fn breaks(&self, problem: &str) {
        if self.is_down() {
            return;
        }
        let elsewhere = self.answers_elsewhere(false).await.unwrap_or(false);
        if self.reach().breaks(elsewhere, Instant::now()) {
            self.changed.notify_waiters();
            warn(elsewhere, Some(problem));
        }
    }

    /// While Mozy does not answer here: does it answer others, who then do the work? If PostgreSQL cannot tell, it is as
    /// it was.
    pub(super) async fn heed_others(&self) {
        let Some(silence) = self.reach().silence() else { return };
        let was = silence == Silence::CutOff;
        let elsewhere = self.answers_elsewhere(was).await.unwrap_or(was);
        if self.reach().answers_elsewhere(elsewhere, Instant::now()) {
            warn(elsewhere, None);
        }
    }

    /// Others whom it answered may have nothing to ask it now; that they are there still is seen by what they leave undone.
    async fn answers_elsewhere(&self, was: bool) -> Result<bool, StoreError> {
        let lately = self.store.others_answered(self.credential, self.daemon, LATELY).await?;
        Ok(lately || (was && !self.store.is_left(LEFT).await?))
    }
}

fn warn(elsewhere: bool, problem: Option<&str>) {
    match elsewhere {
        true => tracing::warn!(
            problem,
            "mozy does not answer here, but elsewhere: nothing is claimed until it does"
        ),
        false => tracing::warn!(problem, "mozy is down: calls in a row were not answered, nor a look at it"),
    }
}

#[cfg(test)]
mod tests;
