//! A PgBouncer of our own that pools transactions, in front of a PostgreSQL of our own: as unkind as it can be, for each
//! transaction gets another connection than the one before.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio_postgres::Config;
use tokio_postgres::config::Host;

use super::ports::Port;
use super::postgres::{Owner, create_private};
use super::proc::Process;

/// What a start may take.
const START: Duration = Duration::from_secs(60);
/// Connections to PostgreSQL: fewer than a daemon wants, so that they are really shared.
const POOL: usize = 4;

/// A running PgBouncer; it ends when it is dropped.
pub struct PgBouncer {
    port: Port,
    dir: PathBuf,
    process: Process,
}

impl PgBouncer {
    /// The program, if it is installed.
    pub fn program() -> Option<PathBuf> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let dirs = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
        dirs.map(|dir| dir.join("pgbouncer")).find(|program| program.is_file())
    }

    /// Starts one in a new directory under `base`, in front of the PostgreSQL of this address.
    pub async fn start(base: &Path, upstream: &str) -> Result<Self> {
        let program =
            Self::program().context("pgbouncer is not installed (Debian: the package pgbouncer)")?;
        let upstream: Config = upstream.parse().context("reading the address of PostgreSQL")?;
        let Some(Host::Unix(socket)) = upstream.get_hosts().first() else {
            bail!("PgBouncer is put in front of a unix socket only")
        };
        let (port, owner) = (Port::free()?, Owner::needed()?);
        let address = port.address();
        let dir = base.join(format!("pgbouncer-{}", address.port()));
        create_private(&dir, owner)?;
        let config = dir.join("pgbouncer.ini");
        let behind = upstream.get_ports().first().copied().unwrap_or(5432);
        fs::write(&config, ini(socket, behind, address)).context("writing pgbouncer.ini")?;
        let mut command = Command::new(program);
        command.arg("--quiet").arg(&config).current_dir(&dir);
        if let Some(owner) = owner {
            owner.owns(&config)?;
            owner.runs(&mut command);
        }
        let log = dir.with_extension("log");
        let process = Process::spawn("pgbouncer", command, &log)?;
        let mut this = Self { port, dir, process };
        this.process.wait_for_port(address, START).await?;
        Ok(this)
    }

    /// A database's address through it.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://anybody@{}/{database}", self.port.address())
    }

    /// Asks it, as its administrator does: `RECONNECT`, `KILL`, `PAUSE`.
    pub async fn admin(&self, command: &str) -> Result<()> {
        let url = self.url("pgbouncer");
        let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await?;
        let (done, _) = tokio::join!(async move { client.simple_query(command).await.map(drop) }, connection);
        done.with_context(|| format!("telling PgBouncer {command}"))
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        // A drop has nobody to report to.
        let _ended = self.process.kill();
        let _gone = fs::remove_dir_all(&self.dir);
    }
}

/// `server_round_robin`: the connection that was used longest ago is the next.
fn ini(socket: &Path, port: u16, address: SocketAddr) -> String {
    format!(
        "[databases]\n* = host={} port={port} user=postgres\n\
         [pgbouncer]\nlisten_addr = {}\nlisten_port = {}\nunix_socket_dir =\nauth_type = any\n\
         admin_users = anybody\npool_mode = transaction\ndefault_pool_size = {POOL}\nmax_client_conn = 500\n\
         server_round_robin = 1\nlog_connections = 0\nlog_disconnections = 0\n",
        socket.display(),
        address.ip(),
        address.port(),
    )
}
