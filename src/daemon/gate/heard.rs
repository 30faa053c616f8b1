//! What the gate hears of calls: Mozy asked us to wait, or is down, or is well again. That it is down only a look at Mozy
//! itself says, not calls that may fail for what they asked for (design, rule 10).

use super::Budget;
use crate::domain::budget::{DOWN_AFTER, Standing};
use crate::mozy::Failure;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Mozy answered a daemon lately: what it says of that is as old as its part of the budget at most.
const LATELY: Duration = Duration::from_secs(5);

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
                true => self.is_down(problem).await,
                false => self.unanswered(),
            },
            Some(Failure::Unsendable { .. }) => {}
        }
    }

    async fn answered(&self) {
        self.silent.store(0, Ordering::Relaxed);
        self.answered.store(true, Ordering::Relaxed);
        if self.cut_off.swap(false, Ordering::Relaxed) {
            tracing::info!("mozy answers here too again");
        }
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

    /// One thing whose answer is always broken must not stop all calls, so Mozy itself is looked at first.
    fn unanswered(&self) {
        self.silent.fetch_add(1, Ordering::Relaxed);
        if self.is_silent() && self.standing().down.is_none() {
            self.suspected.notify_one();
        }
    }

    /// Whether somebody here should look at Mozy now: calls in a row got no answer, which may be the fault of what they
    /// asked for; or it is down, it is time, and no other daemon does.
    pub async fn takes_probe(&self) -> bool {
        match self.standing().down {
            None => self.is_silent() && !self.looking.swap(true, Ordering::Relaxed),
            Some(down) => down.probe <= 0.0 && self.change(Standing::probed).await,
        }
    }

    /// Whether it has answered none of the last calls.
    pub fn is_silent(&self) -> bool {
        self.silent.load(Ordering::Relaxed) >= DOWN_AFTER
    }

    /// The look is over.
    pub fn looked(&self) {
        self.looking.store(false, Ordering::Relaxed);
    }

    /// Mozy itself did not answer. That is so for all daemons, unless it answers another at the time.
    pub async fn is_down(&self, problem: &str) {
        if self.standing().down.is_some() {
            return;
        }
        let others = self.store.others_answered(self.credential, self.daemon, LATELY).await.unwrap_or(false);
        if others && !self.cut_off.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                problem,
                "mozy does not answer here, but elsewhere: nothing is claimed until it does"
            );
        }
        if !others {
            self.cut_off.store(false, Ordering::Relaxed);
            if self.change(Standing::broken).await {
                tracing::warn!(problem, "mozy is down: calls in a row were not answered, nor a look at it");
            }
        }
    }
}

#[cfg(test)]
mod tests;
