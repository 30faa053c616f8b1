//! An instance of the application: where it listens, what it was installed with, how it and OSA know each other.

use std::fmt;
use std::io;
use std::time::Duration;

use reqwest::Client;
use reqwest::redirect::Policy;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

use super::names::Service;
use super::operation::Operation;
use super::refused::Refused;
use super::resource::{Resource, Status};
use super::sim::OsaSim;
use super::task::Task;
use super::tls::Identity;

/// What an operator fills in to install an instance.
#[derive(Clone, Deserialize)]
pub struct Install {
    /// The application's endpoint; the services are below it.
    pub endpoint: String,
    /// The application's server certificate, PEM; if none, any is accepted.
    #[serde(default)]
    pub endpoint_certificate: Option<String>,
    /// `orderType`: false direct, true reseller.
    #[serde(default)]
    pub reseller: bool,
    /// Global `api_key`.
    pub api_key: String,
    /// Global `root_partner_id`, as text or number: the sources do not say which.
    pub root_partner_id: Value,
    /// Global `root_role_id`, likewise.
    pub root_role_id: Value,
    /// Global `ws_prefix`; empty means the application's own.
    #[serde(default)]
    pub ws_prefix: String,
    /// Global `ws_sufix`, likewise.
    #[serde(default)]
    pub ws_sufix: String,
}

impl fmt::Debug for Install {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Install({})", self.endpoint)
    }
}

/// An installed instance.
pub(super) struct Instance {
    pub id: Uuid,
    pub endpoint: String,
    /// `aps.x509.self`.
    pub identity: Identity,
    /// Calls with OSA's certificate.
    pub client: Client,
    /// Calls with one that has expired.
    pub expired: Client,
}

impl OsaSim {
    /// Installs an instance of the application: `POST /mozyPro`. The task's resource is the instance.
    pub fn install(&self, install: Install) -> Result<Task, Refused> {
        let globals = json!({
            "orderType": install.reseller,
            "ws_prefix": install.ws_prefix,
            "ws_sufix": install.ws_sufix,
            "api_key": install.api_key,
            "root_partner_id": install.root_partner_id,
            "root_role_id": install.root_role_id,
        });
        let resource = Resource::new(Service::MozyPro.type_id(), Status::Provisioning, globals);
        let instance = self.instance(resource.id, &install).map_err(|e| Refused::Invalid(e.to_string()))?;
        self.world().instances.insert(resource.id, instance.into());
        self.begin(Operation::create("install", Service::MozyPro, resource))
    }

    /// Removes an instance: `DELETE /mozyPro/{id}`.
    pub fn uninstall(&self, instance: Uuid) -> Result<Task, Refused> {
        self.begin(Operation::remove(Service::MozyPro, instance).named("uninstall"))
    }

    /// The private keys that OSA gave to its instances, PEM.
    pub fn private_keys(&self) -> Vec<String> {
        self.world().instances.values().map(|instance| instance.identity.key_pem()).collect()
    }

    fn instance(&self, id: Uuid, install: &Install) -> io::Result<Instance> {
        let endpoint = Url::parse(&install.endpoint).map_err(super::tls::broken)?;
        let pinned = install.endpoint_certificate.as_deref().map(pinned).transpose()?;
        let client = |identity: &Identity| self.client(identity, pinned.clone());
        Ok(Instance {
            id,
            endpoint: endpoint.as_str().trim_end_matches('/').to_owned(),
            identity: Identity::new(&format!("instance {id}"), "127.0.0.1")?,
            client: client(&self.controller)?,
            expired: client(&self.expired)?,
        })
    }

    fn client(&self, identity: &Identity, pinned: Option<CertificateDer<'static>>) -> io::Result<Client> {
        Client::builder()
            .tls_backend_preconfigured(identity.client(pinned)?)
            .no_proxy()
            .redirect(Policy::none())
            .timeout(self.options.call_timeout)
            .pool_idle_timeout(Duration::from_secs(2))
            .build()
            .map_err(super::tls::broken)
    }
}

fn pinned(pem: &str) -> io::Result<CertificateDer<'static>> {
    CertificateDer::from_pem_slice(pem.as_bytes()).map_err(super::tls::broken)
}
