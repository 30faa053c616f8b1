//! What is done to a play while it goes on: to daemons, to the line to Mozy, to PostgreSQL, to OSA, to the clock. What
//! waits for a moment strikes at that moment or says that it never came.

use std::cell::Cell as Flag;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use mozyd::lab::faultproxy::{Fault as LineFault, FaultProxy};
use mozyd::lab::pgbouncer::PgBouncer;
use mozyd::lab::postgres::{Cluster, Stop};
use mozyd::lab::{Lab, wait};
use mozyd::sim::mozy::{FaultKind, FaultRule};
use mozyd::sim::osa::{Fault, Side};
use tokio::time::sleep;

use super::end::sql;
use super::hand::Hand;

/// A lease lasts twelve seconds: so long a daemon stands still.
const LONGER_THAN_A_LEASE: Duration = Duration::from_secs(15);
/// What a moment in the middle of a call may take to come.
const SOON: Duration = Duration::from_secs(20);
/// How long Mozy takes over a call in whose middle somebody is killed: less than anybody waits for an answer.
const SLOW: u64 = 3000;

/// A trouble.
#[derive(Clone, Copy, Debug)]
pub enum Trouble {
    /// SIGKILL, at any moment.
    Killed,
    /// SIGKILL between Mozy's commit and its answer.
    KilledAfterCommit,
    /// SIGKILL after the request and before Mozy's commit.
    KilledBeforeCommit,
    /// SIGKILL in a cycle that a slow Mozy made outlive the first term of its lease, just when that was renewed.
    KilledAfterRenewal,
    /// SIGTERM in the middle of a call, and SIGKILL while the daemon waits for its end.
    KilledWhileDraining,
    /// SIGSTOP for longer than a lease, while it holds one.
    Frozen,
    /// So many of these calls are struck.
    Line(&'static str, FaultKind, u32),
    /// All connections to PostgreSQL behave like this for so many milliseconds.
    Database(LineFault, u64),
    /// All backends of the daemons are terminated, again and again for a second.
    Backends,
    /// PgBouncer makes all its connections to PostgreSQL anew.
    Reconnected,
    /// PostgreSQL ends and is started again after a second.
    Restarted(Stop),
    /// PostgreSQL and all its backends are killed and started again.
    Crashed,
    /// PostgreSQL stands still for so many seconds.
    Stuck(u64),
    /// OSA behaves like this for three seconds at least, and until somebody noticed.
    Osa(Side, Fault),
    /// The daemons' clock is stepped by so many seconds.
    Clock(i64),
}

/// What troubles are done to.
pub struct Scene<'a> {
    /// The lab.
    pub lab: &'a Lab,
    /// Its daemons.
    pub hands: Vec<Hand>,
    /// A PostgreSQL of its own, and what stands before it.
    pub database: Option<(Cluster, FaultProxy)>,
    /// What pools the daemons' transactions.
    pub bouncer: Option<PgBouncer>,
    /// PostgreSQL's own address.
    pub url: String,
    /// Where the daemons read how far their clock is off.
    pub clock: PathBuf,
    /// Which daemon is struck next.
    pub turn: usize,
    /// Whether the play is over.
    pub over: &'a Flag<bool>,
}

impl Scene<'_> {
    /// Does it, and undoes what can be undone. Whether its moment came before the play was over.
    pub async fn suffer(&mut self, trouble: Trouble) -> Result<bool> {
        self.turn += 1;
        let victim = self.turn % self.hands.len();
        match trouble {
            Trouble::Killed => {
                self.hands[victim].kill()?;
                sleep(Duration::from_millis(200)).await;
                self.hands[victim].run().await?;
            }
            Trouble::KilledAfterCommit => return self.kill_amid(FaultKind::Latency { ms: SLOW }).await,
            Trouble::KilledBeforeCommit => return self.kill_amid(FaultKind::LateCommit { ms: SLOW }).await,
            Trouble::KilledAfterRenewal => return self.kill_after_renewal().await,
            Trouble::KilledWhileDraining => return self.kill_while_draining().await,
            Trouble::Frozen => return self.freeze(victim).await,
            Trouble::Line(operation, kind, times) => self.strike(operation, kind, times)?,
            Trouble::Database(fault, ms) => {
                let (_, proxy) = self.database.as_ref().context("this needs a PostgreSQL of its own")?;
                proxy.set(fault);
                sleep(Duration::from_millis(ms)).await;
                proxy.set(LineFault::None);
            }
            Trouble::Backends => self.terminate_backends().await?,
            Trouble::Reconnected => {
                let bouncer = self.bouncer.as_ref().context("this needs a PgBouncer")?;
                bouncer.admin("RECONNECT").await?;
            }
            Trouble::Restarted(how) => {
                self.cluster()?.stop(how)?;
                sleep(Duration::from_secs(1)).await;
                self.cluster()?.start()?;
            }
            Trouble::Crashed => {
                self.cluster()?.kill()?;
                self.cluster()?.start()?;
            }
            Trouble::Stuck(seconds) => {
                self.cluster()?.freeze()?;
                sleep(Duration::from_secs(seconds)).await;
                self.cluster()?.thaw()?;
            }
            Trouble::Osa(side, fault) => {
                let osa = self.lab.osa();
                osa.faults().rate(side, fault, 1.0);
                if side == Side::FromApp {
                    // Some are faults of new connections, so that those which are open end.
                    osa.set_door_open(false);
                    osa.set_door_open(true);
                }
                sleep(Duration::from_secs(3)).await;
                let struck = async || (osa.faults().struck(side, fault) > 0).then_some(());
                wait::until("a call of OSA's to be struck", SOON, struck).await?;
                osa.faults().rate(side, fault, 0.0);
            }
            Trouble::Clock(seconds) => {
                // There and back: each strike is a step the other way.
                let off = if self.turn % 2 == 1 { seconds } else { 0 };
                std::fs::write(&self.clock, format!("{off:+}"))?;
            }
        }
        Ok(true)
    }

    /// Nothing is wrong any more, and the trouble came: what was to strike so often did, once at least.
    pub fn recover(&self, trouble: Option<Trouble>, strikes: usize) -> Result<()> {
        ensure!(trouble.is_none() || strikes > 0, "the trouble never came");
        if let Some(Trouble::Line(..)) = trouble {
            let rules = self.lab.mozy().faults();
            ensure!(rules.iter().any(|rule| rule.remaining == Some(0)), "no call was struck: {rules:?}");
        }
        if let Some(Trouble::Osa(side, fault)) = trouble {
            ensure!(self.lab.osa().faults().struck(side, fault) > 0, "no call was struck");
        }
        self.lab.mozy().clear_faults();
        self.lab.osa().faults().clear();
        Ok(())
    }

    fn cluster(&mut self) -> Result<&mut Cluster> {
        let (cluster, _) = self.database.as_mut().context("this needs a PostgreSQL of its own")?;
        Ok(cluster)
    }

    fn strike(&self, operation: &str, kind: FaultKind, times: u32) -> Result<()> {
        // A fault of connections strikes those that are open as well.
        let operation = Some(operation.to_owned()).filter(|operation| operation != "connections");
        let rule = FaultRule { operation, remaining: Some(times), ..FaultRule::always(kind) };
        Ok(self.lab.mozy().add_fault(rule)?)
    }

    /// Waits for a moment: whether it came before the play was over.
    async fn comes(&self, what: &str, came: impl AsyncFn() -> bool) -> Result<bool> {
        wait::until(what, SOON, async || match came().await {
            true => Some(true),
            false => self.over.get().then_some(false),
        })
        .await
    }

    /// Lets the next write of anybody be slow, and waits until it is under way.
    async fn amid(&self, slow: FaultKind) -> Result<bool> {
        self.strike("writes", slow, 1)?;
        let struck = async || self.lab.mozy().faults().last().is_some_and(|rule| rule.remaining == Some(0));
        self.comes("a write to be under way", struck).await
    }

    async fn kill_amid(&mut self, slow: FaultKind) -> Result<bool> {
        if !self.amid(slow).await? {
            return Ok(false);
        }
        let begun = Instant::now();
        self.kill_all().await?;
        let late = begun.elapsed();
        ensure!(
            late < Duration::from_millis(SLOW - 500),
            "the moment was over when all were killed: {late:?}"
        );
        self.run_all().await
    }

    async fn kill_after_renewal(&mut self) -> Result<bool> {
        self.lab.mozy().add_fault(FaultRule::always(FaultKind::Latency { ms: SLOW }))?;
        let leases = "SELECT lease_epoch, lease_until FROM work WHERE lease_owner IS NOT NULL";
        let first = std::cell::RefCell::new(BTreeMap::new());
        let renewed = async || {
            let held = sql(&self.url, leases).await.unwrap_or_default();
            held.iter().filter_map(|lease| lease.split_once('|')).any(|(epoch, until)| {
                *first.borrow_mut().entry(epoch.to_owned()).or_insert_with(|| until.to_owned()) != until
            })
        };
        let came = self.comes("a lease to be renewed", renewed).await?;
        if came {
            self.kill_all().await?;
        }
        self.lab.mozy().clear_faults();
        if came { self.run_all().await } else { Ok(false) }
    }

    async fn kill_while_draining(&mut self) -> Result<bool> {
        if !self.amid(FaultKind::Latency { ms: SLOW }).await? {
            return Ok(false);
        }
        self.hands.iter().try_for_each(Hand::terminate)?;
        let drains = async || self.hands.iter().any(|hand| hand.is_stopping().unwrap_or(false));
        ensure!(self.comes("a daemon to stop", drains).await?, "the play was over in the middle of a call");
        ensure!(self.hands.iter().any(Hand::is_there), "it had stopped before it was killed");
        self.kill_all().await?;
        self.run_all().await
    }

    /// Who holds nothing when it stands still loses nothing: it goes on for a moment, and is stopped again.
    async fn freeze(&self, victim: usize) -> Result<bool> {
        let victim = &self.hands[victim];
        let holds = async || {
            let held = async {
                victim.freeze()?;
                let holds = self.holds(victim).await?;
                if !holds {
                    victim.thaw()?;
                }
                anyhow::Ok(holds)
            };
            held.await.unwrap_or(false)
        };
        if !self.comes("it to hold a lease", holds).await? {
            // Where it could not be asked, it stands still.
            victim.thaw()?;
            return Ok(false);
        }
        sleep(LONGER_THAN_A_LEASE).await;
        // Nobody else took it over yet, and it goes on as if nothing had been.
        let lost = async || (!self.holds(victim).await.ok()?).then_some(());
        wait::until("others to take over what it held", SOON, lost).await?;
        victim.thaw()?;
        Ok(true)
    }

    async fn holds(&self, hand: &Hand) -> Result<bool> {
        let owners = sql(&self.url, "SELECT lease_owner FROM work WHERE lease_owner IS NOT NULL").await?;
        Ok(owners.contains(&hand.owner()?))
    }

    async fn kill_all(&self) -> Result<()> {
        self.hands.iter().try_for_each(Hand::kill)
    }

    async fn run_all(&mut self) -> Result<bool> {
        for hand in &mut self.hands {
            hand.run().await?;
        }
        Ok(true)
    }

    async fn terminate_backends(&self) -> Result<()> {
        const KILL: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
            WHERE application_name = 'mozyd' AND datname = current_database()";
        let mut ended = 0;
        for _ in 0..5 {
            ended += sql(&self.url, KILL).await?.len();
            sleep(Duration::from_millis(200)).await;
        }
        ensure!(ended > 0, "no backend was there to be terminated");
        Ok(())
    }
}
