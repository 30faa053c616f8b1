//! Billing: the ledger is written from what a retrieve answered, and from nothing else.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use futures_util::{StreamExt, stream};
use reqwest::Method;
use serde::Serialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::call::Ask;
use super::instance::Instance;
use super::names::{Counter, Service};
use super::refused::Refused;
use super::resource::Status;
use super::sim::OsaSim;
use super::task::Phase;
use super::world::World;

/// Usage by the counter's name.
pub type Usage = BTreeMap<&'static str, i64>;

/// How many tenants are asked at once.
const AT_ONCE: usize = 8;

/// A tenant's bill keeps this many changes.
const CHANGES: usize = 10_000;

/// What is known for the bill of a tenant.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Bill {
    /// The usage that would be billed.
    pub usage: Usage,
    /// How often it was collected.
    pub collected: u64,
    /// Every usage that differed from the one before, oldest first.
    pub changes: Vec<(DateTime<Utc>, Usage)>,
}

/// The bills by tenant; those of terminated tenants stay.
#[derive(Default)]
pub(super) struct Ledger(HashMap<Uuid, Bill>);

impl Ledger {
    fn enter(&mut self, tenant: Uuid, usage: Usage) {
        let bill = self.0.entry(tenant).or_default();
        let before = bill.usage.clone();
        bill.usage.extend(usage);
        bill.collected += 1;
        if bill.usage != before && bill.changes.len() < CHANGES {
            bill.changes.push((Utc::now(), bill.usage.clone()));
        }
    }
}

/// What a collection brought.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Collection {
    /// Tenants whose usage was entered.
    pub collected: usize,
    /// Tenants whose bill stays as it was, and why.
    pub failed: Vec<(Uuid, String)>,
}

impl OsaSim {
    /// The periodic usage task: `GET /mozyProAccount/{id}` for every tenant of an instance that is not being
    /// made or removed. The answer goes to the bill and to the screens.
    pub async fn collect_usage(&self, instance: Uuid) -> Result<Collection, Refused> {
        let unknown = Refused::Unknown { what: "the instance", id: instance };
        let instance = self.world().instances.get(&instance).cloned().ok_or(unknown)?;
        let results: Vec<(Uuid, Result<(), String>)> = stream::iter(self.billable(instance.id))
            .map(|tenant| self.collect_tenant(&instance, tenant))
            .buffered(AT_ONCE)
            .collect()
            .await;
        let collected = results.iter().filter(|(_, result)| result.is_ok()).count();
        let failed =
            results.into_iter().filter_map(|(tenant, result)| Some((tenant, result.err()?))).collect();
        Ok(Collection { collected, failed })
    }

    /// The bill of a tenant.
    pub fn bill(&self, tenant: Uuid) -> Bill {
        self.world().ledger.0.get(&tenant).cloned().unwrap_or_default()
    }

    /// What OSA's screens show of a tenant: the usage in the APS copy, which pushes alter too.
    pub fn screen(&self, tenant: Uuid) -> Usage {
        let resource = self.resource(tenant);
        resource.map(|tenant| usage_in(&tenant.properties).unwrap_or_default()).unwrap_or_default()
    }

    fn billable(&self, instance: Uuid) -> Vec<Uuid> {
        let settled = [Status::Ready, Status::Configuring];
        let world = self.world();
        let tenants = world.select(|r| {
            r.service() == Some(Service::MozyProAccount)
                && r.link("mozyPro") == Some(instance)
                && settled.contains(&r.status)
        });
        tenants.iter().map(|tenant| tenant.id).collect()
    }

    async fn collect_tenant(&self, instance: &Instance, tenant: Uuid) -> (Uuid, Result<(), String>) {
        let transaction = Uuid::new_v4();
        self.world().transactions.insert(transaction);
        let result = self.retrieve(instance, tenant, transaction).await;
        self.world().transactions.remove(&transaction);
        (tenant, result)
    }

    async fn retrieve(&self, instance: &Instance, tenant: Uuid, transaction: Uuid) -> Result<(), String> {
        let path = format!("{}/{tenant}", Service::MozyProAccount.name());
        let actor = self.world().account_of(tenant).unwrap_or_default();
        let phase = Phase::Sync;
        let ask = Ask {
            instance,
            method: Method::GET,
            path: &path,
            body: None,
            secret: false,
            transaction,
            actor,
            phase,
        };
        let reply = self.call(ask).await;
        if reply.status != Some(200) {
            return Err(reply.failure().unwrap_or_else(|| "retrieve must be answered at once".to_owned()));
        }
        let usage = usage_in(reply.body.as_object().ok_or("the answer is not an object")?)?;
        self.world().enter(tenant, usage).ok_or_else(|| "the tenant was removed meanwhile".to_owned())
    }
}

impl World {
    /// Writes down what a retrieve answered. A counter that the subscription does not contain is not counted.
    fn enter(&mut self, tenant: Uuid, mut usage: Usage) -> Option<()> {
        let resource = self.resources.get_mut(&tenant)?;
        usage.retain(|name, _| resource.properties.contains_key(*name));
        resource.merge(&as_properties(&usage));
        self.ledger.enter(tenant, usage);
        Some(())
    }
}

fn usage_in(properties: &Map<String, Value>) -> Result<Usage, String> {
    let mut usage = Usage::new();
    for counter in Counter::ALL {
        let Some(value) = properties.get(counter.name()).and_then(|counter| counter.get("usage")) else {
            continue;
        };
        let number = value.as_i64().filter(|number| *number >= 0);
        usage.insert(
            counter.name(),
            number.ok_or(format!("{}.usage is no whole number: {value}", counter.name()))?,
        );
    }
    Ok(usage)
}

fn as_properties(usage: &Usage) -> Value {
    usage.iter().map(|(name, usage)| ((*name).to_owned(), json!({"usage": usage}))).collect()
}
