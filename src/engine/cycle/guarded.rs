//! What of a plan a cycle may do: all but what the guard holds; nothing if it only looks, or is to do another plan.

use super::{Cycle, End};
use crate::domain::observed::Observed;
use crate::engine::flaps;
use crate::plan::guard::{Ask, guard, hold};
use crate::plan::{Plan, around_held, render};
use crate::ports::{Ledger, Vendor};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

impl<V: Vendor, L: Ledger, C: Fn() -> DateTime<Utc>> Cycle<'_, V, L, C> {
    /// Whether this cycle only looks. One that does a certain plan only looks after it, and when the plan is another.
    pub(super) fn only_looks(&self) -> bool {
        let wanted = |hash: &String| !self.wrote && *hash == render::hash(&self.desired, &self.plan.steps);
        self.quiet().is_some() || !self.rules.only.as_ref().is_none_or(wanted)
    }

    /// Takes out of the plan what the guard holds, as it is counted over all daemons.
    pub(super) async fn guard(&mut self, observed: &Observed, now: DateTime<Utc>) -> Result<(), End> {
        let plan = std::mem::take(&mut self.plan);
        let plan = match self.quiet() {
            Some(_) => guard(&self.desired, plan, &self.rules.limits, &self.rules.counted),
            None => self.admitted(plan).await?,
        };
        let (entries, pauses, times) =
            (&self.case.entries, &mut self.case.pauses, (now, self.rules.flap_pause()));
        self.plan = around_held(&self.desired, &self.policy, plan, |policy| {
            let (plan, flaps) = flaps::plan(&self.desired, observed, policy, entries, pauses, times);
            self.flaps = flaps;
            plan
        });
        Ok(())
    }

    async fn admitted(&self, plan: Plan) -> Result<Plan, End> {
        let ask = Ask::new(&self.desired, &plan.steps, &self.rules.limits);
        let past = match ask.bundles.is_empty() {
            true => BTreeMap::new(),
            false => {
                let admitted = self.ledger.admit(self.lease, &ask, &self.rules.limits).await;
                admitted.map_err(End::Ledger)?
            }
        };
        Ok(hold(&self.desired, plan, ask, past))
    }
}
