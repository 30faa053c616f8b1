//! A database of a test's own, copied from a template in a few milliseconds and gone with the test.

use anyhow::Result;

use super::{Run, Template};

/// A database that nobody else uses; dropping it drops it, connections and all.
pub struct TestDb {
    name: String,
}

impl TestDb {
    /// An empty database.
    pub fn empty() -> Self {
        Self::copy("template1")
    }

    /// A database as `template` makes it.
    pub fn from_template<F>(template: Template<F>) -> Self
    where
        F: AsyncFnOnce(String) -> Result<()> + Send,
    {
        Self::copy(&Run::join().template(template).expect("making the template database"))
    }

    fn copy(template: &str) -> Self {
        let name = format!("test_{}", uuid::Uuid::new_v4().simple());
        Run::join()
            .admin(&format!("CREATE DATABASE {name} TEMPLATE {template}"))
            .expect("making a test database");
        Self { name }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its address.
    pub fn url(&self) -> String {
        Run::join().url(&self.name)
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        let dropped = Run::join().admin(&format!("DROP DATABASE {} WITH (FORCE)", self.name));
        // A second panic would hide the first.
        if !std::thread::panicking() {
            dropped.expect("dropping the test database");
        }
    }
}
