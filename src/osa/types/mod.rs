//! What OSA sends and answers, one file per kind: tolerant of unknown fields and of how a value is written, strict
//! about what it means (contract §2, §5).
//!
//! On `PUT` a property that is not there must stay as it is, so every property is a [`Patch`].

mod application;
mod aps;
mod arguments;
mod counter;
mod group;
mod licence;
mod link;
mod lookup;
mod patch;
mod scalar;
mod tenant;
mod text;
mod user;

#[cfg(test)]
mod tests;

pub use application::Application;
pub use aps::{Aps, X509};
pub use arguments::{StaffChoice, SyncSwitch};
pub use counter::Counter;
pub use group::Group;
pub use licence::Licence;
pub use link::Link;
pub use lookup::{Account, AccountKind, AccountUser, ServiceUser, Subscription, TechContact};
pub use patch::Patch;
pub use scalar::Amount;
pub use tenant::{Tenant, TenantKind};
pub use text::{LONGEST_NAME, is_email};
pub use user::{GroupRef, User};
