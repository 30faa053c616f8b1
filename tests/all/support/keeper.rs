//! The process that owns the run's cluster and ends it when the runner is gone.
//!
//! It is this test binary again, with one test only, which does nothing unless [`DIR`] is set. It has a process group
//! of its own and no output, so that neither Ctrl-C nor nextest's search for leaks finds it before its work is done.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use mozyd::lab::postgres::{Cluster, Settings};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, pidfd_open};

const DIR: &str = "MOZYD_TESTS_KEEPER_DIR";
const RUNNER: &str = "MOZYD_TESTS_KEEPER_RUNNER";
/// A first start may have to install PostgreSQL.
const PATIENCE: Duration = Duration::from_secs(600);

/// The file that holds the cluster's address once it is ready.
pub fn url_file(dir: &Path) -> PathBuf {
    dir.join("url")
}

fn error_file(dir: &Path) -> PathBuf {
    dir.join("error")
}

/// Starts the keeper, which is to outlive us, and waits until the cluster is ready.
pub fn start(dir: &Path, runner: Pid) -> Result<Child> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--exact", "support::keeper::keep", "--ignored", "--nocapture"]);
    command.env(DIR, dir).env(RUNNER, runner.as_raw_nonzero().to_string()).current_dir("/").process_group(0);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut keeper = command.spawn().context("starting the keeper of the tests' PostgreSQL")?;
    let deadline = Instant::now() + PATIENCE;
    while !url_file(dir).exists() {
        if keeper.try_wait()?.is_some() {
            bail!("{}", fs::read_to_string(error_file(dir)).unwrap_or_else(|_| "the keeper died".into()));
        }
        ensure!(Instant::now() < deadline, "the cluster is not ready after {PATIENCE:?}");
        sleep(Duration::from_millis(5));
    }
    Ok(keeper)
}

#[test]
#[ignore = "the keeper of the run's PostgreSQL, which the other tests start"]
fn keep() {
    let (Some(dir), Ok(runner)) = (std::env::var_os(DIR).map(PathBuf::from), std::env::var(RUNNER)) else {
        return;
    };
    let runner = Pid::from_raw(runner.parse().expect("a process id")).expect("a process id");
    if let Err(error) = keep_until_gone(&dir, runner) {
        // The one who started us reads it; if even this fails, it says that we died.
        let _ = fs::write(error_file(&dir), format!("{error:#}"));
        return;
    }
    remove(&dir);
}

fn keep_until_gone(dir: &Path, runner: Pid) -> Result<()> {
    let runner = match pidfd_open(runner, PidfdFlags::empty()) {
        Err(Errno::SRCH) => return Ok(()),
        other => other.context("watching the test runner")?,
    };
    let cluster = Cluster::temporary_in(dir, Settings::default())?;
    // Renamed into place, so that nobody reads half of it.
    let draft = dir.join("url.draft");
    fs::write(&draft, cluster.url("postgres"))?;
    fs::rename(&draft, url_file(dir))?;
    while let Err(Errno::INTR) = poll(&mut [PollFd::new(&runner, PollFlags::IN)], None) {}
    Ok(())
}

/// Tests that were killed leave clusters of their own that are just ending and still write.
fn remove(dir: &Path) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while fs::remove_dir_all(dir).is_err() && dir.exists() && Instant::now() < deadline {
        sleep(Duration::from_millis(50));
    }
}

#[cfg(test)]
mod tests {
    use mozyd::lab::child;
    use rustix::process::Signal;

    use super::*;
    use crate::support::Run;

    /// A server may take as long to end as a cluster's drop waits, and its files as [`remove`] does.
    const SOON: Duration = Duration::from_secs(60);

    /// A keeper in a directory of its own, and the runner that it watches.
    fn run(name: &str) -> (PathBuf, Child, Child) {
        let dir = Run::join().dir().join(name);
        fs::create_dir(&dir).unwrap();
        let mut runner = Command::new("sleep");
        runner.arg("600");
        let runner = child::spawn(runner, Signal::KILL).unwrap();
        let keeper = start(&dir, child::pid(&runner)).unwrap();
        (dir, keeper, runner)
    }

    #[test]
    fn the_cluster_goes_with_the_runner() {
        let (dir, mut keeper, mut runner) = run("runner-killed");
        runner.kill().unwrap();
        assert!(child::wait(&mut keeper, SOON).unwrap().is_some_and(|status| status.success()));
        assert!(!dir.exists());
    }

    #[test]
    fn the_server_goes_with_its_killed_owner_even_if_frozen() {
        let (_, mut keeper, mut runner) = run("keeper-killed");
        let servers = child::children_of(child::pid(&keeper)).unwrap();
        let backends = child::children_of(servers[0]).unwrap();
        assert!(servers.len() == 1 && !backends.is_empty());
        for &process in servers.iter().chain(&backends) {
            child::signal(process, Signal::STOP).unwrap();
        }
        keeper.kill().unwrap();
        keeper.wait().unwrap();
        child::wait_for_end(&servers, SOON).unwrap();
        child::wait_for_end(&backends, SOON).unwrap();
        runner.kill().unwrap();
        runner.wait().unwrap();
    }
}
