//! What a verb that asks the database works with: the configuration, the store, and Mozy where it must look.

use crate::config::Config;
use crate::daemon::{self, Live, Vendors};
use crate::domain::snapshot::Snapshot;
use crate::domain::{Desired, SubscriptionId};
use crate::plan::Plan;
use crate::store::{Filter, Store};
use anyhow::{Context as _, Result, bail};
use chrono::Utc;
use std::path::Path;
use std::sync::Arc;
use uuid::Uuid;

/// How many subscriptions are listed at a time.
const PAGE: u32 = 1000;

/// The parts of one verb.
pub struct Context {
    /// The configuration.
    pub config: Arc<Config>,
    /// The store.
    pub store: Store,
}

impl Context {
    /// Reads the configuration; connects when first asked.
    pub fn load(path: &Path) -> Result<Self> {
        let config = Arc::new(Config::load(path)?);
        let store = daemon::connect(&config, None)?;
        Ok(Self { config, store })
    }

    /// Mozy, for a verb that looks.
    pub fn vendors(&self) -> Result<Vendors> {
        let live = Live::new(Arc::clone(&self.config));
        Vendors::new(live, self.store.clone(), daemon::metrics()?, Uuid::new_v4())
    }

    /// All subscriptions that are not gone.
    pub async fn all(&self) -> Result<Vec<SubscriptionId>> {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let filter = Filter { after, limit: PAGE, ..Filter::default() };
            let page = self.store.list(&filter).await.context("listing the subscriptions")?;
            all.extend(page.iter().map(|line| SubscriptionId(line.id)));
            match page.last() {
                Some(last) if page.len() == PAGE as usize => after = Some(SubscriptionId(last.id)),
                _ => return Ok(all),
            }
        }
    }

    /// Everything stored of a subscription, as it is to be read now.
    pub async fn snapshot(&self, id: SubscriptionId) -> Result<Option<Snapshot>> {
        let snapshot = self.store.snapshot(id).await.with_context(|| format!("reading subscription {id}"))?;
        Ok(snapshot.map(|snapshot| snapshot.at(Utc::now(), self.config.reconcile.interval)))
    }

    /// What would be done now for a subscription, by a look at Mozy; `None` when it is gone.
    pub async fn plan(&self, vendors: &Vendors, id: SubscriptionId) -> Result<Option<(Desired, Plan)>> {
        daemon::look(&self.config, &self.store, vendors, id).await
    }

    /// The subscription that an operator named by APS id or by OSA's number.
    pub async fn find(&self, name: &str) -> Result<SubscriptionId> {
        let found =
            self.store.find(name).await.with_context(|| format!("looking for subscription {name}"))?;
        match found.as_slice() {
            [id] => Ok(*id),
            [] => bail!("subscription {name} is not known; `mozyd status` lists all"),
            _ => bail!("{name} names {} subscriptions; use an APS id of `mozyd status`", found.len()),
        }
    }
}

/// Runs a verb on a small runtime of its own.
pub fn block_on<T>(verb: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("starting the runtime")?
        .block_on(verb)
}

/// Runs a verb that asks the database.
pub fn with<T>(path: &Path, verb: impl AsyncFnOnce(Context) -> Result<T>) -> Result<T> {
    block_on(async { verb(Context::load(path)?).await })
}
