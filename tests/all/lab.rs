//! The lab's day, played with the real daemon: everything agrees at the end, and what a person saw reads well.

use std::time::{Duration, Instant};

use mozyd::lab::screen::Screen;
use mozyd::lab::verdict::Verdict;
use mozyd::lab::{Auth, Lab, Options, day};

use crate::support::TestDb;

/// What the day may take on a busy machine.
const DAY: Duration = Duration::from_secs(90);

async fn play(options: Options, customers: usize, seed: u64) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let db = TestDb::empty();
    let (begun, options) = (Instant::now(), Options { database_url: Some(db.url()), ..options });
    let lab = Lab::start(options).await.unwrap();
    let (screen, recording) = Screen::recorded();
    let played = day::play(&lab, &screen, customers, seed).await;
    let verdict = Verdict::of(&lab);
    verdict.show(&screen);
    let text = recording.text();
    println!("{text}");
    played.unwrap();
    assert!(verdict.is_good());
    assert!(begun.elapsed() < DAY, "the day took {:?}", begun.elapsed());
    reads_well(&text, customers);
    lab.stop().await.unwrap();
}

/// Plain lines of at most 100 columns, and each subscription in the table.
fn reads_well(text: &str, customers: usize) {
    assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "there are control characters in it");
    let long: Vec<&str> = text.lines().filter(|line| line.chars().count() > 100).collect();
    assert_eq!(long, Vec::<&str>::new());
    let wanted = |line: &&str| line.split_whitespace().nth(1) == Some("wanted");
    assert_eq!(text.lines().filter(wanted).count(), customers);
}

#[tokio::test]
async fn a_day_ends_in_agreement() {
    play(Options { seed: 1, ..Options::default() }, 3, 1).await;
}

#[tokio::test]
async fn a_day_over_oauth_ends_in_agreement() {
    play(Options { seed: 2, auth: Auth::OAuth, ..Options::default() }, 1, 2).await;
}
