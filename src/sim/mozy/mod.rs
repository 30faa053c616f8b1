//! Mozy as the contract describes it, written from contracts/mozy-soap.md.

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

pub use clock::Clock;
pub use core::{Activation, CallEntry, Counters, Ledger, ObjectRow, Outcome, StockRow};
pub use disturb::{FaultKind, FaultRule, RetryAfter};
pub use fault::{Cause, Fault};
pub use http::Served;
pub use keystring::Keystring;
pub use port::MozyPort;
pub use sim::{MozySim, SimConfig};
pub use switches::Switches;
pub use value::{Name, Parts, Value, parts};
pub use world::{
    Admin, Deed, Details, Event, Group, KeyState, License, LicenseType, Machine, Mail, ObjectKind, Partner,
    Scope, Status, Stock, Stocks, User, World,
};
