//! Who holds a subscription when it dies or stands still loses it to another daemon within seconds, and nothing is done
//! twice.

use std::time::{Duration, Instant};

use anyhow::Result;
use mozyd::lab::{Lab, Options, wait};
use mozyd::sim::mozy::{FaultKind, FaultRule, ObjectKind};
use mozyd::sim::osa::{NewServiceUser, NewUser, Task};
use uuid::Uuid;

use super::end::{self, sql};
use super::hand::Hand;
use super::play::Play;
use crate::support::TestDb;

/// A lease lasts twelve seconds, and what is seen to have happened is settled at once: three times that.
const TAKEN_OVER: Duration = Duration::from_secs(40);
/// Longer than anybody waits for an answer.
const LONG: Duration = Duration::from_secs(40);
const SOON: Duration = Duration::from_secs(20);

struct Pair {
    db: TestDb,
    lab: Lab,
    hands: Vec<Hand>,
    tenant: Uuid,
}

impl Pair {
    /// Two daemons, one of which is just making a user whom Mozy makes, and is slow to say so.
    async fn amid(slow: Duration) -> (Self, Task, usize) {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let db = TestDb::empty();
        let options = Options { database_url: Some(db.url()), ..Options::default() };
        let mut lab = Lab::start(options).await.unwrap();
        lab.add_daemon().await.unwrap();
        let hands = Hand::all(&mut lab);
        let tenant = Play::new(&lab, Uuid::nil(), 1).orders(1).await.unwrap()[0];
        let slow = FaultKind::Latency { ms: slow.as_millis() as u64 };
        lab.mozy().add_fault(FaultRule::once("user.Create", slow)).unwrap();
        let account = lab.osa().resource(tenant).and_then(|tenant| tenant.link("account")).unwrap();
        let email = "bob@order-0.test".to_owned();
        let person = NewServiceUser { login: email.clone(), email, display_name: "bob".to_owned() };
        let service_user = lab.osa().create_service_user(account, &person).unwrap();
        let new = NewUser { tenant, service_user, group: String::new(), enable_sync: None };
        let task = lab.osa().create_user(&new).unwrap();
        let pair = Self { db, lab, hands, tenant };
        wait::until("Mozy to make the user", SOON, async || (pair.made() == (1, 0)).then_some(()))
            .await
            .unwrap();
        let holder = pair.holder().await.unwrap();
        (pair, task, holder)
    }

    /// How often the user was made and deleted.
    fn made(&self) -> (u32, u32) {
        let row = self.lab.mozy().ledger().object(ObjectKind::User, "bob@order-0.test");
        row.map_or((0, 0), |row| (row.created, row.deleted))
    }

    /// Which daemon holds the subscription.
    async fn holder(&self) -> Result<usize> {
        let held = format!("SELECT lease_owner FROM work WHERE subscription_id = '{}'", self.tenant);
        let owner = sql(&self.db.url(), &held).await?.remove(0);
        let first = std::fs::read_to_string(self.lab.mozyd().log())?.contains(&owner);
        Ok(usize::from(!first))
    }

    async fn ends_well(self, task: Task) {
        let done = wait::until("the task's end", SOON, async || {
            let record = task.record();
            if record.error.is_some() {
                self.lab.osa().rerun(record.id).map(drop).unwrap_or_default()
            }
            record.is_done().then_some(())
        });
        done.await.unwrap();
        let refresh = || self.hands.iter().for_each(Hand::refresh);
        end::of(&self.lab, &[self.lab.instance()], &self.db.url(), refresh).await.unwrap();
        assert_eq!(self.made(), (1, 0));
    }

    /// Until another has found out what became of the user.
    async fn taken_over(&self) -> Duration {
        let begun = Instant::now();
        let looked = format!(
            "SELECT p.id FROM steps p WHERE p.subscription_id = '{}' AND p.kind = 'create_user' \
             AND p.outcome = 'done' AND p.call::text LIKE '%bob%'",
            self.tenant
        );
        wait::until("another daemon to take over", TAKEN_OVER, async || {
            (!sql(&self.db.url(), &looked).await.unwrap().is_empty()).then_some(())
        })
        .await
        .unwrap();
        begun.elapsed()
    }
}

#[tokio::test]
async fn another_takes_over_from_one_that_was_killed() {
    let (mut pair, task, holder) = Pair::amid(LONG).await;
    pair.hands[holder].kill().unwrap();
    println!("taken over after {:?}", pair.taken_over().await);
    pair.hands[holder].run().await.unwrap();
    pair.ends_well(task).await;
}

#[tokio::test]
async fn another_takes_over_from_one_that_stood_still_and_it_does_nothing_more() {
    let (pair, task, holder) = Pair::amid(LONG).await;
    pair.hands[holder].freeze().unwrap();
    println!("taken over after {:?}", pair.taken_over().await);
    pair.hands[holder].thaw().unwrap();
    pair.ends_well(task).await;
}

#[tokio::test]
async fn killed_backends_cost_nothing() {
    let (pair, task, _) = Pair::amid(Duration::from_secs(3)).await;
    let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
        WHERE application_name = 'mozyd' AND datname = current_database()";
    for _ in 0..3 {
        // Those that were killed may not have come back yet.
        let killed = async || (!sql(&pair.db.url(), kill).await.unwrap().is_empty()).then_some(());
        wait::until("backends to kill", SOON, killed).await.unwrap();
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    pair.taken_over().await;
    pair.ends_well(task).await;
}
