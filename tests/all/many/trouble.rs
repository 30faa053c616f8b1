//! What is done to a play while it goes on: to daemons, to the line to Mozy, to PostgreSQL, to OSA, to the clock.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use mozyd::lab::faultproxy::{Fault as LineFault, FaultProxy};
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

/// A trouble.
#[derive(Clone, Copy, Debug)]
pub enum Trouble {
    /// SIGKILL, at any moment.
    Killed,
    /// SIGKILL between Mozy's commit and its answer.
    KilledAfterCommit,
    /// SIGKILL after the request and before Mozy's commit.
    KilledBeforeCommit,
    /// SIGSTOP for longer than a lease.
    Frozen,
    /// So many of these calls are struck.
    Line(&'static str, FaultKind, u32),
    /// All connections to PostgreSQL behave like this for so many milliseconds.
    Database(LineFault, u64),
    /// All backends of the daemons are terminated, again and again for a second.
    Backends,
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
    /// PostgreSQL's own address.
    pub url: String,
    /// Where the daemons read how far their clock is off.
    pub clock: Option<PathBuf>,
    /// Which daemon is struck next.
    pub turn: usize,
}

impl Scene<'_> {
    /// Does it, and undoes what can be undone.
    pub async fn suffer(&mut self, trouble: Trouble) -> Result<()> {
        self.turn += 1;
        let victim = self.turn % self.hands.len();
        match trouble {
            Trouble::Killed => self.kill(victim).await,
            Trouble::KilledAfterCommit => {
                self.strike("writes", FaultKind::Latency { ms: 1500 }, 1)?;
                let before = self.lab.mozy().counters().writes;
                self.until(|lab| lab.mozy().counters().writes > before).await;
                self.kill_all().await
            }
            Trouble::KilledBeforeCommit => {
                self.strike("writes", FaultKind::LateCommit { ms: 1500 }, 1)?;
                self.until(|lab| lab.mozy().pending() > 0).await;
                self.kill_all().await
            }
            Trouble::Frozen => {
                self.hands[victim].freeze()?;
                sleep(LONGER_THAN_A_LEASE).await;
                self.hands[victim].thaw()
            }
            Trouble::Line(operation, kind, times) => self.strike(operation, kind, times),
            Trouble::Database(fault, ms) => {
                let (_, proxy) = self.database.as_ref().context("this needs a PostgreSQL of its own")?;
                proxy.set(fault);
                sleep(Duration::from_millis(ms)).await;
                proxy.set(LineFault::None);
                Ok(())
            }
            Trouble::Backends => self.terminate_backends().await,
            Trouble::Restarted(how) => {
                self.cluster()?.stop(how)?;
                sleep(Duration::from_secs(1)).await;
                self.cluster()?.start()
            }
            Trouble::Crashed => {
                self.cluster()?.kill()?;
                self.cluster()?.start()
            }
            Trouble::Stuck(seconds) => {
                self.cluster()?.freeze()?;
                sleep(Duration::from_secs(seconds)).await;
                self.cluster()?.thaw()
            }
            Trouble::Osa(side, fault) => {
                let faults = self.lab.osa().faults();
                faults.rate(side, fault, 1.0);
                sleep(Duration::from_secs(3)).await;
                // A certificate is seen by new connections only.
                self.until(|lab| lab.osa().faults().struck(side, fault) > 0).await;
                faults.rate(side, fault, 0.0);
                Ok(())
            }
            Trouble::Clock(seconds) => {
                let clock = self.clock.as_ref().context("this needs a clock of its own")?;
                // There and back: each strike is a step the other way.
                let off = if self.turn % 2 == 1 { seconds } else { 0 };
                Ok(std::fs::write(clock, format!("{off:+}"))?)
            }
        }
    }

    /// Nothing is wrong any more, and every trouble came.
    pub fn recover(&self, trouble: Option<Trouble>, strikes: usize) -> Result<()> {
        ensure!(trouble.is_none() || strikes > 0, "the trouble never came");
        if let Some(Trouble::Line(..)) = trouble {
            let struck = self.lab.mozy().calls().iter().any(|call| call.disturbed.is_some());
            let cut = self.lab.mozy().faults().iter().any(|rule| rule.remaining.is_some_and(|left| left < 2));
            ensure!(struck || cut, "no call was struck");
        }
        if let Some(Trouble::Osa(side, fault)) = trouble {
            ensure!(self.lab.osa().faults().struck(side, fault) > 0, "no call was struck");
        }
        self.lab.mozy().clear_faults();
        self.lab.osa().faults().clear();
        Ok(())
    }

    /// The metrics tell of it, where it is theirs to tell.
    pub async fn told(&self, trouble: Trouble) -> Result<()> {
        use FaultKind::{KeyTaken, StaleRead};
        let (metric, good) = match trouble {
            Trouble::Line(_, StaleRead { .. } | KeyTaken, _) => return Ok(()),
            Trouble::Line(..) => ("mozyd_mozy_requests_total", "result=\"done\""),
            Trouble::Backends | Trouble::Restarted(_) | Trouble::Crashed | Trouble::Database(..) => {
                ("mozyd_database_errors_total", "none is good")
            }
            Trouble::Osa(Side::FromApp, _) => ("mozyd_osa_requests_total", "result=\"ok\""),
            _ => return Ok(()),
        };
        let mut told = 0.0;
        for hand in &self.hands {
            told += hand.sum(metric, |row| !row.contains(good)).await?;
        }
        ensure!(told > 0.0, "{metric} does not tell of it");
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

    async fn kill(&mut self, victim: usize) -> Result<()> {
        self.hands[victim].kill()?;
        sleep(Duration::from_millis(200)).await;
        self.hands[victim].run().await
    }

    async fn kill_all(&mut self) -> Result<()> {
        for hand in &self.hands {
            hand.kill()?;
        }
        for hand in &mut self.hands {
            hand.run().await?;
        }
        Ok(())
    }

    /// Waits for a moment; where it does not come any more, the play is over.
    async fn until(&self, came: impl Fn(&Lab) -> bool) {
        let _late = wait::until("a moment", SOON, async || came(self.lab).then_some(())).await;
    }

    async fn terminate_backends(&self) -> Result<()> {
        const KILL: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
            WHERE application_name = 'mozyd' AND datname = current_database()";
        for _ in 0..5 {
            sql(&self.url, KILL).await?;
            sleep(Duration::from_millis(200)).await;
        }
        Ok(())
    }
}
