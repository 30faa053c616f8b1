//! The words: what is wanted, what was seen, and how both are counted. No async, no HTTP, no SQL, no clock.
//!
//! One file per kind. *Desired* is what PostgreSQL says is wanted, *observed* what Mozy last said; what both call a
//! user, a licence or a group stands side by side in that kind's file.

pub mod amount;
pub mod budget;
pub mod condition;
pub mod desired;
pub mod group;
pub mod ids;
pub mod libpq;
pub mod licence;
pub mod observed;
pub mod partner;
pub mod pool;
pub mod secret;
pub mod snapshot;
pub mod status;
pub mod subscription;
pub mod sync;
pub mod thing;
pub mod usage;
pub mod user;

pub use amount::{Amount, Gb, LicenceKind, PerKind};
pub use condition::{Condition, ConditionType, Reason};
pub use desired::Desired;
pub use ids::*;
pub use observed::{Account, Observed, Presence};
pub use secret::Secret;
pub use thing::Thing;
pub use usage::Usage;
