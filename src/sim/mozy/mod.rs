//! Mozy as the contract describes it, written from contracts/mozy-soap.md and never from our client.
//!
//! A state machine ([`World`]) with two doors: [`MozySim::call`] in process, [`MozySim::serve`] over real HTTP with a
//! WSDL and a control surface under `/_sim/`. Both doors count, log and disturb calls alike.
//!
//! ```
//! use mozyd::sim::mozy::{FaultKind, FaultRule, MozySim, parts};
//!
//! let mozy = MozySim::default();
//! let acme = [("name", "acme".into()), ("root_admin_username", "boss@acme.example".into())];
//! let id = mozy.call(&mozy.api_key(), "partner.Create", parts(acme))?.int();
//! assert_eq!(mozy.partner_named("acme").map(|partner| partner.id), id);
//!
//! mozy.add_fault(FaultRule::once("partner.Delete", FaultKind::AnswerLost))?;
//! assert!(mozy.call(&mozy.api_key(), "partner.Delete", parts([("id", id.into())])).is_err());
//! assert!(mozy.partner_named("acme").is_none(), "it happened all the same");
//! # Ok::<(), mozyd::sim::mozy::Fault>(())
//! ```
//!
//! What nobody knows about Mozy is a switch ([`Switches`]). Where neither the contract's rules nor its fine print speak,
//! these readings are our own, and a client must not lean on them:
//!
//! - Get without id and search shows everything the key covers; so does a Get whose only criterion is ignored. An Update
//!   or Delete whose only criterion is ignored has no aim and faults.
//! - An Update or Delete by search works row by row, and a fault half-way leaves the rows before it changed;
//!   `UpdateLicenses` alone is all or nothing.
//! - Strictly by order a `password` has a place only if an element of that name was sent, for clients leave it out.
//! - A key with `quota_desired`, a machine and a Sync user need that many undistributed GB in their own group, else a
//!   fault. A used key shows the `quota_desired` it had before activation; the truth is its machine's quota.
//! - A parent cannot be turned off while something below *says* on, however deep; what inherits just follows.
//!   Turning a user off takes his `Sync` machine away. The root partner of the default world is on.
//! - A Sync quota is copied when a user is turned on: the group's default quota of the type `Sync`, else the nearest
//!   partner's, else 2 GB. Changing a default later changes nobody.
//! - A key is activated by the user it is reserved for, in the group he is in; a free key takes his e-mail.
//! - Users and keys never leave their partner but by `Transfer`, which only moves free keys.
//! - When a user moves, his reserved keys of the group he leaves go along. `user.Delete` frees his reserved keys in the
//!   whole partner. Keys that somebody has go to the default group with their GB, also where a deleted group's stock is
//!   released.
//! - A search by an e-mail of keys ignores case, by `""` finds keys without one; its `status` knows `free` only.
//! - A machine that is deleted leaves a reserved key (switch) with the GB the machine had.
//! - Nothing is forbidden under a suspended partner. Expired keys still work.

mod args;
mod bind;
mod calls;
mod clock;
mod core;
mod dice;
mod disturb;
mod fault;
mod http;
mod json;
mod keystring;
mod look;
mod operation;
mod port;
mod sim;
pub mod switches;
mod value;
mod world;

#[cfg(test)]
mod tests;

pub use clock::Clock;
pub use core::{Activation, CallEntry, Counters, Ledger, ObjectRow, Outcome, StockRow};
pub use disturb::{FaultKind, FaultRule, RetryAfter};
pub use fault::{Cause, Fault};
pub use http::Served;
pub use keystring::Keystring;
pub use port::MozyPort;
pub use sim::{MozySim, SimConfig};
pub use switches::*;
pub use value::{Name, Parts, Value, parts};
pub use world::{
    Admin, Details, Group, KeyState, License, LicenseType, Machine, Mail, ObjectKind, Partner, Status, Stock,
    Stocks, User, World,
};
