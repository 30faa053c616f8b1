//! A cycle that an operator runs by hand: under a lease of its own, exactly as a worker does, whether or not a daemon
//! is running. Who holds the subscription is waited for, and never written beside.

use super::lease::{Hold, Holds, LEASE};
use super::live::Live;
use super::rules::{memory, rules};
use super::schedule::next;
use super::vendors::Vendors;
use crate::config::Config;
use crate::domain::SubscriptionId;
use crate::engine::{self, Candidate, Rules};
use crate::mozy::Mozy;
use crate::ports::{Case, CycleReport, CycleResult};
use crate::store::{Claimed, Store};
use anyhow::{Context as _, Result, anyhow, bail};
use chrono::Utc;
use std::sync::Arc;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// How long somebody else's cycle is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// How often it is looked whether that has ended.
const LOOK: Duration = Duration::from_millis(100);

/// What a cycle by hand is made of.
pub struct ByHand {
    config: Arc<Config>,
    store: Store,
    vendors: Vendors,
    owner: Uuid,
    holds: Holds,
}

impl ByHand {
    /// Reads the files that the configuration names.
    ///
    /// # Errors
    /// When one of them cannot be used.
    pub fn new(config: Arc<Config>, store: Store) -> Result<Self> {
        let metrics = super::metrics()?;
        let (owner, live) = (Uuid::new_v4(), Live::new(Arc::clone(&config)));
        let vendors = Vendors::new(live, store.clone(), metrics, owner)?;
        Ok(Self { config, store, vendors, owner, holds: Holds::default() })
    }

    /// Does the plan of this hash, if it is still the plan, and then looks once more. Its report is kept. It did
    /// nothing when the report has no steps.
    ///
    /// # Errors
    /// When somebody else is at work there, it is paused, or the database cannot be used.
    pub async fn apply(&self, id: SubscriptionId, hash: &str) -> Result<CycleReport> {
        let rules = Rules { only: Some(hash.to_owned()), ..rules(&self.config, None) };
        self.under_lease(id, async |claimed, hold| self.cycle(claimed, hold, &rules).await).await
    }

    /// Binds what is unmanaged to the wish it is; `note` says who wanted it. Looks at Mozy afresh, and writes nothing
    /// there.
    ///
    /// # Errors
    /// When it is not there, fits no wish or several, or somebody else is at work there.
    pub async fn adopt(&self, id: SubscriptionId, kind: &str, mozy_id: &str, note: &str) -> Result<()> {
        self.under_lease(id, async |claimed, hold| {
            let (case, vendor) = self.open(claimed, hold).await?;
            let looked = engine::preview(&case, &vendor, &rules(&self.config, None), Utc::now()).await;
            let (sight, desired, _) = looked.context("looking at Mozy")?;
            let candidates = engine::candidates(&desired, &sight.observed).into_iter();
            let mut these = candidates.filter(|one| one.unmanaged.kind == kind && one.unmanaged.mozy_id == mozy_id);
            let Some(Candidate { unmanaged, fits }) = these.next() else {
                bail!("{kind} {mozy_id} is not unmanaged any more, or not at Mozy; `mozyd unmanaged` lists what is")
            };
            let binding = fits.map_err(|why| anyhow!("{kind} {mozy_id} cannot be adopted: {why}"))?;
            let note = format!("{} {note}", engine::told(&unmanaged));
            let adopted = self.store.adopt(claimed.lease, &unmanaged, &binding, &note).await;
            adopted.context("keeping what was adopted")?;
            self.store.release(claimed.lease).await?;
            Ok(())
        })
        .await
    }

    async fn under_lease<T>(
        &self,
        id: SubscriptionId,
        work: impl AsyncFnOnce(&Claimed, &Arc<Hold>) -> Result<T>,
    ) -> Result<T> {
        let (claimed, hold) = self.claim(id).await?;
        let done = tokio::select! {
            done = work(&claimed, &hold) => done,
            () = hold.lost() => Err(lost(id)),
            () = self.holds.renew(&self.store) => Err(lost(id)),
        };
        if done.is_err() {
            // It runs out by itself if this fails too.
            let _ = self.store.release(claimed.lease).await;
        }
        done
    }

    async fn claim(&self, id: SubscriptionId) -> Result<(Claimed, Arc<Hold>)> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let asked = Instant::now();
            let claimed = self.store.claim_one(self.owner, LEASE, id).await.context("taking the lease")?;
            match claimed {
                Some(claimed) => {
                    let hold = self.holds.add(claimed.lease, asked);
                    return Ok((claimed, hold));
                }
                None if asked >= deadline => {
                    bail!("a daemon is at work on subscription {id}; nothing was done, try again")
                }
                None => tokio::time::sleep(LOOK).await,
            }
        }
    }

    async fn open(&self, claimed: &Claimed, hold: &Arc<Hold>) -> Result<(Case, Mozy)> {
        let case = self.store.load_case(claimed.lease, memory(&self.config)).await;
        let case = case.context("loading the wishes")?;
        let vendor = self.vendors.by_hand(case.desired.subscription.instance, Arc::clone(hold)).await?;
        Ok((case, vendor))
    }

    async fn cycle(&self, claimed: &Claimed, hold: &Arc<Hold>, rules: &Rules) -> Result<CycleReport> {
        let (case, vendor) = self.open(claimed, hold).await?;
        if case.paused {
            let number = case.desired.subscription.number;
            bail!("subscription {number} is paused; nothing was done, `mozyd resume` it first");
        }
        if let Some(until) = self.config.maintenance.open_until(Utc::now()) {
            bail!("a maintenance window is open until {until}; nothing was done, apply it afterwards");
        }
        let report = engine::cycle(case, claimed.lease, &vendor, &self.store, rules, Utc::now).await;
        if report.result == CycleResult::LeaseLost {
            return Err(lost(claimed.lease.subscription));
        }
        let next = next(claimed, &report, self.config.reconcile.interval);
        self.store.record(claimed.lease, &report, next).await.context("recording what was found")?;
        Ok(report)
    }
}

fn lost(id: SubscriptionId) -> anyhow::Error {
    anyhow!("the lease of subscription {id} was lost; what was begun is looked up by whoever has it now")
}
