//! The running daemon: wiring, jobs, queue and workers, cron, HTTP, signals. The only floor that spawns.

mod admin;
mod api;
mod budgets;
mod by_hand;
mod cron;
mod endpoint;
mod gate;
mod gauges;
mod jobs;
mod lease;
mod line;
mod live;
mod look;
mod notify;
mod panel;
mod places;
mod pusher;
mod reload;
mod run;
mod schedule;
mod signals;
mod sweep;
mod timed;
mod told;
mod vendors;
mod wiring;
mod workers;

pub use by_hand::ByHand;
pub use live::Live;
pub use look::{APPROVAL, look};
pub use run::run;
pub use vendors::Vendors;
pub use wiring::{connect, metrics};
