//! What the floors above need of the outside, in domain words: narrow traits, implemented next door.

pub mod desk;
pub mod ledger;
pub mod look;
pub mod panel;
pub mod pause;
pub mod report;
pub mod vendor;

pub use ledger::{Ledger, LedgerError};
pub use pause::Pause;
pub use report::{Case, CycleReport, CycleResult};
pub use vendor::{Vendor, VendorError};
