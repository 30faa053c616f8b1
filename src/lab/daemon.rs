//! One real mozyd of the lab: migrated, run, ended and run again; its verbs are asked through its configuration.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use rustix::process::Signal;
use serde_json::Value;
use tokio::process::Command;
use tokio::time::timeout;

use super::home::Home;
use super::ports::Port;
use super::proc::{self, Process};
use super::site::Site;
use super::{child, http};

/// What a start may take until the daemon is ready.
const START: Duration = Duration::from_secs(60);
/// What an end may take that was asked for: longer than the daemon lets what it is at take.
const STOP: Duration = Duration::from_secs(75);
/// What one verb may take.
const VERB: Duration = Duration::from_secs(60);

/// A daemon, running or not. Dropping it kills it.
pub struct Daemon {
    name: String,
    program: PathBuf,
    config: PathBuf,
    log: PathBuf,
    admin: Port,
    endpoint: Port,
    environment: Vec<(String, String)>,
    process: Process,
}

/// What a verb answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The exit code.
    pub code: i32,
    /// What it printed.
    pub stdout: String,
    /// What it complained of.
    pub stderr: String,
}

impl Answer {
    /// What it printed, as JSON; an error with its complaint where it is none.
    pub fn json(&self) -> Result<Value> {
        let Self { code, stdout, stderr } = self;
        serde_json::from_str(stdout)
            .with_context(|| format!("reading {stdout:?} (code {code}: {})", stderr.trim()))
    }
}

impl Daemon {
    /// Brings the database up to date, starts a daemon of this site, and waits until it is ready.
    pub async fn start(name: &str, site: &Site, home: &Home) -> Result<Self> {
        let (endpoint, admin) = (Port::free()?, Port::free()?);
        let program = proc::beside_us("mozyd")?;
        let config = site.configure(home, name, endpoint.address(), admin.address())?;
        let migrated = verb(&program, &config, &["migrate"]).await?;
        ensure!(migrated.code == 0, "mozyd migrate ended with {}: {}", migrated.code, migrated.stderr.trim());
        let log = home.log(name);
        let environment = site.environment.clone();
        let process = run(name, [&program, &config, &log], &environment)?;
        let name = name.to_owned();
        let mut daemon = Self { name, program, config, log, admin, endpoint, environment, process };
        daemon.ready().await?;
        Ok(daemon)
    }

    /// Waits until it serves.
    pub async fn ready(&mut self) -> Result<()> {
        self.process.wait_for_http(self.admin.address(), "/readyz", START).await
    }

    /// The running program, to be frozen, signalled or killed.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// Ends it as systemd does.
    pub async fn stop(&mut self) -> Result<()> {
        let status = self.process.stop(STOP).await?;
        ensure!(status.success(), "{} ended with {status}", self.name);
        Ok(())
    }

    /// Runs it again after it ended, at the same addresses, and waits until it is ready.
    pub async fn restart(&mut self) -> Result<()> {
        self.process = run(&self.name, [&self.program, &self.config, &self.log], &self.environment)?;
        self.ready().await
    }

    /// Asks it to look at every subscription now (SIGUSR1).
    pub fn refresh_all(&self) -> Result<()> {
        child::signal(self.process.pid(), Signal::USR1).with_context(|| format!("signalling {}", self.name))
    }

    /// Where its metrics, health and API are.
    pub fn admin(&self) -> SocketAddr {
        self.admin.address()
    }

    /// Where OSA calls it.
    pub fn endpoint(&self) -> SocketAddr {
        self.endpoint.address()
    }

    /// The program.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// Its configuration.
    pub fn config(&self) -> &Path {
        &self.config
    }

    /// What it finds in its environment beside ours.
    pub fn environment(&self) -> &[(String, String)] {
        &self.environment
    }

    /// Its log.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Asks a verb of the real program, with this daemon's configuration.
    pub async fn verb(&self, arguments: &[&str]) -> Result<Answer> {
        verb(&self.program, &self.config, arguments).await
    }

    /// The sum of a metric over all its labels that contain `labels`.
    pub async fn metric(&self, name: &str, labels: &str) -> Result<f64> {
        let series = self.series(name).await?;
        let values = series.iter().filter(|line| line.contains(labels));
        Ok(values.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum())
    }

    /// GETs something of its metrics, health or API, with the operator's token where one is configured.
    pub async fn get(&self, path: &str) -> Result<http::Answer> {
        let config: toml::Table = std::fs::read_to_string(&self.config)?.parse()?;
        let file = config.get("admin").and_then(|admin| admin.get("token_file")?.as_str());
        let token = file.map(std::fs::read_to_string).transpose().context("reading the operator's token")?;
        http::get_as(token.as_deref(), self.admin(), path).await
    }

    /// The series of a metric, as the daemon tells them.
    pub async fn series(&self, name: &str) -> Result<Vec<String>> {
        let page = self.get("/metrics").await?;
        ensure!(page.status == 200, "GET /metrics was answered {}", page.status);
        let rows = page.body.lines().filter(|line| line.starts_with(name));
        Ok(rows.filter(|line| line[name.len()..].starts_with([' ', '{'])).map(str::to_owned).collect())
    }
}

fn run(name: &str, [program, config, log]: [&Path; 3], environment: &[(String, String)]) -> Result<Process> {
    let mut command = std::process::Command::new(program);
    command.arg("--config").arg(config).arg("run");
    for name in foreign() {
        command.env_remove(name);
    }
    command.envs(environment.iter().map(|(name, value)| (name, value)));
    Process::spawn(name, command, log)
}

async fn verb(program: &Path, config: &Path, arguments: &[&str]) -> Result<Answer> {
    let mut command = Command::new(program);
    command.arg("--config").arg(config).args(arguments).stdin(Stdio::null()).kill_on_drop(true);
    for name in foreign() {
        command.env_remove(name);
    }
    let what = format!("mozyd {}", arguments.join(" "));
    let Ok(output) = timeout(VERB, command.output()).await else {
        bail!("{what} did not end within {VERB:?}")
    };
    let output = output.with_context(|| format!("running {what}"))?;
    let text = |raw: Vec<u8>| String::from_utf8_lossy(&raw).into_owned();
    Ok(Answer {
        code: output.status.code().unwrap_or(-1),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    })
}

/// What of our environment would change what a mozyd of the lab does.
fn foreign() -> impl Iterator<Item = String> {
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    names.filter(|name| {
        name.starts_with("MOZYD_") || name == "CREDENTIALS_DIRECTORY" || name == "NOTIFY_SOCKET"
    })
}
