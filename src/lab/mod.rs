//! The outside world on one machine: a private PostgreSQL, both simulators, and mozyd run against them.
//!
//! Whatever is started here ends with us: children are tied to this process by the kernel ([`child`]), directories
//! go with the value that made them, and sockets listen on loopback only.

pub mod bench;
pub mod certs;
pub mod child;
pub mod compare;
pub mod daemon;
pub mod day;
pub mod faultproxy;
pub mod home;
pub mod http;
pub mod names;
pub mod options;
pub mod pgbouncer;
pub mod ports;
pub mod postgres;
pub mod proc;
pub mod screen;
pub mod show;
pub mod site;
pub mod verdict;
pub mod wait;
pub mod world;

pub use daemon::Daemon;
pub use options::{Auth, Options};
pub use world::Lab;
