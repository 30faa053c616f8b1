//! What calls tell the gate, without PostgreSQL: then it holds here only.

use super::*;
use crate::domain::budget::{DOWN_AFTER, Share};
use crate::store::{Settings, Store};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

fn budget() -> Arc<Budget> {
    let settings = Settings {
        url: "postgres://nobody@127.0.0.1:1/none".into(),
        size: 1,
        transaction_pooling: false,
        statement_timeout: Duration::from_secs(1),
        sealer: None,
        observer: None,
    };
    let parts = (Store::connect(settings).unwrap(), crate::daemon::metrics().unwrap(), Arc::default());
    Budget::new(parts, ([1; 32], Uuid::nil()), Share { rate: 20.0, places: 8 })
}

fn broken() -> Failure {
    Failure::Unreadable { problem: "a page".into() }
}

#[tokio::test]
async fn calls_without_an_answer_have_mozy_looked_at_and_only_that_says_that_it_is_down() {
    let budget = budget();
    for nth in 0..20 {
        assert_eq!(budget.takes_look(), nth == DOWN_AFTER, "one looks at a time, after {nth}");
        budget.heard(Some(&broken()), false).await;
    }
    assert!(!budget.is_down(), "it may be the fault of what was asked for");
    budget.heard(None, true).await;
    budget.looked();
    assert!(!budget.takes_look(), "mozy is well");
    for _ in 0..DOWN_AFTER {
        budget.heard(Some(&broken()), false).await;
    }
    assert!(budget.takes_look());
    budget.heard(Some(&broken()), true).await;
    assert!(budget.is_down());
    budget.heard(None, false).await;
    assert!(!budget.is_down(), "any answer says that it is well");
}
