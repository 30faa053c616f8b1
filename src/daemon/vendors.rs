//! One Mozy client per credential: what an install delivered goes before what is configured, key by key.

use super::gate::Budget;
use super::lease::Hold;
use super::live::Live;
use super::way::{Way, Who};
use crate::config;
use crate::domain::budget::Share;
use crate::domain::{InstanceId, PartnerId};
use crate::metrics::Metrics;
use crate::mozy::{
    ApiKey, Client, Dialect, Limits, Mozy, Observer, Operation, ResultClass, Settings, Timeouts, Tls,
};
use crate::store::{Credential, Credentials, Lane, Store, StoreError};
use anyhow::{Context as _, Result, anyhow};
use chrono::Utc;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use uuid::Uuid;

/// Clients by instance, and budgets by API key: two instances with one key share one budget.
pub struct Vendors {
    live: Live,
    store: Store,
    metrics: Arc<Metrics>,
    daemon: Uuid,
    tls: Tls,
    default_key: Option<ApiKey>,
    clients: Mutex<HashMap<InstanceId, Connected>>,
    budgets: Mutex<HashMap<Credential, Arc<Budget>>>,
    /// Told when calls in a row got no answer: somebody must look whether Mozy is down.
    pub(super) suspected: Arc<Notify>,
}

/// One client of Mozy, with its budget.
#[derive(Clone)]
pub(super) struct Connected {
    credentials: Credentials,
    mozy: Mozy,
    budget: Arc<Budget>,
}

impl Connected {
    fn through(&self, who: Who) -> Mozy {
        self.mozy.through(Arc::new(Way { budget: Arc::clone(&self.budget), who }))
    }
}

/// Tells the metrics and the log of every call; the cycle and the step it is made for stand beside it.
struct Watch(Arc<Metrics>);

impl Observer for Watch {
    fn called(&self, operation: Operation, class: ResultClass, duration: Duration) {
        self.0.mozy.request(operation.as_str(), class.as_str(), duration);
        let (operation, result) = (operation.as_str(), class.as_str());
        tracing::debug!(operation, result, duration_ms = duration.as_millis() as u64, "mozy was called");
    }
}

impl Vendors {
    /// Reads the files that the configuration names. `daemon` is who shares budgets with the others.
    pub fn new(live: Live, store: Store, metrics: Arc<Metrics>, daemon: Uuid) -> Result<Self> {
        let config = live.now();
        let tls = Tls::trusting(config.mozy.ca()?.as_deref()).context("loading mozy.ca_file")?;
        let key = config.mozy.api_key()?;
        let default_key =
            key.map(|key| ApiKey::new(key.expose())).transpose().context("reading mozy.api_key_file")?;
        let (clients, budgets, suspected) = Default::default();
        Ok(Self { live, store, metrics, daemon, tls, default_key, clients, budgets, suspected })
    }

    /// Whether an instance that no install brought can be served.
    pub fn has_default(&self) -> bool {
        self.default_key.is_some()
    }

    /// Forgets clients, so that they are made as is configured now, and tells budgets what they may spend now. What is
    /// under way ends as it began.
    pub fn retune(&self) {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner).clear();
        let whole = whole(&self.live.now().mozy);
        self.budgets().iter().for_each(|budget| budget.retune(whole));
    }

    /// Mozy for somebody who waits, with the credentials of an instance as they are now.
    pub async fn of(&self, instance: InstanceId) -> Result<Mozy> {
        Ok(self.connected(instance).await?.through(Who::Person))
    }

    /// Mozy for a cycle: nothing is written once `hold` is not good any more, nor while nothing may be written for
    /// anybody.
    pub(super) fn for_cycle(&self, connected: &Connected, hold: Arc<Hold>, lane: Lane) -> Mozy {
        let who = if lane == Lane::Change { Who::Person } else { Who::Sweep };
        let (mozy, live) = (connected.through(who), self.live.clone());
        mozy.hearing().fenced(Arc::new(move || hold.is_good() && live.quiet(Utc::now()).is_none()))
    }

    /// The same for an operator, who may write also while the daemons only observe.
    pub async fn by_hand(&self, instance: InstanceId, hold: Arc<Hold>) -> Result<Mozy> {
        let mozy = self.connected(instance).await?.through(Who::Person);
        Ok(mozy.fenced(Arc::new(move || hold.is_good())))
    }

    /// Mozy with the credentials of an instance as they are now.
    pub(super) async fn connected(&self, instance: InstanceId) -> Result<Connected> {
        let credentials =
            self.store.credentials(instance).await.context("reading the instance's credentials")?;
        let credentials = credentials.ok_or_else(|| anyhow!("instance {instance} is not known here"))?;
        match self.cached(instance, &credentials) {
            Some(known) => Ok(known),
            None => self.connect(instance, credentials),
        }
    }

    fn cached(&self, instance: InstanceId, credentials: &Credentials) -> Option<Connected> {
        let clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        clients.get(&instance).filter(|known| known.credentials == *credentials).cloned()
    }

    fn connect(&self, instance: InstanceId, credentials: Credentials) -> Result<Connected> {
        let key = match &credentials.api_key {
            Some(key) => ApiKey::new(key.expose()).context("reading the API key that the install delivered")?,
            None => self.default_key.clone().ok_or_else(|| {
                anyhow!("instance {instance} has no API key: the install brought none and mozy.api_key_file is not set")
            })?,
        };
        let budget = self.budget(&key);
        let configured = &self.live.now().mozy;
        let settings = Settings {
            dialect: self.dialect(&credentials),
            key,
            tls: self.tls.clone(),
            timeouts: Timeouts { total: configured.timeout, read: configured.timeout, ..Timeouts::default() },
            limits: Limits::default(),
        };
        let gate = Arc::new(Way { budget: Arc::clone(&budget), who: Who::Sweep });
        let client = Client::new(settings, gate, Arc::new(Watch(Arc::clone(&self.metrics))))
            .context("using the addresses of Mozy")?;
        let root_partner = credentials.root_partner.or(configured.root_partner_id);
        let root_role = credentials.root_role.or(configured.root_role_id);
        let mozy = Mozy::new(client, root_partner.map(PartnerId), root_role);
        let connected = Connected { credentials, mozy, budget };
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        clients.insert(instance, connected.clone());
        Ok(connected)
    }

    fn dialect(&self, credentials: &Credentials) -> Dialect {
        let configured = &self.live.now().mozy;
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
        let whole = whole(&self.live.now().mozy);
        let parts = || (self.store.clone(), Arc::clone(&self.metrics), Arc::clone(&self.suspected));
        let new = || Budget::new(parts(), (key.fingerprint(), self.daemon), whole);
        Arc::clone(budgets.entry(key.fingerprint()).or_insert_with(new))
    }

    /// The budgets of all credentials in use. One whose key was changed is nobody's, and nobody would look for it whether
    /// Mozy is well.
    pub fn budgets(&self) -> Vec<Arc<Budget>> {
        let mut budgets = self.budgets.lock().unwrap_or_else(PoisonError::into_inner);
        budgets.retain(|_, budget| Arc::strong_count(budget) > 1 || budget.was_used());
        budgets.values().cloned().collect()
    }

    /// Whether others reach Mozy, and this daemon does not.
    pub fn is_cut_off(&self) -> bool {
        self.any(|budget| budget.is_cut_off())
    }

    /// Whether this daemon does not reach Mozy.
    pub fn is_down(&self) -> bool {
        self.any(|budget| budget.is_down())
    }

    fn any(&self, is: impl Fn(&Budget) -> bool) -> bool {
        let budgets = self.budgets.lock().unwrap_or_else(PoisonError::into_inner);
        budgets.values().any(|budget| is(budget))
    }

    /// Mozy for whoever looks whether it is well.
    pub fn for_probe(&self, budget: &Arc<Budget>) -> Option<Mozy> {
        let clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let known = clients.values().find(|known| Arc::ptr_eq(&known.budget, budget));
        known.map(|known| known.through(Who::Probe))
    }
}

/// Whether there are no credentials that can be used: then nothing can be asked, which is told as if Mozy were away. A
/// database that is away is not told so.
pub(super) fn lacks_credentials(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), None | Some(StoreError::Seal(_)))
}

/// What all daemons together may ask of one credential.
fn whole(configured: &config::Mozy) -> Share {
    let config::Mozy { requests_per_second, max_concurrency, .. } = configured;
    Share { rate: f64::from((*requests_per_second).max(1)), places: (*max_concurrency).max(1) }
}
