//! One cycle of one subscription: observe, settle doubts, plan, apply, report. Knows neither Mozy, OSA nor diesel.
//!
//! ```text
//! Case ─▶ observe ─▶ doubts ─▶ plan ─▶ apply ─┐
//!            ▲                                 │ while something was done and is to be looked at
//!            └─────────────────────────────────┘──▶ CycleReport
//! ```

mod apply;
mod cycle;
mod doubts;
mod findings;
mod observe;
mod resolve;
#[cfg(test)]
mod tests;

pub use cycle::{Rules, cycle, preview};
pub use observe::{Sight, observe};
