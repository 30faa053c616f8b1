//! Mozy as a state machine: who exists, who owns what, and the rules of contract section 3. Knows no SOAP, no HTTP.

mod admin;
mod check;
mod email;
mod event;
mod find_partner;
mod group;
mod index;
mod license;
mod machine;
mod partner;
mod purge;
mod reach;
mod reserve;
mod resource;
mod sync;
mod user;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

pub use admin::Admin;
pub use email::Mail;
pub use event::{Deed, Event, ObjectKind};
pub use group::Group;
pub use license::{KeyState, License, LicenseType};
pub use machine::Machine;
pub use partner::Partner;
pub use reach::Scope;
pub use resource::{Stock, Stocks};
pub use user::User;

pub(super) use admin::NewAdmin;
pub(super) use email::Letter;
pub(super) use find_partner::PartnerFind;
pub(super) use group::{GroupPatch, NewGroup};
pub(super) use license::LicenseFind;
pub(super) use machine::{MachineFind, MachinePatch, NewMachine};
pub(super) use partner::{NewPartner, PartnerPatch};
pub(super) use reserve::LicensePatch;
pub(super) use resource::Amount;
pub(super) use user::{NewUser, UserFind, UserPatch};

use super::{dice::mix, fault::Fault, keystring::Keystring, switches::Switches};
use index::Index;
use purge::Purge;

/// `details`: free words, and `status`.
pub type Details = BTreeMap<String, String>;

/// Whether something was suspended itself; a suspended parent does not show here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Status {
    #[default]
    Active,
    Suspended,
}

impl Status {
    /// As Mozy writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Active => "active",
            Status::Suspended => "suspended",
        }
    }
}

/// Everything Mozy knows. The tables are public to be looked at; change them through operations only.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct World {
    pub now: DateTime<Utc>,
    pub switches: Switches,
    pub partners: BTreeMap<i64, Partner>,
    pub groups: BTreeMap<i64, Group>,
    pub admins: BTreeMap<i64, Admin>,
    pub users: BTreeMap<i64, User>,
    pub licenses: BTreeMap<Keystring, License>,
    pub machines: BTreeMap<i64, Machine>,
    seed: u64,
    next_id: i64,
    next_key: u64,
    #[serde(skip)]
    index: Index,
    #[serde(skip)]
    purges: BTreeMap<DateTime<Utc>, Vec<Purge>>,
    #[serde(skip)]
    events: Vec<Event>,
}

impl World {
    /// A world without anybody; ids of all kinds come from one sequence, so that none stands for two things.
    pub(super) fn new(first_id: i64, seed: u64, now: DateTime<Utc>) -> World {
        World {
            now,
            switches: Switches::default(),
            partners: BTreeMap::new(),
            groups: BTreeMap::new(),
            admins: BTreeMap::new(),
            users: BTreeMap::new(),
            licenses: BTreeMap::new(),
            machines: BTreeMap::new(),
            seed: mix(seed),
            next_id: first_id,
            next_key: 0,
            index: Index::default(),
            purges: BTreeMap::new(),
            events: Vec::new(),
        }
    }

    fn take_id(&mut self) -> i64 {
        self.next_id += 1;
        self.next_id - 1
    }

    fn take_keystring(&mut self) -> Keystring {
        self.next_key += 1;
        Keystring::of(self.next_key, self.seed)
    }
}

/// What a `details` part says about `status`, and the rest of it.
fn split_status(mut details: Details) -> Result<(Option<Status>, Details), Fault> {
    let status = match details.remove("status").as_deref() {
        None => None,
        Some("active") => Some(Status::Active),
        Some("suspended") => Some(Status::Suspended),
        Some(other) => return Err(Fault::invalid(format!("there is no status {other}"))),
    };
    Ok((status, details))
}
