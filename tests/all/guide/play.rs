//! Scenarios are played in one lab: those that disturb the world one after the other, all others together.

use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use futures_util::{StreamExt, stream};
use mozyd::lab::{Lab, Options, wait};
use mozyd::sim::osa::Service;

use super::scene::Scene;
use crate::support::TestDb;

/// So many scenarios at once.
const AT_ONCE: usize = 8;
/// What a scenario may take.
const SCENARIO: Duration = Duration::from_secs(80);
/// What one sweep may take.
const SWEEP: Duration = Duration::from_secs(30);

/// A scenario's body.
type Play = for<'a> fn(&'a Scene<'a>) -> LocalBoxFuture<'a, ()>;

/// One row of the table.
pub struct Row {
    /// As in the guide's table.
    pub number: &'static str,
    /// The scenario's file without its ending.
    pub file: &'static str,
    /// Whether it disturbs others.
    pub alone: bool,
    /// What happens.
    pub play: Play,
}

/// How a row ended under one setting.
pub struct Outcome {
    /// The row's file.
    pub file: &'static str,
    /// Why it failed.
    pub failure: Option<String>,
}

/// Plays the rows in a lab of their own; what is wrong of the lab as a whole comes as a row named `lab`.
pub async fn play(options: Options, rows: &[&Row]) -> Vec<Outcome> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let db = TestDb::empty();
    let options = Options { database_url: Some(db.url()), ..options }
        .setting("reconcile.interval", "10s")
        .setting("refresh.schedule", "*/10 * * * * *");
    let lab = Lab::start(options).await.unwrap();
    let resellers = lab.install(true).await.unwrap();
    let (alone, together): (Vec<&Row>, Vec<&Row>) = rows.iter().copied().partition(|row| row.alone);
    let one = async |row: &&Row| played(&Scene::new(&lab, resellers, row.file), row).await;
    let mut outcomes: Vec<Outcome> =
        stream::iter(&together).map(&one).buffer_unordered(AT_ONCE).collect().await;
    for row in &alone {
        outcomes.push(one(row).await);
        // A row that failed may have left them.
        lab.mozy().clear_faults();
        lab.osa().faults().clear();
    }
    let failure = AssertUnwindSafe(sound(&lab)).catch_unwind().await.err().map(said);
    outcomes.push(Outcome { file: "lab", failure });
    lab.stop().await.unwrap();
    outcomes
}

async fn played(scene: &Scene<'_>, row: &Row) -> Outcome {
    let begun = Instant::now();
    let play = tokio::time::timeout(SCENARIO, (row.play)(scene));
    let failure = match AssertUnwindSafe(play).catch_unwind().await {
        Ok(Ok(())) => None,
        Ok(Err(_)) => Some(format!("it did not end within {SCENARIO:?}")),
        Err(panic) => Some(said(panic)),
    };
    println!(
        "{:<28} {:>5.1} s  {}",
        row.file,
        begun.elapsed().as_secs_f32(),
        failure.as_deref().unwrap_or("green")
    );
    Outcome { file: row.file, failure }
}

/// SIGUSR1 twice: everything is looked at again and nothing is written; and Mozy itself is sound.
async fn sound(lab: &Lab) {
    let before = lab.mozy().counters().writes;
    for _ in 0..2 {
        sweep(lab).await;
    }
    assert_eq!(lab.mozy().counters().writes, before, "calls changed Mozy although everything agreed");
    assert_eq!(lab.mozy().check(), Vec::<String>::new());
    let odd: Vec<_> = lab.mozy().calls().into_iter().filter_map(|call| call.deviation).collect();
    assert_eq!(odd, Vec::<String>::new(), "calls that are not as the contract says");
}

async fn sweep(lab: &Lab) {
    let tenants =
        lab.osa().resources().iter().filter(|r| r.service() == Some(Service::MozyProAccount)).count();
    let mozyd = lab.mozyd();
    let before = mozyd.metric("mozyd_cycles_total", "").await.unwrap();
    mozyd.refresh_all().unwrap();
    let swept = wait::until("a sweep of all subscriptions", SWEEP, async || {
        let cycles = mozyd.metric("mozyd_cycles_total", "").await.ok()?;
        (cycles >= before + tenants as f64).then_some(())
    });
    swept.await.unwrap();
}

fn said(panic: Box<dyn std::any::Any + Send>) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string))
        .unwrap_or_else(|| "panicked".into())
}
