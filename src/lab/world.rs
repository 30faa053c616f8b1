//! A whole lab: PostgreSQL, Mozy, OSA, and real mozyd processes between them, all on loopback.
//!
//! ```no_run
//! # async fn example() -> anyhow::Result<()> {
//! use mozyd::lab::{Lab, Options};
//! use mozyd::sim::osa::{Counters, NewAccount, Order};
//!
//! let lab = Lab::start(Options::default()).await?;
//! let account = lab.osa().create_account(&NewAccount::client("Acme", "john@acme.test"))?;
//! let order = Order { instance: lab.instance(), account, counters: Counters::none() };
//! lab.done(lab.osa().order(&order)).await?;
//! println!("{}", lab.verb(&["status"]).await?.stdout);
//! # Ok(()) }
//! ```

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use tokio::time::timeout;
use uuid::Uuid;

use super::certs::{Authority, Validity};
use super::daemon::{Answer, Daemon};
use super::home::Home;
use super::options::{Auth, Options};
use super::postgres::{Cluster, Settings};
use super::site::{Site, Surroundings};
use crate::sim::mozy::{MozySim, Served, SimConfig};
use crate::sim::osa::{self, Install, OAuthKey, OsaSim, Refused, Task, TaskRecord};

/// What a task of OSA may take.
const TASK: Duration = Duration::from_secs(45);
/// How long OSA's polls wait at most: in a lab somebody watches.
const POLL: Duration = Duration::from_millis(200);
/// The database's name where the lab has a PostgreSQL of its own.
const DATABASE: &str = "mozyd";

/// A running lab; all of it ends when it is dropped, in the order of its fields.
pub struct Lab {
    daemons: Vec<Daemon>,
    instance: Uuid,
    osa: OsaSim,
    mozy: MozySim,
    served: Served,
    site: Site,
    database_url: String,
    _cluster: Option<Cluster>,
    home: Home,
}

impl Lab {
    /// Starts everything: one daemon that is ready, and the application installed from OSA.
    pub async fn start(options: Options) -> Result<Self> {
        let mut lab = Self::without_daemon(options).await?;
        lab.add_daemon().await?;
        lab.instance = lab.install(false).await?;
        Ok(lab)
    }

    /// Starts what is around mozyd, but no mozyd; nothing is installed.
    pub async fn without_daemon(options: Options) -> Result<Self> {
        let home = Home::new()?;
        let authority = Authority::new("mozy-lab")?;
        let (mozy, served) = mozy(&options, &authority).await?;
        let oauth = OAuthKey { key: "mozyd".into(), secret: Uuid::new_v4().simple().to_string() };
        let osa = OsaSim::start(osa_options(&options, &oauth)).await.context("starting OSA")?;
        let (cluster, database_url) = database(&options).await?;
        let around = Surroundings {
            home: &home,
            authority: &authority,
            database_url: &database_url,
            mozy_url: &format!("https://{}", served.addr),
            controller: osa.controller_certificate(),
            oauth: &oauth,
        };
        let site = Site::new(&around, &options)?;
        let (daemons, instance) = (Vec::new(), Uuid::nil());
        Ok(Self { daemons, instance, osa, mozy, served, site, database_url, _cluster: cluster, home })
    }

    /// Starts one more daemon on the same database, with addresses of its own.
    pub async fn add_daemon(&mut self) -> Result<&mut Daemon> {
        let name = match self.daemons.len() {
            0 => "mozyd".to_owned(),
            others => format!("mozyd-{}", others + 1),
        };
        let daemon = Daemon::start(&name, &self.site, &self.home).await?;
        self.daemons.push(daemon);
        self.daemons.last_mut().context("a daemon was just started")
    }

    /// Installs one more instance of the application at the first daemon; `reseller` is its `orderType`.
    pub async fn install(&self, reseller: bool) -> Result<Uuid> {
        self.install_with(reseller, &self.mozy.api_key(), self.mozy.root_partner_id()).await
    }

    /// Installs one more instance with a key and a root partner of its own.
    pub async fn install_with(&self, reseller: bool, api_key: &str, root_partner: i64) -> Result<Uuid> {
        let daemon = self.daemons.first().context("installing needs a daemon: start one first")?;
        let task = self.osa.install(Install {
            endpoint: self.endpoint_url(daemon),
            endpoint_certificate: self.site.endpoint.as_ref().map(|identity| identity.cert_pem.clone()),
            reseller,
            api_key: api_key.to_owned(),
            root_partner_id: root_partner.to_string().into(),
            root_role_id: self.mozy.root_role_id().to_string().into(),
            ws_prefix: String::new(),
            ws_sufix: String::new(),
        });
        Ok(self.done(task).await.context("installing the application")?.resource)
    }

    /// Waits until a task of OSA ends; one that fails or does not end is an error that says why.
    pub async fn done(&self, task: Result<Task, Refused>) -> Result<TaskRecord> {
        let task = task?;
        let record = timeout(TASK, task.done()).await.unwrap_or_else(|_| task.record());
        match (record.is_done(), &record.error) {
            (true, _) => Ok(record),
            (false, Some(error)) => Err(anyhow!("task {} of OSA ({}): {error}", record.id, record.operation)),
            (false, None) => {
                let said = record.infos().last().copied().unwrap_or("nothing");
                let (id, what) = (record.id, record.operation);
                Err(anyhow!("task {id} of OSA ({what}) did not end within {TASK:?}; mozyd last said: {said}"))
            }
        }
    }

    /// Asks a verb of the real program, with the first daemon's configuration.
    pub async fn verb(&self, arguments: &[&str]) -> Result<Answer> {
        self.mozyd().verb(arguments).await
    }

    /// OSA.
    pub fn osa(&self) -> &OsaSim {
        &self.osa
    }

    /// Mozy.
    pub fn mozy(&self) -> &MozySim {
        &self.mozy
    }

    /// Where Mozy is served, its control surface below `/_sim/`.
    pub fn mozy_url(&self) -> String {
        format!("https://{}", self.served.addr)
    }

    /// Where OSA reaches a daemon of this lab.
    pub fn endpoint_url(&self, daemon: &Daemon) -> String {
        self.site.public_url(daemon.endpoint())
    }

    /// The instance of the application that was installed at the start.
    pub fn instance(&self) -> Uuid {
        self.instance
    }

    /// The first daemon.
    ///
    /// # Panics
    /// In a lab without a daemon.
    pub fn mozyd(&self) -> &Daemon {
        &self.daemons[0]
    }

    /// Every daemon, in the order they were started, to be killed, frozen and run again.
    pub fn daemons(&mut self) -> &mut [Daemon] {
        &mut self.daemons
    }

    /// The database of the daemons.
    pub fn database_url(&self) -> &str {
        &self.database_url
    }

    /// The lab's directory, with configuration, secrets and logs.
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// Ends the daemons as systemd does, then all else.
    pub async fn stop(mut self) -> Result<()> {
        for daemon in &mut self.daemons {
            daemon.stop().await?;
        }
        Ok(())
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        self.osa.stop();
    }
}

fn here() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
}

async fn mozy(options: &Options, authority: &Authority) -> Result<(MozySim, Served)> {
    let config = SimConfig { seed: options.seed, switches: options.switches, ..SimConfig::default() };
    let mozy = MozySim::new(config);
    let identity = authority.leaf("mozy", &["127.0.0.1", "localhost"], Validity::Now)?;
    let (chain, key) = (identity.cert_pem.as_bytes(), identity.key_pem.as_bytes());
    let served = mozy.serve_tls(here(), chain, key).await.context("starting Mozy")?;
    Ok((mozy, served))
}

fn osa_options(options: &Options, oauth: &OAuthKey) -> osa::Options {
    let auth = match options.auth {
        Auth::MutualTls => osa::Auth::MutualTls,
        Auth::OAuth => osa::Auth::OAuth(oauth.clone()),
    };
    osa::Options { auth, max_poll: POLL, seed: options.seed, remember: 200_000, ..osa::Options::default() }
}

/// The given database, or a cluster of our own.
async fn database(options: &Options) -> Result<(Option<Cluster>, String)> {
    if let Some(url) = &options.database_url {
        return Ok((None, url.clone()));
    }
    let started = tokio::task::spawn_blocking(|| {
        let cluster = Cluster::temporary(Settings::default())?;
        cluster.create_database(DATABASE)?;
        anyhow::Ok(cluster)
    });
    let cluster = started.await.context("starting PostgreSQL")??;
    let url = cluster.url(DATABASE);
    Ok((Some(cluster), url))
}
