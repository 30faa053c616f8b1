//! One Mozy client per credential: what an install delivered goes before what is configured, key by key.

use super::gate::Budget;
use super::lease::Hold;
use crate::config::Config;
use crate::domain::{InstanceId, PartnerId};
use crate::metrics::Metrics;
use crate::mozy::{
    ApiKey, Client, Dialect, Limits, Mozy, Observer, Operation, ResultClass, Settings, Timeouts, Tls,
};
use crate::store::{Credentials, Store};
use anyhow::{Context as _, Result, anyhow};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Clients by instance, and budgets by API key: two instances with one key share one budget.
pub struct Vendors {
    config: Arc<Config>,
    store: Store,
    metrics: Arc<Metrics>,
    tls: Tls,
    default_key: Option<ApiKey>,
    clients: Mutex<HashMap<InstanceId, (Credentials, Mozy)>>,
    budgets: Mutex<HashMap<[u8; 32], Arc<Budget>>>,
}

/// Tells the metrics of every call.
struct Watch(Arc<Metrics>);

impl Observer for Watch {
    fn called(&self, operation: Operation, class: ResultClass, duration: Duration) {
        self.0.mozy.request(operation.as_str(), class.as_str(), duration);
    }
}

impl Vendors {
    /// Reads the files that the configuration names.
    pub fn new(config: Arc<Config>, store: Store, metrics: Arc<Metrics>) -> Result<Self> {
        let tls = Tls::trusting(config.mozy.ca()?.as_deref()).context("loading mozy.ca_file")?;
        let key = config.mozy.api_key()?;
        let default_key =
            key.map(|key| ApiKey::new(key.expose())).transpose().context("reading mozy.api_key_file")?;
        let (clients, budgets) = (Mutex::default(), Mutex::default());
        Ok(Self { config, store, metrics, tls, default_key, clients, budgets })
    }

    /// Whether an instance that no install brought can be served.
    pub fn has_default(&self) -> bool {
        self.default_key.is_some()
    }

    /// Mozy with the credentials of an instance as they are now, sending nothing once `hold` is not good any more.
    pub async fn of(&self, instance: InstanceId, hold: Option<Arc<Hold>>) -> Result<Mozy> {
        let credentials =
            self.store.credentials(instance).await.context("reading the instance's credentials")?;
        let credentials = credentials.ok_or_else(|| anyhow!("instance {instance} is not known here"))?;
        let known = self.cached(instance, &credentials);
        let mozy = match known {
            Some(mozy) => mozy,
            None => self.connect(instance, credentials)?,
        };
        Ok(match hold {
            Some(hold) => held(&mozy, &hold),
            None => mozy,
        })
    }

    fn cached(&self, instance: InstanceId, credentials: &Credentials) -> Option<Mozy> {
        let clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        clients.get(&instance).filter(|(known, _)| known == credentials).map(|(_, mozy)| mozy.clone())
    }

    fn connect(&self, instance: InstanceId, credentials: Credentials) -> Result<Mozy> {
        let key = match &credentials.api_key {
            Some(key) => ApiKey::new(key.expose()).context("reading the API key that the install delivered")?,
            None => self.default_key.clone().ok_or_else(|| {
                anyhow!("instance {instance} has no API key: the install brought none and mozy.api_key_file is not set")
            })?,
        };
        let budget = self.budget(&key);
        let settings = Settings {
            dialect: self.dialect(&credentials),
            key,
            tls: self.tls.clone(),
            timeouts: Timeouts {
                total: self.config.mozy.timeout,
                read: self.config.mozy.timeout,
                ..Timeouts::default()
            },
            limits: Limits::default(),
        };
        let client = Client::new(settings, budget, Arc::new(Watch(Arc::clone(&self.metrics))))
            .context("using the addresses of Mozy")?;
        let root_partner = credentials.root_partner.or(self.config.mozy.root_partner_id);
        let root_role = credentials.root_role.or(self.config.mozy.root_role_id);
        let mozy = Mozy::new(client, root_partner.map(PartnerId), root_role);
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        clients.insert(instance, (credentials, mozy.clone()));
        Ok(mozy)
    }

    fn dialect(&self, credentials: &Credentials) -> Dialect {
        let configured = &self.config.mozy;
        let base = Dialect {
            base_url: configured.base_url.clone(),
            version: configured.version.clone(),
            namespace: configured.namespace.clone(),
            wsdl_suffix: configured.wsdl_suffix.clone(),
            endpoint_suffix: configured.endpoint_suffix.clone(),
            ..Dialect::default()
        };
        base.with_install(
            credentials.ws_prefix.as_deref().unwrap_or_default(),
            credentials.ws_suffix.as_deref().unwrap_or_default(),
        )
    }

    fn budget(&self, key: &ApiKey) -> Arc<Budget> {
        let mut budgets = self.budgets.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || {
            let (rate, at_once) = (self.config.mozy.requests_per_second, self.config.mozy.max_concurrency);
            Arc::new(Budget::new(rate, at_once, Arc::clone(&self.metrics)))
        };
        Arc::clone(budgets.entry(key.fingerprint()).or_insert_with(new))
    }

    /// How many credentials are paused now.
    pub fn paused(&self) -> i64 {
        let budgets = self.budgets.lock().unwrap_or_else(PoisonError::into_inner);
        budgets.values().filter(|budget| budget.paused_until().is_some()).count() as i64
    }
}

/// Mozy, sending no write once `hold` is not good any more.
pub(super) fn held(mozy: &Mozy, hold: &Arc<Hold>) -> Mozy {
    let hold = Arc::clone(hold);
    mozy.fenced(Arc::new(move || hold.is_good()))
}
