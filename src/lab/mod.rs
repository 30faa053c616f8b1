//! The outside world on one machine: a private PostgreSQL, both simulators, and mozyd run against them.
//!
//! Whatever is started here ends with us: children are tied to this process by the kernel ([`child`]), directories
//! go with the value that made them, and sockets listen on loopback only.

pub mod certs;
pub mod child;
pub mod faultproxy;
pub mod http;
pub mod ports;
pub mod postgres;
pub mod proc;
pub mod wait;
