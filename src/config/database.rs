//! `[database]`: where PostgreSQL is.

use super::file::FileRef;
use super::problem::{Origin, Problem};
use super::reader::{Choice, Section};
use super::secret::Secret;
use super::value;

/// What stands between us and PostgreSQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pooling {
    /// Nothing, or a proxy that gives us a connection for as long as ours lasts.
    Session,
    /// A proxy that gives each transaction another connection, such as PgBouncer.
    Transaction,
}

impl Choice for Pooling {
    const ALL: &'static [(&'static str, Self)] =
        &[("session", Pooling::Session), ("transaction", Pooling::Transaction)];
}

/// `[database]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Database {
    pub(super) url: Url,
    /// Connections this daemon keeps at most.
    pub pool_size: u32,
    /// For how long a connection of PostgreSQL is ours.
    pub pooling: Pooling,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Url {
    Given(Secret),
    File(FileRef),
}

impl Database {
    pub(super) fn read(section: &mut Section<'_>) -> Self {
        let given = section.optional_text("url", value::database_url).map(Secret::new).map(Url::Given);
        let file = section.file("url_file").map(Url::File);
        let url = one_of(section, given, file).unwrap_or(Url::Given(Secret::default()));
        Database {
            url,
            pool_size: section.integer("pool_size", 16, 1..=500),
            pooling: section.choice("pooling", Pooling::Session),
        }
    }

    /// The address of the database, read from its file if there is one.
    pub fn url(&self) -> Result<Secret, Problem> {
        match &self.url {
            Url::Given(url) => Ok(url.clone()),
            Url::File(file) => {
                let url = value::database_url(file.text()?.as_str());
                url.map(Secret::new).map_err(|message| file.problem(message))
            }
        }
    }
}

/// One of the two, and only one; a variable of the environment outdoes the file's.
fn one_of(section: &mut Section<'_>, given: Option<Url>, file: Option<Url>) -> Option<Url> {
    let from_environment = |key| matches!(section.origin(key), Origin::Environment(_));
    match (section.is_set("url"), section.is_set("url_file")) {
        (true, true) if from_environment("url") && !from_environment("url_file") => given,
        (true, true) if from_environment("url_file") && !from_environment("url") => file,
        (true, true) => {
            section.refuse("url_file", "is given beside database.url; allowed is one of the two");
            None
        }
        (true, false) => given,
        (false, true) => file,
        (false, false) => {
            section.require("url", "write database.url or database.url_file: postgres://USER@HOST/DATABASE");
            None
        }
    }
}
