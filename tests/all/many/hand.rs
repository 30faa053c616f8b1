//! A hand on a daemon of a lab that others use meanwhile: it is killed, frozen, and run again by its process id.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use mozyd::lab::proc::Process;
use mozyd::lab::{Daemon, Lab, child, http, wait};
use rustix::process::{Pid, Signal};
use tokio::time::sleep;

/// What an end and a start may take.
const SOON: Duration = Duration::from_secs(60);

/// Until it is tried again.
const SHORTLY: Duration = Duration::from_millis(500);

/// What it says once it serves, and when it was told to stop.
const READY: &str = "\"message\":\"ready\"";
const STOPPING: &str = "\"message\":\"stopping\"";

/// A hand.
pub struct Hand {
    command: [std::path::PathBuf; 3],
    environment: Vec<(String, String)>,
    admin: std::net::SocketAddr,
    pid: Pid,
    own: Option<Process>,
}

impl Hand {
    /// A hand on each daemon of a lab.
    pub fn all(lab: &mut Lab) -> Vec<Self> {
        lab.daemons().iter_mut().map(Self::on).collect()
    }

    fn on(daemon: &mut Daemon) -> Self {
        let command = [daemon.program(), daemon.config(), daemon.log()].map(ToOwned::to_owned);
        let environment = daemon.environment().to_vec();
        Self { command, environment, admin: daemon.admin(), pid: daemon.process().pid(), own: None }
    }

    /// SIGKILL.
    pub fn kill(&self) -> Result<()> {
        self.signal(Signal::KILL)?;
        Ok(child::wait_for_end(&[self.pid], SOON)?)
    }

    /// SIGTERM.
    pub fn terminate(&self) -> Result<()> {
        self.signal(Signal::TERM)
    }

    /// SIGTERM, and waits until it has ended.
    pub async fn stop(&self) -> Result<()> {
        self.terminate()?;
        let ended = || child::wait_for_end(&[self.pid], Duration::ZERO).ok();
        wait::until("a daemon to end", SOON, async || ended()).await
    }

    /// Whether it has not ended.
    pub fn is_there(&self) -> bool {
        child::wait_for_end(&[self.pid], Duration::ZERO).is_err()
    }

    /// All it ever said.
    pub fn log(&self) -> Result<String> {
        let [_, _, log] = &self.command;
        std::fs::read_to_string(log).context("reading a daemon's log")
    }

    /// Its name in the database, since it was last run.
    pub fn owner(&self) -> Result<String> {
        let log = self.log()?;
        let ready = log.lines().rev().find(|line| line.contains(READY)).context("it was never ready")?;
        let ready: serde_json::Value = serde_json::from_str(ready)?;
        Ok(ready["owner"].as_str().context("it does not say who it is")?.to_owned())
    }

    /// Whether it was told to stop since it was last run.
    pub fn is_stopping(&self) -> Result<bool> {
        let log = self.log()?;
        Ok(log.rfind(STOPPING) > log.rfind(READY))
    }

    /// SIGSTOP.
    pub fn freeze(&self) -> Result<()> {
        self.signal(Signal::STOP)
    }

    /// SIGCONT.
    pub fn thaw(&self) -> Result<()> {
        self.signal(Signal::CONT)
    }

    /// Asks for a look at everything.
    pub fn refresh(&self) {
        self.signal(Signal::USR1).expect("signalling a daemon");
    }

    /// Runs it again after it ended, as systemd does until it stays, and waits until it serves; it may not be ready yet.
    pub async fn run(&mut self) -> Result<()> {
        for _ in 0..20 {
            let mut process = self.spawn()?;
            self.pid = process.pid();
            let serves = process.wait_for_http(self.admin, "/livez", SOON).await;
            let log = process.log()?;
            self.own = Some(process);
            match serves {
                Ok(()) => return Ok(()),
                // Meanwhile a connection of somebody else's was given its port.
                Err(_) if log.trim_end().ends_with("(os error 98)") => sleep(SHORTLY).await,
                Err(error) => return Err(error.context("running a daemon again")),
            }
        }
        bail!("the port of a daemon is not free again")
    }

    fn spawn(&self) -> Result<Process> {
        let [program, config, log] = &self.command;
        let mut command = Command::new(program);
        command.arg("--config").arg(config).arg("run");
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        Process::spawn("mozyd", command, log)
    }

    /// The sum of a metric over the series that are wanted.
    pub async fn sum(&self, metric: &str, wanted: impl Fn(&str) -> bool) -> Result<f64> {
        let page = http::get(self.admin, "/metrics").await?.body;
        let of_metric =
            |line: &&str| line.strip_prefix(metric).is_some_and(|rest| rest.starts_with(['{', ' ']));
        let rows = page.lines().filter(of_metric).filter(|line| wanted(line));
        Ok(rows.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum())
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        child::signal(self.pid, signal).context("signalling a daemon")
    }
}
