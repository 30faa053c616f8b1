//! The workers: claim what is due, run its cycle, record its report. One subscription that fails or panics costs the
//! others nothing.

use super::batch::Ready;
use super::books::Books;
use super::lease::{Hold, Holds};
use super::live::{Live, Quiet};
use super::looks::{Agreed, Looks};
use super::pace::POLL;
use super::places::Busy;
use super::rules::{memory, rules};
use super::timed::Timed;
use super::vendors::{Vendors, lacks_credentials};
use super::{schedule, told};
use crate::engine::{self, Rules};
use crate::metrics::Metrics;
use crate::mozy::Mozy;
use crate::plan::guard;
use crate::ports::report::CycleReport;
use crate::ports::{Case, CycleResult};
use crate::store::{Agreement, Claimed, Store, StoreError};
use anyhow::{Context as _, Result};
use chrono::Utc;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument;
use uuid::Uuid;

/// How a cycle ended that was told to stop.
const STOPPED: &str = "stopped";

/// How a cycle ended whose subscription another daemon has now.
const LOST: &str = CycleResult::LeaseLost.as_str();

/// Everything a worker needs.
pub struct Workers {
    /// The configuration, as it is now.
    pub live: Live,
    /// The store.
    pub store: Store,
    /// Mozy.
    pub vendors: Arc<Vendors>,
    /// What Prometheus sees.
    pub metrics: Arc<Metrics>,
    /// Leases of this daemon.
    pub holds: Holds,
    /// This daemon.
    pub owner: Uuid,
    /// Somebody knows of work.
    pub wake: Arc<Notify>,
    /// No more is claimed once it is cancelled, and cycles end after the step that they are at.
    pub stop: CancellationToken,
    /// A worker has a place free again.
    pub freed: Arc<Notify>,
    /// Where agreements are kept.
    pub books: Books,
    /// What agreed, to be asked again.
    pub looks: Looks,
    /// Set once something could be claimed: leases can be taken.
    pub claimed: Arc<AtomicBool>,
    /// When the loop last moved.
    pub pulse: Arc<super::admin::Pulse>,
    /// Told at every round, so that the watchdog knows that the loop moves.
    pub moved: Arc<Notify>,
}

impl Workers {
    /// Claims and runs until told to stop; then finishes what it is at.
    pub async fn run(self: Arc<Self>) {
        let busy = Busy::new(Arc::clone(&self.freed));
        let tracker = TaskTracker::new();
        while !self.stop.is_cancelled() {
            self.beat();
            let cut_off = self.vendors.is_cut_off();
            let free = if cut_off { 0 } else { busy.free_of(self.live.now().reconcile.workers) };
            let claimed = if free == 0 { 0 } else { self.moving(self.claim(free, &busy, &tracker)).await };
            // As many as there were places for: more may be due, and are claimed once there is room for several.
            let all = claimed < free;
            // Whom Mozy does not answer lets others have what comes; what they leave is claimed at the next poll.
            let last = all && self.vendors.is_down();
            let nap = if all && !last { self.moving(self.nap()).await } else { POLL };
            tokio::select! {
                () = self.stop.cancelled() => break,
                () = self.wake.notified(), if !last => {}
                () = self.room(&busy), if !last => {}
                () = tokio::time::sleep(nap) => {}
            }
        }
        tracker.close();
        tracker.wait().await;
    }

    /// One subscription: a panic costs this cycle and nothing else.
    pub(super) async fn work(self: &Arc<Self>, claimed: Claimed, hold: Arc<Hold>, ready: Ready) {
        let running = self.metrics.queue.running();
        tracing::trace!(
            subscription = %claimed.lease.subscription,
            epoch = claimed.lease.epoch,
            lane = claimed.lane.as_str(),
            "a subscription was claimed"
        );
        let (begun, lease) = (Instant::now(), claimed.lease);
        let cycle = Arc::clone(self).spawn(claimed.clone(), hold, ready);
        let result = match cycle.await {
            Ok(Ok(result)) => result,
            Ok(Err(error)) => {
                tracing::error!(subscription = %lease.subscription, "{error:#}");
                self.put_off(&claimed).await;
                CycleResult::Failed.as_str()
            }
            Err(panic) => {
                tracing::error!(subscription = %lease.subscription, %panic, "a cycle panicked; this is a defect");
                self.put_off(&claimed).await;
                "panicked"
            }
        };
        if result == LOST {
            self.metrics.queue.lease_lost();
        }
        self.metrics.cycles.finished(result, begun.elapsed());
        self.holds.remove(lease);
        drop(running);
    }

    /// The cycle as a task of its own; and in a function of its own, so that its worker does not carry it along.
    fn spawn(
        self: Arc<Self>,
        claimed: Claimed,
        hold: Arc<Hold>,
        ready: Ready,
    ) -> JoinHandle<Result<&'static str>> {
        tokio::spawn(async move { self.cycle(&claimed, hold, ready).await })
    }

    /// A cycle that could not even report is tried again later; its lease runs out by itself if this fails too.
    async fn put_off(&self, claimed: &Claimed) {
        let attempts = u32::try_from(claimed.attempts).unwrap_or(0);
        let delay = Duration::from_secs(1 << attempts.min(9)).min(self.live.now().reconcile.interval);
        if let Err(error) = self.store.put_off(claimed.lease, delay).await {
            tracing::warn!(subscription = %claimed.lease.subscription, %error, "could not be put off");
        }
    }

    async fn cycle(&self, claimed: &Claimed, hold: Arc<Hold>, mut ready: Ready) -> Result<&'static str> {
        let id = claimed.lease.subscription;
        if let (Some(agreed), Some(connected)) = (&ready.agreed, &ready.vendor) {
            let again = self.again(claimed, &hold, (agreed, connected), &mut ready.place);
            if let Some(ended) = again.instrument(told::look(id)).await {
                return Ok(ended);
            }
        }
        // On the heap: whoever only asks again does not carry it along.
        Box::pin(self.whole(claimed, hold, ready).instrument(told::span(id))).await
    }

    async fn whole(&self, claimed: &Claimed, hold: Arc<Hold>, ready: Ready) -> Result<&'static str> {
        let case = match ready.case {
            Some(case) => Some(wanting(claimed, *case)),
            None => self.load(claimed).await?,
        };
        let Some(case) = case else { return Ok(LOST) };
        told::of(&case);
        let instance = case.desired.subscription.instance;
        let (begun, paused, quiet) = (Instant::now(), case.paused, self.live.quiet(Utc::now()));
        let connected = match ready.vendor {
            Some(connected) => connected,
            None => match self.vendors.connected(instance).await {
                Ok(connected) => connected,
                Err(error) => return self.not_begun(claimed, &case, error).await,
            },
        };
        let vendor = self.vendors.for_cycle(&connected, Arc::clone(&hold), claimed.lane);
        let config = self.live.now();
        let mut rules = rules(&config, quiet.as_ref());
        if paused || quiet.is_some() {
            // Who only looks asks nobody's leave, and what is held stays so even if it was released meanwhile.
            let counted = self.store.counted(claimed.lease.subscription).await?;
            rules.counted = guard::Counted { approved: BTreeSet::new(), ..counted };
        }
        let mut report = match self.attempt(claimed, &hold, &vendor, case, &rules).await {
            Ok(report) => report,
            Err(ended) => return Ok(ended),
        };
        let look = report.look.take().map(|look| Agreed { rules: config, instance, look });
        told::tell(&self.metrics, &report, begun.elapsed());
        if paused || quiet.is_some() {
            self.wait_for_the_end(&mut report, quiet.as_ref());
        }
        match report.result {
            CycleResult::LeaseLost => Ok(LOST),
            _ => self.record(claimed, &report, look).await,
        }
    }

    async fn not_begun(&self, claimed: &Claimed, case: &Case, error: anyhow::Error) -> Result<&'static str> {
        if !lacks_credentials(&error) {
            return Err(error);
        }
        tracing::error!("{error:#}");
        let report = engine::not_begun(case, format!("{error:#}"));
        self.record(claimed, &report, None).await
    }

    /// What waits for an operator, or for the end of a window, need not be looked at more often than all else.
    fn wait_for_the_end(&self, report: &mut CycleReport, quiet: Option<&Quiet>) {
        if report.result != CycleResult::Waiting || report.again.is_some() {
            return;
        }
        let interval = self.live.now().reconcile.interval;
        let end = quiet.and_then(|quiet| (quiet.until? - Utc::now()).to_std().ok());
        report.again = Some(end.map_or(interval, |end| end.min(interval)));
    }

    /// What the cycle begins with; `None` when the lease was lost.
    async fn load(&self, claimed: &Claimed) -> Result<Option<Case>> {
        match self.store.load_case(claimed.lease, memory(&self.live.now())).await {
            Ok(case) => Ok(Some(wanting(claimed, case))),
            Err(StoreError::LeaseLost(_)) => Ok(None),
            Err(error) => Err(error).context("loading the wishes"),
        }
    }

    /// One cycle, or how it was ended before it could report.
    async fn attempt(
        &self,
        claimed: &Claimed,
        hold: &Hold,
        vendor: &Mozy,
        case: Case,
        rules: &Rules,
    ) -> Result<CycleReport, &'static str> {
        let (under_way, step) = watch::channel(false);
        let (store, metrics, first) = (&self.store, &self.metrics, AtomicBool::new(true));
        let ledger = Timed { store, metrics, first, claimed, under_way };
        tokio::select! {
            report = engine::cycle(case, claimed.lease, vendor, &ledger, rules, Utc::now) => Ok(report),
            () = hold.lost() => Err(LOST),
            () = self.stopped(step) => {
                // Whoever takes over looks afresh; what was done is in the ledger.
                Err(self.give_back(claimed).await)
            }
        }
    }

    /// Gives a lease back early; how its cycle ended by that.
    pub(super) async fn give_back(&self, claimed: &Claimed) -> &'static str {
        match self.store.release(claimed.lease).await {
            Ok(true) => STOPPED,
            Ok(false) => LOST,
            Err(error) => {
                tracing::debug!(%error, "a lease could not be given back; it runs out by itself");
                STOPPED
            }
        }
    }

    /// Told to stop, and no step is under way.
    async fn stopped(&self, mut step: watch::Receiver<bool>) {
        self.stop.cancelled().await;
        let _idle = step.wait_for(|under_way| !under_way).await;
    }

    /// Keeps what a cycle found, and tells how the cycle ended.
    async fn record(
        &self,
        claimed: &Claimed,
        report: &CycleReport,
        look: Option<Agreed>,
    ) -> Result<&'static str> {
        // From here on the epoch alone decides: renewing a lease while it is given back would look as if it were lost.
        self.holds.remove(claimed.lease);
        let next = schedule::next(claimed, report, self.live.now().reconcile.interval);
        if let Some(agreement) = Agreement::of(claimed.lease, report, next)
            && self.books.keep(claimed.lease.subscription, agreement.clone()).await
        {
            look.into_iter().for_each(|agreed| self.looks.remember(agreed, agreement.clone()));
            return Ok(report.result.as_str());
        }
        match self.store.record(claimed.lease, report, next).await {
            Ok(_) => Ok(report.result.as_str()),
            Err(StoreError::LeaseLost(_)) => Ok(LOST),
            Err(error) => Err(error).context("recording what a cycle found"),
        }
    }
}

/// Somebody who waits for fresh numbers has the machines read again, whatever the sums say.
fn wanting(claimed: &Claimed, mut case: Case) -> Case {
    case.machines_read_at = case.machines_read_at.filter(|_| !claimed.refresh_wanted);
    case
}
