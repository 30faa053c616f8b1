//! The last look of each subscription that was found in agreement, so that the sweep can make it again instead of a whole
//! cycle, as long as nobody has begun anything since and nothing was wished.

use crate::config::Config;
use crate::domain::{InstanceId, SubscriptionId};
use crate::ports::look::Look;
use crate::store::{Agreement, Claimed, Lane};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// After so long everything is read and judged anew, whatever came back.
const AGAIN_FOR: Duration = Duration::from_secs(3600);

/// All of this daemon's. Clones are the same ones.
#[derive(Clone, Default)]
pub struct Looks(Arc<Mutex<HashMap<SubscriptionId, Last>>>);

/// What was agreed on.
pub(super) struct Agreed {
    /// By which rules: what agreed may not by others.
    pub rules: Arc<Config>,
    /// Whose credentials it was looked with.
    pub instance: InstanceId,
    /// How.
    pub look: Look,
}

struct Last {
    /// `None` when it came back different: then it is not made again before its time.
    agreed: Option<Arc<Agreed>>,
    /// What was said of it.
    said: Agreement,
    until: Instant,
}

impl Looks {
    /// The look that a cycle may make again.
    pub(super) fn of(&self, claimed: &Claimed, rules: &Arc<Config>) -> Option<Arc<Agreed>> {
        if claimed.lane != Lane::Sweep || claimed.refresh_wanted {
            return None;
        }
        let looks = self.lock();
        let last = looks.get(&claimed.lease.subscription)?;
        let newest = claimed.last_epoch == Some(last.said.lease().epoch) && Instant::now() < last.until;
        last.agreed.clone().filter(|agreed| newest && Arc::ptr_eq(&agreed.rules, rules))
    }

    /// Remembers a look, and what was said of it and kept.
    pub(super) fn remember(&self, agreed: Agreed, said: Agreement) {
        let (id, now) = (said.lease().subscription, Instant::now());
        let mut looks = self.lock();
        let varies = looks.get(&id).is_some_and(|last| last.agreed.is_none() && now < last.until);
        if looks.len() == looks.capacity() {
            // Others may have gone elsewhere.
            looks.retain(|_, last| now < last.until);
        }
        if !varies {
            looks.insert(id, Last { agreed: Some(Arc::new(agreed)), said, until: now + AGAIN_FOR });
        }
    }

    /// What is to be said of it once more.
    pub(super) fn said(&self, claimed: &Claimed, due_in: Duration) -> Option<Agreement> {
        let looks = self.lock();
        Some(looks.get(&claimed.lease.subscription)?.said.again(claimed.lease, due_in))
    }

    /// It was said once more, and kept.
    pub(super) fn kept(&self, said: Agreement) {
        if let Some(last) = self.lock().get_mut(&said.lease().subscription) {
            last.said = said;
        }
    }

    /// Something else came back.
    pub(super) fn differs(&self, id: SubscriptionId) {
        if let Some(last) = self.lock().get_mut(&id) {
            last.agreed = None;
        }
    }

    /// Forgets one.
    pub(super) fn forget(&self, id: SubscriptionId) {
        self.lock().remove(&id);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<SubscriptionId, Last>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Environment;
    use crate::ports::ledger::Lease;
    use crate::ports::look::Echo;
    use chrono::Utc;

    fn config() -> Arc<Config> {
        let text = "[database]\nurl = \"postgres://mozyd@localhost/mozyd\"\n[secrets]\nkey_file = \"key\"\n\
            [osa]\ntls_cert_file = \"cert\"\ntls_key_file = \"key\"\n";
        Arc::new(Config::parse("mozyd.toml".as_ref(), text, &Environment::default()).unwrap())
    }

    const ID: SubscriptionId = SubscriptionId(uuid::Uuid::nil());

    fn claimed(epoch: i64, last_epoch: Option<i64>) -> Claimed {
        Claimed {
            lease: Lease { subscription: ID, epoch },
            lane: Lane::Sweep,
            due_at: Utc::now(),
            enqueued_at: Utc::now(),
            waited: Duration::ZERO,
            last_epoch,
            attempts: 0,
            refresh_wanted: false,
        }
    }

    fn remember(looks: &Looks, rules: &Arc<Config>, epoch: i64) {
        let look = Look { questions: Box::default(), echo: Echo::default() };
        let agreed = Agreed { rules: Arc::clone(rules), instance: InstanceId(uuid::Uuid::nil()), look };
        looks.remember(agreed, Agreement::empty(Lease { subscription: ID, epoch }));
    }

    #[test]
    fn only_what_nobody_has_touched_since_is_asked_again() {
        let (looks, rules) = (Looks::default(), config());
        let may = |claimed: &Claimed| looks.of(claimed, &rules).is_some();
        assert!(!may(&claimed(8, Some(7))), "nothing is known");
        remember(&looks, &rules, 7);
        assert!(may(&claimed(8, Some(7))));
        assert!(!may(&claimed(9, Some(8))), "another daemon looked since");
        assert!(!may(&claimed(9, None)), "a cycle was begun since and did not end");
        assert!(!may(&Claimed { lane: Lane::Change, ..claimed(8, Some(7)) }), "somebody wished");
        assert!(!may(&Claimed { lane: Lane::Retry, ..claimed(8, Some(7)) }), "something went wrong");
        assert!(
            !may(&Claimed { refresh_wanted: true, ..claimed(8, Some(7)) }),
            "somebody waits for new numbers"
        );
        assert!(looks.of(&claimed(8, Some(7)), &config()).is_none(), "the rules are others");
        let said = looks.said(&claimed(8, Some(7)), Duration::ZERO).unwrap();
        assert!(may(&claimed(9, Some(7))), "it was not kept yet");
        looks.kept(said);
        assert!(!may(&claimed(9, Some(7))) && may(&claimed(9, Some(8))));
        looks.forget(ID);
        assert!(!may(&claimed(9, Some(8))));
    }

    #[test]
    fn what_came_back_different_is_not_asked_again_for_a_while() {
        let (looks, rules) = (Looks::default(), config());
        remember(&looks, &rules, 7);
        looks.differs(ID);
        assert!(looks.of(&claimed(8, Some(7)), &rules).is_none());
        remember(&looks, &rules, 8);
        assert!(looks.of(&claimed(9, Some(8)), &rules).is_none());
    }
}
