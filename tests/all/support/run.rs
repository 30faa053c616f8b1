//! One PostgreSQL cluster for all test processes of a run.
//!
//! The first test starts it, under a file lock, and the others find it. Its [`keeper`] ends it with the runner:
//! nextest's process, or this one when `cargo test` runs all tests in it. So nothing is left behind, whether the run
//! ends well, in failures, or by Ctrl-C or SIGKILL.

use std::fs::{self, DirBuilder, File};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use anyhow::{Context, Result};
use mozyd::lab::child;
use mozyd::lab::postgres::{Cluster, Settings, sql, temporary_base};
use rustix::process::{Pid, getpid};

use super::keeper;

/// The run that this test belongs to.
pub struct Run {
    dir: PathBuf,
    url: String,
}

/// A database that others are copied from, made once in a run.
pub struct Template<F> {
    /// A name for it; one name, one content.
    pub name: &'static str,
    /// Fills it, given its address.
    pub fill: F,
}

impl Run {
    /// Joins the run, starting its cluster if nobody has.
    pub fn join() -> &'static Self {
        static RUN: OnceLock<Run> = OnceLock::new();
        RUN.get_or_init(|| Self::start().expect("starting the PostgreSQL of the tests"))
    }

    fn start() -> Result<Self> {
        let (key, runner) = runner();
        let dir = temporary_base()?.join(format!("mozyd-tests-{key}"));
        DirBuilder::new().recursive(true).mode(0o711).create(&dir)?;
        let _lock = lock(&dir)?;
        let url_file = keeper::url_file(&dir);
        if !url_file.exists() {
            keeper::start(&dir, runner)?;
        }
        let url = fs::read_to_string(&url_file).context("reading the address of the tests' PostgreSQL")?;
        Ok(Self { dir, url })
    }

    /// A directory for what the tests of this run need beside databases; removed with the run.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The address of a database of this run.
    pub fn url(&self, database: &str) -> String {
        self.url.replacen("/postgres?", &format!("/{database}?"), 1)
    }

    /// Runs statements outside of any test's database.
    pub fn admin(&self, statement: &str) -> Result<()> {
        sql::block_on(async || sql::execute(&self.url, statement).await)
    }

    /// The name of a template database, which is made and filled by the first who asks.
    pub fn template<F>(&self, template: Template<F>) -> Result<String>
    where
        F: AsyncFnOnce(String) -> Result<()> + Send,
    {
        let name = format!("template_{}", template.name);
        let (_lock, done) = (lock(&self.dir)?, self.dir.join(&name));
        if !done.exists() {
            self.admin(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))?;
            self.admin(&format!("CREATE DATABASE {name}"))?;
            sql::block_on(async || (template.fill)(self.url(&name)).await)
                .context("filling the template database")?;
            File::create(done)?;
        }
        Ok(name)
    }

    /// A cluster of this test's own, to be frozen, killed and restarted; removed at the latest with the run.
    pub fn private_cluster(&self, settings: Settings) -> Result<Cluster> {
        Cluster::temporary_in(&self.dir, settings)
    }
}

/// Holds the run's lock until the file is closed.
fn lock(dir: &Path) -> Result<File> {
    let file = File::create(dir.join("lock"))?;
    file.lock()?;
    Ok(file)
}

/// What names the run, and the process that it ends with.
fn runner() -> (String, Pid) {
    let nextest = std::env::var("NEXTEST_RUN_ID").ok().zip(nextest_above(getpid()));
    nextest.unwrap_or_else(|| (uuid::Uuid::new_v4().to_string(), getpid()))
}

/// An orphan whose nextest is gone finds none, and so does not start a cluster that nobody ends.
fn nextest_above(process: Pid) -> Option<Pid> {
    let parent = child::look(process)?.parent?;
    let name = fs::read_to_string(format!("/proc/{}/comm", parent.as_raw_nonzero())).ok()?;
    if name.contains("nextest") { Some(parent) } else { nextest_above(parent) }
}
