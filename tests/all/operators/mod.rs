//! What operators are promised: each verb that decides by hand, the real program against a whole lab.

mod applied;
mod audited;
mod by_hand;
mod held;

use mozyd::lab::daemon::Answer;
use mozyd::lab::{Lab, Options};
use uuid::Uuid;

use crate::guide::scene::Scene;
use crate::support::TestDb;

/// A lab of a test's own.
pub async fn lab(options: impl FnOnce(Options) -> Options) -> (Lab, TestDb) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let db = TestDb::empty();
    let options = options(Options { database_url: Some(db.url()), ..Options::default() });
    (Lab::start(options).await.unwrap(), db)
}

/// Customers of a lab.
pub fn scene<'a>(lab: &'a Lab, name: &'static str) -> Scene<'a> {
    Scene::new(lab, Uuid::nil(), name)
}

/// Asks a verb, which must end with this code.
async fn verb(lab: &Lab, code: i32, arguments: &[&str]) -> Answer {
    let answer = lab.verb(arguments).await.unwrap();
    assert_eq!(answer.code, code, "mozyd {}: {}{}", arguments.join(" "), answer.stdout, answer.stderr);
    answer
}
