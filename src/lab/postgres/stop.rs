//! The ends of a cluster, orderly and not, and what is left behind afterwards: nothing.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal};

use super::Cluster;
use crate::lab::child;

/// How long an orderly end may take before it is made a disorderly one.
const PATIENCE: Duration = Duration::from_secs(20);

/// How a running server is told to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Open transactions are rolled back, data written out (SIGINT).
    Fast,
    /// At once; the next start recovers as after a crash (SIGQUIT).
    Immediate,
}

impl Cluster {
    /// Stops the server, also a frozen one; nothing happens when it does not run.
    pub fn stop(&mut self, how: Stop) -> Result<()> {
        self.thaw()?;
        let Some(child) = &mut self.child else { return Ok(()) };
        let signal = if how == Stop::Fast { Signal::INT } else { Signal::QUIT };
        child::signal(child::pid(child), signal).context("stopping postgres")?;
        if child::wait(child, PATIENCE)?.is_none() {
            return self.kill();
        }
        self.child = None;
        Ok(())
    }

    /// Stops the server and starts it again.
    pub fn restart(&mut self, how: Stop) -> Result<()> {
        self.stop(how)?;
        self.start()
    }

    /// Kills the server and all its backends at the same time, as a power cut would (SIGKILL).
    pub fn kill(&mut self) -> Result<()> {
        self.freeze()?;
        let Some(child) = &mut self.child else { return Ok(()) };
        let backends = child::children_of(child::pid(child))?;
        child.kill().context("killing postgres")?;
        for &backend in &backends {
            child::signal(backend, Signal::KILL)?;
        }
        child.wait()?;
        // The next start is refused for as long as one of them holds the shared memory.
        child::wait_for_end(&backends, PATIENCE)?;
        self.child = None;
        Ok(())
    }

    /// Stops the server and its backends in their tracks: connections stay open and nothing answers.
    pub fn freeze(&self) -> Result<()> {
        let Some(postmaster) = self.postmaster() else { return Ok(()) };
        child::signal(postmaster, Signal::STOP)?;
        // Once it stands still it has no further children.
        child::wait_for_stop(postmaster, PATIENCE)?;
        self.signal_backends(Signal::STOP)
    }

    /// Lets a frozen server go on.
    pub fn thaw(&self) -> Result<()> {
        self.signal_backends(Signal::CONT)?;
        match self.postmaster() {
            Some(postmaster) => Ok(child::signal(postmaster, Signal::CONT)?),
            None => Ok(()),
        }
    }

    /// Backends lead sessions of their own, so that signals to the server's process group do not reach them.
    fn signal_backends(&self, signal: Signal) -> Result<()> {
        let Some(postmaster) = self.postmaster() else { return Ok(()) };
        for backend in child::children_of(postmaster)? {
            child::signal(backend, signal)?;
        }
        Ok(())
    }

    fn postmaster(&self) -> Option<Pid> {
        self.child.as_ref().map(child::pid)
    }

    /// A killed server leaves a few bytes of System V shared memory behind; its number ends the seventh line.
    fn remove_shared_memory(&self) -> Option<()> {
        let text = fs::read_to_string(self.pid_file()).ok()?;
        let number = text.lines().nth(6)?.split_whitespace().nth(1)?;
        Command::new("ipcrm")
            .args(["-m", number])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .ok()?;
        Some(())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // A drop has nobody to report to; the kernel ends the server at the latest with us.
        let how = if self.temporary { Stop::Immediate } else { Stop::Fast };
        let _ = self.stop(how);
        if self.temporary {
            self.remove_shared_memory();
            let _ = fs::remove_dir_all(&self.dir);
        }
    }
}
