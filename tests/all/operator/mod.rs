//! What operators watch and do, with the real daemon: its API as the document describes it, verbs that tell a stranger
//! why an order is not done, and a configuration that changes while it runs.

mod api;
mod explain;
mod reload;
mod schema;

use mozyd::lab::{Lab, Options};
use uuid::Uuid;

use crate::support::TestDb;

/// A lab on a database of its own, with an instance for resellers beside the lab's own.
async fn lab(options: Options) -> (TestDb, Lab, Uuid) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let db = TestDb::empty();
    let lab = Lab::start(Options { database_url: Some(db.url()), ..options }).await.unwrap();
    let resellers = lab.install(true).await.unwrap();
    (db, lab, resellers)
}
