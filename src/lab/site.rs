//! What a mozyd of this lab is told: `mozyd.toml` and the files it names, the same for every daemon but its addresses.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context, Result};
use toml::{Table, Value};

use super::certs::{Authority, Identity, Validity};
use super::home::Home;
use super::options::{Auth, Options};
use crate::sim::osa::OAuthKey;

/// Everything that daemons of one lab have in common.
pub struct Site {
    auth: Auth,
    common: Table,
    settings: Vec<(String, Value)>,
    /// What a daemon finds in its environment.
    pub environment: Vec<(String, String)>,
    /// Our endpoint's certificate, which OSA pins; none without TLS.
    pub endpoint: Option<Identity>,
}

/// What a site is made from.
pub struct Surroundings<'a> {
    /// The lab's directory.
    pub home: &'a Home,
    /// The lab's certificate authority.
    pub authority: &'a Authority,
    /// The database.
    pub database_url: &'a str,
    /// Mozy's address.
    pub mozy_url: &'a str,
    /// The controller's certificate, PEM.
    pub controller: &'a str,
    /// The key for OAuth.
    pub oauth: &'a OAuthKey,
}

impl Site {
    /// Writes the files and remembers what to write in each `mozyd.toml`.
    pub fn new(around: &Surroundings<'_>, options: &Options) -> Result<Self> {
        let endpoint = match options.auth {
            Auth::MutualTls => Some(around.authority.leaf("mozyd", &["127.0.0.1"], Validity::Now)?),
            Auth::OAuth => None,
        };
        let mut common = Table::new();
        basics(&mut common, around)?;
        match &endpoint {
            Some(identity) => mutual_tls(&mut common, around, identity)?,
            None => oauth(&mut common, around)?,
        }
        let Options { auth, settings, environment, .. } = options.clone();
        Ok(Self { auth, common, settings, environment, endpoint })
    }

    /// Where OSA reaches an endpoint that listens there.
    pub fn public_url(&self, endpoint: SocketAddr) -> String {
        let scheme = if self.endpoint.is_some() { "https" } else { "http" };
        format!("{scheme}://{endpoint}")
    }

    /// Writes the configuration of one daemon and says where it is.
    pub fn configure(
        &self,
        home: &Home,
        name: &str,
        endpoint: SocketAddr,
        admin: SocketAddr,
    ) -> Result<PathBuf> {
        let mut config = self.common.clone();
        set(&mut config, "osa.auth", self.auth.as_str());
        set(&mut config, "osa.listen", endpoint.to_string());
        set(&mut config, "osa.public_url", self.public_url(endpoint));
        set(&mut config, "admin.listen", admin.to_string());
        for (key, value) in &self.settings {
            set(&mut config, key, value.clone());
        }
        let text = toml::to_string(&config).context("writing the configuration")?;
        home.secret(&format!("{name}.toml"), &text)
    }
}

/// A lab is small and somebody watches: intervals are short, and no limit of calls slows it down.
fn basics(config: &mut Table, around: &Surroundings<'_>) -> Result<()> {
    let Surroundings { home, authority, .. } = around;
    set_file(config, "database.url_file", home.secret("database-url", around.database_url)?);
    let key = format!("{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple());
    set_file(config, "secrets.key_file", home.secret("secrets-key", &key)?);
    set(config, "mozy.base_url", around.mozy_url);
    set_file(config, "mozy.ca_file", home.secret("mozy-ca", &authority.cert_pem())?);
    set(config, "mozy.settle", "5s");
    set(config, "mozy.max_concurrency", 32);
    set(config, "mozy.requests_per_second", 10_000);
    set(config, "osa.task_patience", "1m");
    set(config, "reconcile.interval", "5s");
    set(config, "refresh.schedule", "*/5 * * * * *");
    // What is a week's work elsewhere happens within half a minute here.
    for class in ["delete", "suspend", "downgrade", "update"] {
        set(config, &format!("guard.{class}_min"), 100_000);
    }
    set(config, "log.format", "json");
    Ok(())
}

fn mutual_tls(config: &mut Table, around: &Surroundings<'_>, endpoint: &Identity) -> Result<()> {
    let home = around.home;
    set_file(config, "osa.tls_cert_file", home.secret("osa-tls-cert", &endpoint.cert_pem)?);
    set_file(config, "osa.tls_key_file", home.secret("osa-tls-key", &endpoint.key_pem)?);
    set_file(config, "osa.controller_cert_file", home.secret("osa-controller-cert", around.controller)?);
    Ok(())
}

fn oauth(config: &mut Table, around: &Surroundings<'_>) -> Result<()> {
    set(config, "osa.oauth_key", around.oauth.key.as_str());
    set_file(config, "osa.oauth_secret_file", around.home.secret("osa-oauth-secret", &around.oauth.secret)?);
    Ok(())
}

fn set_file(config: &mut Table, key: &str, path: PathBuf) {
    set(config, key, path.display().to_string());
}

/// Sets `section.key`.
fn set(config: &mut Table, key: &str, value: impl Into<Value>) {
    let (section, key) = key.split_once('.').unwrap_or(("", key));
    let section = config.entry(section).or_insert_with(|| Value::Table(Table::new()));
    if let Some(section) = section.as_table_mut() {
        section.insert(key.to_owned(), value.into());
    }
}
