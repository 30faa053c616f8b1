//! One cluster: made by `initdb`, started, ready when `postmaster.pid` says so, removed with its value if temporary.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rustix::process::{Pid, Signal};
use tokio_postgres::error::SqlState;

use super::home::{self, Owner};
use super::{Server, sql};
use crate::lab::{child, proc};

/// What `initdb` may take; it needs about a second.
const INITDB: Duration = Duration::from_secs(120);
/// What a start may take, crash recovery included.
const START: Duration = Duration::from_secs(60);
/// The superuser, and the only user there is.
const USER: &str = "postgres";
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.');

/// How a cluster is run.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Whether commits survive a crash of the machine. Tests do without: a commit then costs no disk access.
    pub durable: bool,
    /// Listens on this loopback port as well, with a password, for tools that know no unix sockets.
    pub port: Option<u16>,
    /// Further server settings, name and value.
    pub extra: Vec<(String, String)>,
    /// What the server finds in its environment beside ours.
    pub environment: Vec<(String, String)>,
}

/// A PostgreSQL cluster of our own, running or stopped.
pub struct Cluster {
    pub(super) dir: PathBuf,
    server: Server,
    owner: Option<Owner>,
    settings: Settings,
    pub(super) temporary: bool,
    pub(super) child: Option<Child>,
}

impl Cluster {
    /// Starts a cluster in a directory for temporary files; dropping it removes it.
    pub fn temporary(settings: Settings) -> Result<Self> {
        Self::temporary_in(&home::temporary_base()?, settings)
    }

    /// The same in a new directory under `base`.
    pub fn temporary_in(base: &Path, settings: Settings) -> Result<Self> {
        let name = format!("pg-{}", &uuid::Uuid::new_v4().simple().to_string()[..12]);
        Self::open(base.join(name), settings, true)
    }

    /// Starts the cluster in `dir`, which is made first if it is not there; dropping it stops it and keeps the data.
    /// Root gives the directory to PostgreSQL's user.
    pub fn kept(dir: &Path, settings: Settings) -> Result<Self> {
        Self::open(std::path::absolute(dir)?, settings, false)
    }

    fn open(dir: PathBuf, settings: Settings, temporary: bool) -> Result<Self> {
        let server = Server::find_or_install()?;
        // Installing may have made the user.
        let owner = Owner::needed()?;
        home::create(&dir, owner)?;
        let mut cluster = Self { dir, server, owner, settings, temporary, child: None };
        if !cluster.data().join("PG_VERSION").exists() {
            cluster.initdb()?;
        }
        cluster.start()?;
        Ok(cluster)
    }

    /// The directory of the cluster and its socket.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The server's major version.
    pub fn version(&self) -> u32 {
        self.server.version()
    }

    /// The server's process; an error while it does not run.
    pub fn pid(&self) -> Result<Pid> {
        self.child.as_ref().map(child::pid).context("the cluster does not run")
    }

    /// A database's address through the unix socket, as tokio-postgres, diesel-async and psql understand it.
    pub fn url(&self, database: &str) -> String {
        let dir = self.dir.to_string_lossy();
        let host = utf8_percent_encode(&dir, PATH);
        format!("postgres:///{database}?host={host}&port={}&user={USER}", self.port())
    }

    /// A database's address on loopback; an error without [`Settings::port`]. It contains the password.
    pub fn tcp_url(&self, database: &str) -> Result<String> {
        ensure!(self.settings.port.is_some(), "the cluster does not listen on loopback: set a port");
        let password = fs::read_to_string(self.password()).context("reading the password of the cluster")?;
        Ok(format!("postgres://{USER}:{password}@127.0.0.1:{}/{database}", self.port()))
    }

    /// Makes a database unless it is there.
    pub fn create_database(&self, name: &str) -> Result<()> {
        let (url, statement) = (self.url("postgres"), format!("CREATE DATABASE {name}"));
        let made = sql::block_on(async move || sql::execute(&url, &statement).await);
        match made {
            Err(error) if sql::state(&error) == Some(&SqlState::DUPLICATE_DATABASE) => Ok(()),
            other => other,
        }
    }

    /// Starts a stopped cluster and waits until it answers; nothing happens when it runs.
    pub fn start(&mut self) -> Result<()> {
        if self.child.is_none() {
            let command = self.postgres()?;
            // SIGQUIT: also a server whose backends are frozen ends then.
            self.child = Some(child::spawn(command, Signal::QUIT).context("starting postgres")?);
            self.wait_until_ready()?;
        }
        Ok(())
    }

    fn initdb(&self) -> Result<()> {
        let password = self.password();
        fs::write(&password, uuid::Uuid::new_v4().simple().to_string())
            .context("writing the cluster's password")?;
        if let Some(owner) = self.owner {
            owner.owns(&password)?;
        }
        let mut command = self.program("initdb")?;
        command.arg("--pgdata").arg(self.data()).arg("--pwfile").arg(password);
        command.args(["--username", USER, "--auth-local=trust", "--auth-host=scram-sha-256"]);
        command.args(["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"]);
        let mut child = child::spawn(command, Signal::KILL).context("starting initdb")?;
        match child::wait(&mut child, INITDB)? {
            Some(status) if status.success() => Ok(()),
            Some(status) => bail!("initdb ended with {status}; {}", self.last_words()),
            None => {
                child.kill()?;
                bail!("initdb did not end within {INITDB:?}")
            }
        }
    }

    fn postgres(&self) -> Result<Command> {
        let mut command = self.program("postgres")?;
        command.arg("-D").arg(self.data()).arg("-k").arg(&self.dir).args(["-p", &self.port().to_string()]);
        let listen = if self.settings.port.is_some() { "127.0.0.1" } else { "" };
        let mut settings =
            vec![("listen_addresses", listen), ("max_connections", "300"), ("shared_buffers", "64MB")];
        if !self.settings.durable {
            settings.extend([("fsync", "off"), ("synchronous_commit", "off"), ("full_page_writes", "off")]);
        }
        settings.extend(self.settings.extra.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        for (name, value) in settings {
            command.arg("-c").arg(format!("{name}={value}"));
        }
        command.envs(self.settings.environment.iter().map(|(name, value)| (name, value)));
        Ok(command)
    }

    /// A program of the server, as its user, in the cluster's directory, its output in the log.
    fn program(&self, name: &str) -> Result<Command> {
        let mut command = self.server.program(name);
        let log =
            File::options().create(true).append(true).open(self.log()).context("opening PostgreSQL's log")?;
        command.stdout(log.try_clone()?).stderr(log).current_dir(&self.dir);
        if let Some(owner) = self.owner {
            owner.runs(&mut command);
        }
        Ok(command)
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let deadline = Instant::now() + START;
        while !self.is_ready() {
            let child = self.child.as_mut().context("postgres was not started")?;
            if let Some(status) = child::wait(child, Duration::from_millis(5))? {
                self.child = None;
                bail!("postgres ended with {status}; {}", self.last_words());
            }
            ensure!(
                Instant::now() < deadline,
                "postgres is not ready after {START:?}; {}",
                self.last_words()
            );
        }
        Ok(())
    }

    /// The first line of `postmaster.pid` is the server's process id, the eighth its state.
    fn is_ready(&self) -> bool {
        let (Some(child), Ok(text)) = (&self.child, fs::read_to_string(self.pid_file())) else {
            return false;
        };
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        lines.first() == Some(&child.id().to_string().as_str()) && lines.get(7) == Some(&"ready")
    }

    fn last_words(&self) -> String {
        let log = fs::read_to_string(self.log()).unwrap_or_default();
        format!("its log ends with:\n{}", proc::tail(&log))
    }

    fn port(&self) -> u16 {
        self.settings.port.unwrap_or(5432)
    }

    fn data(&self) -> PathBuf {
        self.dir.join("data")
    }

    fn log(&self) -> PathBuf {
        self.dir.join("log")
    }

    fn password(&self) -> PathBuf {
        self.dir.join("password")
    }

    pub(super) fn pid_file(&self) -> PathBuf {
        self.data().join("postmaster.pid")
    }
}
