//! Machines: what a key is used on, and for a synced user the pseudo-machine `Sync`.

use chrono::{DateTime, Utc};

use super::client::Request;
use super::document::Malformed;
use super::element::Element;
use super::operation::Operation;
use super::reply::Reply;
use super::value::{KeyValue, Part, Value, find, int, key_values, long, part, text};

/// A machine as Mozy tells of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Machine {
    /// Unique across Mozy.
    pub id: i64,
    /// Whose it is.
    pub user_id: Option<i64>,
    /// Mozy's word.
    pub status: Option<String>,
    /// Its name; `Sync` is the pseudo-machine of a synced user.
    pub alias: Option<String>,
    /// What we set.
    pub external_id: Option<String>,
    /// The key it uses; none for `Sync`.
    pub keystring: Option<String>,
    /// GB
    pub quota: Option<i64>,
    /// Bytes
    pub quota_used_bytes: Option<i64>,
    /// None: never, or in a form we do not know.
    pub last_backup_at: Option<DateTime<Utc>>,
}

impl Machine {
    fn read(element: Element<'_>) -> Result<Self, Malformed> {
        let (mut id, mut machine) = (None, Machine::default());
        for field in element.children()? {
            let field = field?;
            match field.name() {
                "id" => id = field.number()?,
                "user_id" => machine.user_id = field.number()?,
                "status" => machine.status = field.text()?,
                "alias" => machine.alias = field.text()?,
                "external_id" => machine.external_id = field.text()?,
                "keystring" => machine.keystring = field.text()?,
                "quota" => machine.quota = field.number()?,
                "quota_used_bytes" => machine.quota_used_bytes = field.number()?,
                "last_backup_at" => machine.last_backup_at = field.date()?,
                _ => {}
            }
        }
        machine.id = element.require("id", id)?;
        Ok(machine)
    }
}

/// Which machines, by something else than their id.
#[derive(Clone, Copy, Default)]
pub struct Find<'a> {
    /// All of a user.
    pub user_id: Option<i64>,
    /// Those with this name.
    pub alias: Option<&'a str>,
}

fn search<'a>(by: Option<Find<'a>>) -> Value<'a> {
    let members = |by: Find<'a>| vec![part("user_id", long(by.user_id)), part("alias", text(by.alias))];
    find("ns1:MachineFind", by.map(members))
}

/// `machine.Create` → the id.
#[derive(Clone, Copy, Default)]
pub struct Create<'a> {
    /// Whose it is to be.
    pub user_id: Option<i64>,
    /// The key it uses.
    pub keystring: Option<&'a str>,
    /// Its name.
    pub alias: Option<&'a str>,
    /// What we want to find again.
    pub external_id: Option<&'a str>,
    /// GB
    pub quota_desired: Option<u64>,
    /// Where its data is to be kept.
    pub region: Option<&'a str>,
    /// What the client knows it by.
    pub machine_hash: Option<&'a str>,
}

impl Request for Create<'_> {
    const OPERATION: Operation = Operation::MachineCreate;
    type Answer = i64;

    fn parts(&self) -> Vec<Part<'_>> {
        vec![
            part("user_id", long(self.user_id)),
            part("keystring", text(self.keystring)),
            part("alias", text(self.alias)),
            part("external_id", text(self.external_id)),
            part("quota_desired", int(self.quota_desired)),
            part("region", text(self.region)),
            part("machine_hash", text(self.machine_hash)),
        ]
    }

    fn read(reply: &Reply<'_>) -> Result<i64, Malformed> {
        reply.id()
    }
}

/// `machine.Get`. What matches nothing is a fault.
#[derive(Clone, Copy, Default)]
pub struct Get<'a> {
    /// The machine, or search.
    pub id: Option<i64>,
    /// Instead of the id.
    pub search: Option<Find<'a>>,
}

impl Request for Get<'_> {
    const OPERATION: Operation = Operation::MachineGet;
    type Answer = Vec<Machine>;

    fn parts(&self) -> Vec<Part<'_>> {
        vec![part("id", long(self.id)), part("search", search(self.search))]
    }

    fn read(reply: &Reply<'_>) -> Result<Vec<Machine>, Malformed> {
        reply.page(Machine::read)
    }
}

/// `machine.Update` → rows changed, if Mozy says. None leaves as it is.
#[derive(Clone, Copy, Default)]
pub struct Update<'a> {
    /// The machine, or search.
    pub id: Option<i64>,
    /// Instead of the id.
    pub search: Option<Find<'a>>,
    /// GB, after activation and for `Sync`.
    pub quota: Option<u64>,
    /// A new status.
    pub status: Option<&'a str>,
    /// The machine whose data it takes over.
    pub source_machine_id: Option<i64>,
    /// What we want to find again.
    pub external_id: Option<&'a str>,
    /// Of the machine.
    pub details: &'a [KeyValue<'a>],
}

impl Request for Update<'_> {
    const OPERATION: Operation = Operation::MachineUpdate;
    type Answer = Option<i64>;

    fn parts(&self) -> Vec<Part<'_>> {
        vec![
            part("id", long(self.id)),
            part("search", search(self.search)),
            part("quota", int(self.quota)),
            part("status", text(self.status)),
            part("source_machine_id", long(self.source_machine_id)),
            part("external_id", text(self.external_id)),
            part("details", key_values(self.details)),
        ]
    }

    fn read(reply: &Reply<'_>) -> Result<Option<i64>, Malformed> {
        reply.rows()
    }
}

/// `machine.Delete` → rows changed, if Mozy says. Destroys this machine's backup.
#[derive(Clone, Copy)]
pub struct Delete {
    /// The machine.
    pub id: i64,
}

impl Request for Delete {
    const OPERATION: Operation = Operation::MachineDelete;
    type Answer = Option<i64>;

    fn parts(&self) -> Vec<Part<'_>> {
        vec![part("id", long(self.id))]
    }

    fn read(reply: &Reply<'_>) -> Result<Option<i64>, Malformed> {
        reply.rows()
    }
}
