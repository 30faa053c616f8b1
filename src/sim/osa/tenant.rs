//! What is done to a tenant: ordered, upgraded, suspended, terminated, and the operations of its type.

use reqwest::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::counters::Counters;
use super::names::{ACCOUNT, SUBSCRIPTION, Service};
use super::operation::{Change, Operation};
use super::refused::Refused;
use super::resource::{Resource, Status};
use super::sim::OsaSim;
use super::task::Task;

const TENANT: Service = Service::MozyProAccount;

/// An order from the store.
#[derive(Clone, Debug, Deserialize)]
pub struct Order {
    /// Of which instance.
    pub instance: Uuid,
    /// Who buys.
    pub account: Uuid,
    /// What the plan contains.
    #[serde(default)]
    pub counters: Counters,
}

/// How `setEnableDisableSync` says what is wanted (contract section 3, details).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SyncSwitch {
    /// `?enableSync=` in the query.
    Query(bool),
    /// `{"enableSync": …}` in the body.
    Body(bool),
    /// Neither: the other way round.
    Toggle,
}

impl OsaSim {
    /// Orders: makes a subscription with a number and a tenant, `POST /mozyProAccount`. The task's resource is
    /// the tenant. A failed task takes the tenant back and leaves the subscription to run it again.
    pub fn order(&self, order: &Order) -> Result<Task, Refused> {
        let account_type = self.account_type(order.account)?;
        if !self.world().instances.contains_key(&order.instance) {
            return Err(Refused::Unknown { what: "the instance", id: order.instance });
        }
        let subscription = self.subscribe(order.account);
        let mut properties = order.counters.properties();
        properties.insert("accountType".to_owned(), json!(account_type));
        let tenant = Resource::new(TENANT.type_id(), Status::Provisioning, Value::Object(properties))
            .linked("subscription", subscription)
            .linked("account", order.account)
            .linked("mozyPro", order.instance);
        self.begin(Operation::create("provision tenant", TENANT, tenant))
    }

    /// Upgrade or downgrade: `PUT` with the absolute limits of the named counters.
    pub fn upgrade(&self, tenant: Uuid, counters: &Counters) -> Result<Task, Refused> {
        self.begin(Operation::configure(TENANT, tenant, counters.properties()).named("upgrade"))
    }

    /// A `PUT` with nothing changed.
    pub fn touch(&self, resource: Uuid) -> Result<Task, Refused> {
        self.configure(resource, Map::new())
    }

    /// A `PUT` of any resource of the application with these properties changed.
    pub fn configure(&self, resource: Uuid, edits: Map<String, Value>) -> Result<Task, Refused> {
        let service = self.service_of(resource)?;
        self.begin(Operation::configure(service, resource, edits))
    }

    /// Suspends the subscription: `PUT …/disable`. A customer's "cancel" does this too.
    pub fn suspend(&self, tenant: Uuid) -> Result<Task, Refused> {
        let operation = Operation::custom("suspend", TENANT, tenant, Method::PUT, "disable");
        self.begin(operation.changing(Change::Disable(true)))
    }

    /// Resumes the subscription: `PUT …/enable`.
    pub fn resume(&self, tenant: Uuid) -> Result<Task, Refused> {
        let operation = Operation::custom("resume", TENANT, tenant, Method::PUT, "enable");
        self.begin(operation.changing(Change::Disable(false)))
    }

    /// Terminates the subscription: `DELETE`. All that hangs on the tenant goes with it, without calls.
    pub fn terminate(&self, tenant: Uuid) -> Result<Task, Refused> {
        self.begin(Operation::remove(TENANT, tenant).named("terminate"))
    }

    /// Refresh Resources.
    pub fn manual_retrieve(&self, tenant: Uuid) -> Result<Task, Refused> {
        self.begin(Operation::custom("refresh resources", TENANT, tenant, Method::GET, "manualRetrieve"))
    }

    /// The link to the Mozy control panel: the task's answer.
    pub fn get_client_url(&self, tenant: Uuid) -> Result<Task, Refused> {
        self.begin(Operation::custom("control panel", TENANT, tenant, Method::GET, "getClientUrl"))
    }

    /// Sync on or off for the subscription.
    pub fn set_enable_disable_sync(&self, tenant: Uuid, switch: SyncSwitch) -> Result<Task, Refused> {
        let (query, body) = match switch {
            SyncSwitch::Query(on) => (format!("?enableSync={on}"), None),
            SyncSwitch::Body(on) => (String::new(), Some(json!({"enableSync": on}))),
            SyncSwitch::Toggle => (String::new(), None),
        };
        let rest = format!("setEnableDisableSync{query}");
        let operation = Operation::custom("switch sync", TENANT, tenant, Method::POST, &rest);
        self.begin(Operation { body, ..operation })
    }

    /// Whether another staff member's e-mail is free: `{"available": …}` in the task's answer.
    pub fn check_availability_email(&self, tenant: Uuid, staff: Uuid) -> Result<Task, Refused> {
        let rest = format!("checkAvailabilityEmail?staffGUID={staff}");
        self.begin(Operation::custom("check e-mail", TENANT, tenant, Method::POST, &rest))
    }

    /// Tries again with another staff member as the admin.
    pub fn create_partner(&self, tenant: Uuid, staff: Uuid) -> Result<Task, Refused> {
        let rest = format!("createPartner?staffGUID={staff}");
        self.begin(Operation::custom("assign staff member", TENANT, tenant, Method::POST, &rest))
    }

    /// Shows or hides the groups tab: `PUT` of `groupview`.
    pub fn set_groupview(&self, tenant: Uuid, shown: bool) -> Result<Task, Refused> {
        self.edit(TENANT, tenant, "groupview", json!(shown))
    }

    pub(super) fn edit(
        &self,
        service: Service,
        resource: Uuid,
        name: &str,
        value: Value,
    ) -> Result<Task, Refused> {
        let edits = Map::from_iter([(name.to_owned(), value)]);
        self.begin(Operation::configure(service, resource, edits))
    }

    pub(super) fn service_of(&self, resource: Uuid) -> Result<Service, Refused> {
        let unknown = Refused::Unknown { what: "the resource of the application", id: resource };
        self.world().resources.get(&resource).and_then(Resource::service).ok_or(unknown)
    }

    fn account_type(&self, account: Uuid) -> Result<&'static str, Refused> {
        let world = self.world();
        let kind = |id: Uuid| {
            let account = world.resources.get(&id).filter(|resource| resource.type_id == ACCOUNT)?;
            Some((account.properties.get("type")?.as_str()?, account.link("parent")))
        };
        match kind(account).ok_or(Refused::Unknown { what: "the account", id: account })? {
            ("RESELLER", _) => Ok("R"),
            (_, Some(parent)) if kind(parent).is_some_and(|(kind, _)| kind == "RESELLER") => Ok("CR"),
            _ => Ok("C"),
        }
    }

    fn subscribe(&self, account: Uuid) -> Uuid {
        let mut world = self.world();
        let properties = json!({"subscriptionId": world.number(), "disabled": false});
        world.insert(Resource::new(SUBSCRIPTION, Status::Ready, properties).linked("account", account))
    }
}
