//! One cycle of one subscription: observe, settle doubts, plan, apply, report. Knows neither Mozy, OSA nor diesel.
//!
//! ```text
//! Case ─▶ observe ─▶ doubts ─▶ plan ─▶ apply ─┐
//!            ▲                                 │ while something was done and is to be looked at
//!            └─────────────────────────────────┘──▶ CycleReport
//! ```
//!
//! A look that found agreement can be made [`again`]: the same calls, and as long as the same bytes come back, the same
//! report, without reading them.

mod adopt;
mod again;
mod apply;
mod bind;
mod cycle;
mod doubts;
mod drift;
mod findings;
mod flaps;
mod judge;
mod learn;
mod observe;
mod refused;
mod report;
mod resolve;
mod rules;
#[cfg(test)]
mod tests;

pub use adopt::{Candidate, candidates, told};
pub use again::again;
pub use cycle::{cycle, preview};
pub use observe::{Blind, Sight, observe};
pub use report::not_begun;
pub use rules::Rules;
