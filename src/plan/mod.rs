//! Pure planning: (desired, observed, policy, now) to a plan, an ordered list of steps that prints itself.

pub mod call;
pub mod step;

pub use call::Call;
pub use step::{Action, Place, Step, Subject, Why};
