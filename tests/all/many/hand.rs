//! A hand on a daemon of a lab that others use meanwhile: it is killed, frozen, and run again by its process id.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use mozyd::lab::proc::Process;
use mozyd::lab::{Daemon, Lab, child, http, wait};
use rustix::process::{Pid, Signal};

/// What an end and a start may take.
const SOON: Duration = Duration::from_secs(60);

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

    /// SIGTERM, and waits until it has ended.
    pub async fn stop(&self) -> Result<()> {
        self.signal(Signal::TERM)?;
        let ended = || child::wait_for_end(&[self.pid], Duration::ZERO).ok();
        wait::until("a daemon to end", SOON, async || ended()).await
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

    /// Runs it again after it ended, and waits until it listens; it may not be ready as yet.
    pub async fn run(&mut self) -> Result<()> {
        let [program, config, log] = &self.command;
        let mut command = Command::new(program);
        command.arg("--config").arg(config).arg("run");
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        let process = Process::spawn("mozyd", command, log)?;
        self.pid = process.pid();
        self.own = Some(process);
        let path = "/livez";
        let listens = async || http::get(self.admin, path).await.ok().map(drop);
        wait::until("a daemon to listen", SOON, listens).await.context("running a daemon again")
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        child::signal(self.pid, signal).context("signalling a daemon")
    }
}
