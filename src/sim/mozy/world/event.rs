//! What an operation did to the world, told once: the source of the ledger and of the mails sent.

use serde::Serialize;

use super::{LicenseType, Mail, World};

/// The kinds of objects the ledger counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum ObjectKind {
    Partner,
    Group,
    Admin,
    User,
    Machine,
}

/// What became of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Deed {
    Created,
    Deleted,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// An object came or went.
    #[allow(missing_docs)]
    Object { kind: ObjectKind, deed: Deed, id: i64, name: String },
    /// Keys and GB came into or left a group's stock: positive when provisioned.
    #[allow(missing_docs)]
    Stock { group_id: i64, license_type: LicenseType, licenses: i64, quota: i64 },
    /// A machine's backup was destroyed, in bytes.
    #[allow(missing_docs)]
    BackupLost { machine_id: i64, bytes: i64 },
    /// A mail went out.
    Mailed(Mail),
}

impl World {
    pub(super) fn tell(&mut self, kind: ObjectKind, deed: Deed, id: i64, name: &str) {
        self.events.push(Event::Object { kind, deed, id, name: name.to_owned() });
    }

    pub(super) fn tell_event(&mut self, event: Event) {
        self.events.push(event);
    }

    /// What happened since it was last asked.
    pub(in super::super) fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }
}
