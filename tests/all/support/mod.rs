//! What the tests share: a PostgreSQL for the whole run, a database for each test, and what is secret in a lab.

mod db;
mod keeper;
mod program;
mod run;
pub mod secrets;

pub use db::TestDb;
pub use program::{faketime, needed};
pub use run::{Run, Template};
