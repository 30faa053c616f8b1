//! A PostgreSQL of our own: in a private directory, behind a unix socket, gone when we are.
//!
//! ```no_run
//! # fn main() -> anyhow::Result<()> {
//! use mozyd::lab::postgres::{Cluster, Settings};
//! let mut cluster = Cluster::temporary(Settings::default())?;
//! cluster.create_database("mozyd")?;
//! println!("{}", cluster.url("mozyd"));
//! # Ok(()) }
//! ```
//!
//! A cluster can also be broken the way real ones break: [`Cluster::kill`], [`Cluster::freeze`], [`Cluster::stop`].
//! All calls block; none takes longer than its bound.

mod cluster;
mod home;
mod server;
pub mod sql;
mod stop;

pub use cluster::{Cluster, Settings};
pub use home::{Owner, create as create_private, temporary_base};
pub use server::Server;
pub use stop::Stop;
