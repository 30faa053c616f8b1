//! Real programs of ours as children: started, stopped, killed, frozen, and waited for by what they print or answer.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal};
use tokio::net::TcpStream;

use super::{child, http, wait};

/// How much of a log an error quotes, in bytes.
const QUOTED: usize = 2000;

/// A running (or ended) program, its output in a file. Dropping it kills the program.
pub struct Process {
    name: String,
    child: Child,
    log: PathBuf,
    /// How far the log has been searched, in bytes.
    searched: u64,
}

impl Process {
    /// Starts `command`, both its outputs appended to the file `log`; `name` is what errors call it.
    pub fn spawn(name: &str, mut command: Command, log: &Path) -> Result<Self> {
        let file = File::options().create(true).append(true).open(log);
        let file = file.with_context(|| format!("opening {}, the log of {name}", log.display()))?;
        let searched = file.metadata()?.len();
        command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
        let child = child::spawn(command, Signal::KILL).with_context(|| format!("starting {name}"))?;
        Ok(Self { name: name.into(), child, log: log.into(), searched })
    }

    /// The process id.
    pub fn pid(&self) -> Pid {
        child::pid(&self.child)
    }

    /// Sends a signal, SIGHUP for example; nothing happens when the program has ended and was waited for.
    pub fn signal(&mut self, signal: Signal) -> Result<()> {
        if self.child.try_wait()?.is_none() {
            child::signal(self.pid(), signal).with_context(|| format!("signalling {}", self.name))?;
        }
        Ok(())
    }

    /// Stops the program in its tracks (SIGSTOP), until [`Self::thaw`].
    pub fn freeze(&mut self) -> Result<()> {
        self.signal(Signal::STOP)
    }

    /// Lets a frozen program go on (SIGCONT).
    pub fn thaw(&mut self) -> Result<()> {
        self.signal(Signal::CONT)
    }

    /// Ends the program at once (SIGKILL), frozen or not.
    pub fn kill(&mut self) -> Result<ExitStatus> {
        self.child.kill().with_context(|| format!("killing {}", self.name))?;
        Ok(self.child.wait()?)
    }

    /// Asks the program to end (SIGTERM) and waits; one that takes longer than `within` is killed, an error.
    pub async fn stop(&mut self, within: Duration) -> Result<ExitStatus> {
        self.signal(Signal::TERM)?;
        let ended = self.exited(within).await;
        if ended.is_err() {
            self.kill()?;
        }
        ended
    }

    /// Waits for the program's end.
    pub async fn exited(&mut self, within: Duration) -> Result<ExitStatus> {
        let what = format!("the end of {}", self.name);
        let ended = wait::until(&what, within, async || self.child.try_wait().transpose()).await;
        Ok(ended.with_context(|| self.last_words())??)
    }

    /// Waits for the next line that `wanted` accepts, after the last line returned so far.
    pub async fn wait_for_line(&mut self, wanted: impl Fn(&str) -> bool, within: Duration) -> Result<String> {
        let what = format!("a line of {}", self.name);
        let found = wait::until(&what, within, async || match self.next_line(&wanted) {
            Ok(None) => self.death().map(Err),
            other => other.transpose(),
        });
        found.await.with_context(|| self.last_words())?
    }

    /// Waits until something listens at an address.
    pub async fn wait_for_port(&mut self, address: SocketAddr, within: Duration) -> Result<()> {
        let what = format!("{} to listen at {address}", self.name);
        self.wait_for(&what, within, async || TcpStream::connect(address).await.is_ok()).await
    }

    /// Waits until a plain GET of `path` is answered with 200.
    pub async fn wait_for_http(&mut self, address: SocketAddr, path: &str, within: Duration) -> Result<()> {
        let what = format!("{} to answer http://{address}{path}", self.name);
        let answered = async || http::get(address, path).await.is_ok_and(|answer| answer.status == 200);
        self.wait_for(&what, within, answered).await
    }

    /// Waits until it is ready for something, or has ended.
    async fn wait_for(
        &mut self,
        what: &str,
        within: Duration,
        is_ready: impl AsyncFn() -> bool,
    ) -> Result<()> {
        let ready = wait::until(what, within, async || match is_ready().await {
            true => Some(Ok(())),
            false => self.death().map(Err),
        });
        ready.await.with_context(|| self.last_words())?
    }

    /// All that the log has, also of earlier programs that wrote to the same file.
    pub fn log(&self) -> Result<String> {
        let raw = std::fs::read(&self.log).with_context(|| format!("reading {}", self.log.display()))?;
        Ok(String::from_utf8_lossy(&raw).into_owned())
    }

    fn next_line(&mut self, wanted: impl Fn(&str) -> bool) -> Result<Option<String>> {
        let mut file = File::open(&self.log)?;
        file.seek(SeekFrom::Start(self.searched))?;
        let mut fresh = Vec::new();
        file.read_to_end(&mut fresh)?;
        for line in fresh.split_inclusive(|&byte| byte == b'\n').filter(|line| line.ends_with(b"\n")) {
            self.searched += line.len() as u64;
            let line = String::from_utf8_lossy(line);
            if wanted(line.trim_end()) {
                return Ok(Some(line.trim_end().to_string()));
            }
        }
        Ok(None)
    }

    fn death(&mut self) -> Option<anyhow::Error> {
        let status = self.child.try_wait().ok().flatten()?;
        Some(anyhow::anyhow!("{} ended with {status}; {}", self.name, self.last_words()))
    }

    fn last_words(&self) -> String {
        let log = self.log().unwrap_or_default();
        format!("the log {} ends with:\n{}", self.log.display(), tail(&log))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // An error here means that it has ended already.
        let _ = self.kill();
    }
}

/// The end of a log, at most 2000 bytes of it.
pub fn tail(log: &str) -> &str {
    &log[log.ceil_char_boundary(log.len().saturating_sub(QUOTED))..]
}

/// The program `name` that was built together with this one.
pub fn beside_us(name: &str) -> Result<PathBuf> {
    let us = std::env::current_exe().context("finding the running program")?;
    // Test programs lie one directory deeper, in deps.
    let path = us.ancestors().skip(1).take(2).map(|dir| dir.join(name)).find(|path| path.is_file());
    match path {
        Some(path) => Ok(path),
        None => bail!("there is no {name} beside {}: build it with `cargo build --bins`", us.display()),
    }
}

#[cfg(test)]
mod tests;
