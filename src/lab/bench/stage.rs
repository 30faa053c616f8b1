//! What is measured, each a process of its own: PostgreSQL, Mozy answering from memory, mozyd as it is installed, and
//! where each of them may run.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rustix::process::Pid;
use serde::de::DeserializeOwned;
use tokio_postgres::Client;
use uuid::Uuid;

use super::answerer::Seen;
use super::estate::{Estate, ROOT};
use super::{fill, probe};
use crate::config::Config;
use crate::daemon;
use crate::domain::{InstanceId, Secret};
use crate::lab::certs::{Authority, Identity, Validity, self_signed};
use crate::lab::child;
use crate::lab::daemon::Daemon;
use crate::lab::home::Home;
use crate::lab::options::{Auth, Options};
use crate::lab::postgres::{self, Cluster};
use crate::lab::proc::Process;
use crate::lab::site::{Site, Surroundings};
use crate::ports::desk::{Desk as _, Install};
use crate::sim::osa::OAuthKey;
use crate::store::Desk;

/// The key of the estate's credential.
pub const API_KEY: &str = "BENCHbenchBENCHbenchBENCHbenchBENCHbenchBENCHbenchBENCHbenchBEN0";
/// What the controller is called by; nothing listens there and nothing is pushed.
const CONTROLLER: &str = "https://127.0.0.1:9/";
const DATABASE: &str = "mozyd";
/// What the first line of a helper process may take.
const START: Duration = Duration::from_secs(30);

/// How it is staged.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What there is.
    pub estate: Estate,
    /// Calls to Mozy at the same time.
    pub at_once: usize,
    /// Workers of the daemon.
    pub workers: usize,
    /// Processors of what is measured; empty leaves it to the kernel.
    pub measured: Vec<usize>,
    /// Processors of PostgreSQL and Mozy.
    pub others: Vec<usize>,
}

/// All that runs. Dropping it ends everything.
pub struct Stage {
    /// How it is staged.
    pub plan: Plan,
    /// The daemon.
    pub daemon: Daemon,
    /// Statements of the bench itself.
    pub client: Client,
    /// Where the bench writes wishes, as OSA's calls do.
    pub desk: Desk,
    /// Through which all was ordered.
    pub instance: InstanceId,
    /// What OSA's controller shows.
    pub controller: Identity,
    /// Mozy's address.
    pub mozy_url: String,
    /// From the start of the program until it was ready.
    pub start_to_ready: Duration,
    /// What filling the database took.
    pub filled: Duration,
    mozy: Process,
    cluster: Cluster,
    home: Home,
}

impl Stage {
    /// Sets everything up, in agreement.
    pub async fn set(plan: Plan) -> Result<Self> {
        let home = Home::new()?;
        let (mozy, mozy_url) = mozy(&plan, &home).await?;
        let cluster = tokio::task::spawn_blocking(cluster).await.context("starting PostgreSQL")??;
        pin(cluster.pid()?, &plan.others)?;
        let (authority, url) = (Authority::new("mozy-lab")?, cluster.url(DATABASE));
        let controller = self_signed("controller", &["127.0.0.1"], Validity::Now)?;
        let oauth = OAuthKey { key: "mozyd".into(), secret: Uuid::new_v4().simple().to_string() };
        let around = Surroundings {
            home: &home,
            authority: &authority,
            database_url: &url,
            mozy_url: &mozy_url,
            controller: &controller.cert_pem,
            oauth: &oauth,
        };
        let site = Site::new(&around, &options(&plan))?;
        let mut daemon = Daemon::start("mozyd", &site, &home).await?;
        daemon.stop().await?;
        let client = fill::connect(&url).await?;
        let (desk, instance) = install(daemon.config(), &controller).await?;
        let begun = Instant::now();
        fill::fill(&client, plan.estate, instance.0).await?;
        client.batch_execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements").await?;
        let filled = begun.elapsed();
        let begun = Instant::now();
        daemon.restart().await?;
        let start_to_ready = begun.elapsed();
        let stage = Self {
            plan,
            daemon,
            client,
            desk,
            instance,
            controller,
            mozy_url,
            start_to_ready,
            filled,
            mozy,
            cluster,
            home,
        };
        Ok(stage)
    }

    /// Ends the daemon and starts it again; how long it took until it was ready.
    pub async fn restart(&mut self) -> Result<Duration> {
        self.daemon.stop().await?;
        let begun = Instant::now();
        self.daemon.restart().await?;
        self.start_to_ready = begun.elapsed();
        self.pin_daemon()?;
        Ok(self.start_to_ready)
    }

    /// Keeps the daemon where it is measured.
    pub fn pin_daemon(&mut self) -> Result<()> {
        let pid = self.daemon.process().pid();
        pin(pid, &self.plan.measured)
    }

    /// The daemon's process.
    pub fn pid(&mut self) -> Pid {
        self.daemon.process().pid()
    }

    /// Processor time of PostgreSQL and all its backends so far, s.
    pub fn postgres_cpu(&self) -> Result<f64> {
        let server = self.cluster.pid()?;
        let backends = child::children_of(server)?;
        // One that ended meanwhile took its time along.
        let backends = backends.into_iter().map(|pid| probe::cpu(pid).unwrap_or(0.0));
        Ok(probe::cpu(server)? + backends.sum::<f64>())
    }

    /// Mozy's process.
    pub fn mozy_pid(&self) -> Pid {
        self.mozy.pid()
    }

    /// What Mozy was asked since it was last asked this.
    pub async fn take_seen(&self) -> Result<Seen> {
        self.ask_mozy("take").await
    }

    /// What Mozy was asked so far.
    pub async fn seen(&self) -> Result<Seen> {
        self.ask_mozy("seen").await
    }

    /// Has Mozy take so long for each answer.
    pub async fn delay(&self, by: Duration) -> Result<()> {
        self.ask_mozy::<Seen>(&format!("delay/{}", by.as_millis())).await.map(drop)
    }

    async fn ask_mozy<T: DeserializeOwned>(&self, what: &str) -> Result<T> {
        let answer = reqwest::get(format!("{}/_bench/{what}", self.mozy_url)).await?;
        serde_json::from_slice(&answer.bytes().await?).context("reading what Mozy saw")
    }

    /// Where files of a part go.
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// Ends everything in order.
    pub async fn strike(mut self) -> Result<()> {
        self.daemon.stop().await?;
        drop(self.cluster);
        Ok(())
    }
}

/// This program with the arguments of one part.
pub fn part(arguments: &[String]) -> Result<Command> {
    let program: PathBuf = std::env::current_exe().context("finding this program")?;
    let mut command = Command::new::<&Path>(&program);
    command.arg("bench-part").args(arguments);
    Ok(command)
}

/// Pins unless there is nothing to pin to.
pub fn pin(pid: Pid, processors: &[usize]) -> Result<()> {
    if processors.is_empty() { Ok(()) } else { probe::pin(pid, processors) }
}

async fn mozy(plan: &Plan, home: &Home) -> Result<(Process, String)> {
    let Estate { subscriptions, each } = plan.estate;
    let command = part(&["mozy".into(), subscriptions.to_string(), each.to_string()])?;
    let mut mozy = Process::spawn("mozy", command, &home.log("mozy"))?;
    let line = mozy.wait_for_line(|line| line.starts_with("listening on "), START).await?;
    pin(mozy.pid(), &plan.others)?;
    Ok((mozy, line.replace("listening on ", "http://")))
}

fn cluster() -> Result<Cluster> {
    let extra = [
        ("shared_preload_libraries", "pg_stat_statements"),
        ("pg_stat_statements.max", "10000"),
        ("shared_buffers", "1GB"),
        ("max_wal_size", "4GB"),
    ];
    let extra = extra.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let cluster = Cluster::temporary(postgres::Settings { durable: true, extra, ..Default::default() })?;
    cluster.create_database(DATABASE)?;
    Ok(cluster)
}

fn options(plan: &Plan) -> Options {
    let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    Options { auth: Auth::MutualTls, ..Options::default() }
        .setting("reconcile.interval", "7d")
        .setting("refresh.schedule", "0 0 3 1 1 *")
        .setting("reconcile.workers", number(plan.workers))
        .setting("mozy.max_concurrency", number(plan.at_once))
        .setting("mozy.requests_per_second", 100_000)
        .setting("mozy.settle", "1s")
        .setting("guard.update_percent", 100)
}

/// What an install writes, through the door it comes in by.
async fn install(config: &Path, controller: &Identity) -> Result<(Desk, InstanceId)> {
    let config = Config::load(config)?;
    let store = daemon::connect(&config, None)?;
    let desk = Desk::new(store, Duration::from_secs(600));
    let id = InstanceId(Uuid::new_v4());
    let install = Install {
        application: None,
        id,
        installed: true,
        reseller: Some(Some(false)),
        ws_prefix: None,
        ws_suffix: None,
        api_key: Some(Secret::new(API_KEY.to_owned())),
        root_partner: Some(Some(ROOT)),
        root_role: Some(Some(1)),
        identity: None,
        controller_certificate: Some(controller.cert_pem.clone()),
    };
    desk.install(install).await?;
    desk.heard_from(id, CONTROLLER).await?;
    Ok((desk, id))
}
