//! What the tests share: a PostgreSQL for the whole run, and a database for each test.

mod db;
mod keeper;
mod program;
mod run;

pub use db::TestDb;
pub use program::{faketime, needed};
pub use run::{Run, Template};
