//! The configuration: plain data, read once, refused with the key and the line when senseless.
//!
//! ```
//! use mozyd::config::{Config, Environment};
//! let text = "[database]\npool_size = 0";
//! let problems = Config::parse("mozyd.toml".as_ref(), text, &Environment::default()).unwrap_err();
//! assert!(problems.to_string().contains("mozyd.toml:2: database.pool_size: is \"0\"; allowed are 1 to 500"));
//! ```

mod admin;
mod change;
mod database;
mod file;
mod files;
mod guard;
mod log;
mod maintenance;
mod mozy;
mod osa;
mod problem;
mod reader;
mod reconcile;
mod refresh;
mod secret;
mod secrets;
mod source;
mod tls;
mod value;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use std::path::Path;

pub use admin::Admin;
pub use database::{Database, Pooling};
pub use files::Files;
pub use guard::{Guard, Limit};
pub use log::{Format, Log};
pub use maintenance::Maintenance;
pub use mozy::Mozy;
pub use osa::{Auth, Model, Osa};
pub use problem::{Origin, Problem, Problems};
pub use reconcile::{Mode, Reconcile, Unmanaged};
pub use refresh::Refresh;
pub use secret::Secret;
pub use secrets::Secrets;
pub use source::Environment;
pub use tls::Identity;

use reader::Reader;
use source::Source;

/// Where the configuration is unless `--config` says otherwise.
pub const DEFAULT_PATH: &str = "/etc/mozyd/mozyd.toml";

const SECTIONS: [&str; 10] =
    ["database", "secrets", "mozy", "osa", "admin", "reconcile", "maintenance", "refresh", "guard", "log"];

/// All problems, or the value.
pub type Result<T> = std::result::Result<T, Problems>;

/// Everything that can be configured, each section a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// PostgreSQL.
    pub database: Database,
    /// The sealing key.
    pub secrets: Secrets,
    /// Mozy's API.
    pub mozy: Mozy,
    /// Our APS endpoint.
    pub osa: Osa,
    /// Metrics, health, the operator's API.
    pub admin: Admin,
    /// The loop.
    pub reconcile: Reconcile,
    /// When Mozy is only read.
    pub maintenance: Maintenance,
    /// Usage.
    pub refresh: Refresh,
    /// What needs an operator's word.
    pub guard: Guard,
    /// Logs.
    pub log: Log,
}

impl Config {
    /// Reads a file and the environment of this process. The files it names are read by [`Config::files`].
    pub fn load(path: &Path) -> Result<Config> {
        Config::parse(path, &text_of(path)?, &Environment::of_process())
    }

    /// Reads a text as if it were the file at `path`.
    pub fn parse(path: &Path, text: &str, environment: &Environment) -> Result<Config> {
        let source = Source::new(path, text, environment, &SECTIONS)?;
        let (config, _, problems) = read(source);
        Problems::none_or(config, problems)
    }

    /// Says what is wrong with a file, the environment of this process and the files they name, all at once.
    pub fn check(path: &Path) -> Result<()> {
        let source = Source::new(path, &text_of(path)?, &Environment::of_process(), &SECTIONS)?;
        let (config, _, mut problems) = read(source);
        let in_files = config.files().err().map_or(Vec::new(), |found| found.0);
        let named: Vec<String> = problems.iter().map(|problem| problem.key.clone()).collect();
        problems.extend(in_files.into_iter().filter(|problem| !named.contains(&problem.key)));
        Problems::none_or((), problems)
    }
}

fn text_of(path: &Path) -> Result<String> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        let message = format!("the configuration cannot be read: {error}; name another with --config");
        Problem::new("", Origin::Absent(path.to_owned()), message)
    })?;
    Ok(text)
}

fn read(source: Source) -> (Config, Vec<String>, Vec<Problem>) {
    let mut reader = Reader::new(source);
    let osa = Osa::read(&mut reader.section("osa"));
    let config = Config {
        database: Database::read(&mut reader.section("database")),
        secrets: Secrets::read(&mut reader.section("secrets")),
        mozy: Mozy::read(&mut reader.section("mozy")),
        admin: Admin::read(&mut reader.section("admin"), osa.listen),
        osa,
        reconcile: Reconcile::read(&mut reader.section("reconcile")),
        maintenance: Maintenance::read(&mut reader.section("maintenance")),
        refresh: Refresh::read(&mut reader.section("refresh")),
        guard: Guard::read(&mut reader.section("guard")),
        log: Log::read(&mut reader.section("log")),
    };
    let (known, problems) = reader.finish();
    (config, known, problems)
}
