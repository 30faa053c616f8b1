//! Two daemons never call Mozy more often than one may, pause together, and leave a dead Mozy alone.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use mozyd::lab::{Lab, Options, wait};
use mozyd::sim::mozy::{FaultKind, FaultRule, RetryAfter};
use uuid::Uuid;

use super::end::sql;
use super::play::Play;
use crate::support::TestDb;

const SOON: Duration = Duration::from_secs(30);

async fn both(db: &TestDb, options: Options) -> Lab {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut lab = Lab::start(Options { database_url: Some(db.url()), ..options }).await.unwrap();
    lab.add_daemon().await.unwrap();
    lab
}

/// Two daemons that look at everything every second.
async fn two(db: &TestDb, options: Options) -> Lab {
    let options = options.setting("reconcile.interval", "1s").setting("refresh.schedule", "* * * * * *");
    both(db, options).await
}

fn times(lab: &Lab) -> Vec<DateTime<Utc>> {
    lab.mozy().calls().into_iter().map(|call| call.at).collect()
}

/// The most calls in any such span.
fn most(times: &[DateTime<Utc>], span: TimeDelta) -> usize {
    let until = |start: &DateTime<Utc>| times.partition_point(|at| *at < *start + span);
    times.iter().enumerate().map(|(nth, start)| until(start) - nth).max().unwrap_or(0)
}

async fn used(lab: &mut Lab, metric: &str) -> Vec<f64> {
    let mut sums = Vec::new();
    for daemon in lab.daemons().iter() {
        sums.push(daemon.metric(metric, "").await.unwrap());
    }
    sums
}

/// Both daemons come to have more than this.
async fn above(lab: &mut Lab, metric: &str, least: f64) {
    wait::until(&format!("more than {least} of {metric} of both"), SOON, async || {
        used(lab, metric).await.iter().all(|sum| *sum > least).then_some(())
    })
    .await
    .unwrap();
}

/// Of how many subscriptions it is said that Mozy cannot be reached.
async fn unreached(db: &TestDb) -> String {
    let number = "SELECT count(DISTINCT subscription_id) FROM conditions \
        WHERE reason = 'VendorUnreachable' AND NOT status";
    sql(&db.url(), number).await.unwrap().concat()
}

#[tokio::test]
async fn two_daemons_share_one_rate() {
    let db = TestDb::empty();
    let options = Options::default();
    let options = options.setting("mozy.requests_per_second", 20).setting("mozy.max_concurrency", 3);
    // Neither can claim all at once, so that both have something to ask.
    let (begun, options) = (Instant::now(), options.setting("reconcile.workers", 3));
    let mut lab = two(&db, options).await;
    Play::new(&lab, Uuid::nil(), 1).orders(8).await.unwrap();
    // Eight subscriptions want about forty calls a second by now.
    let swept = Utc::now();
    tokio::time::sleep(Duration::from_secs(8)).await;
    let in_a_row = |lab: &Lab, seconds| {
        let times: Vec<_> = times(lab).into_iter().filter(|at| *at > swept).collect();
        most(&times, TimeDelta::seconds(seconds))
    };
    // A machine that is busy may need longer to use up what is allowed.
    wait::until("sixty calls in four seconds", SOON, async || (in_a_row(&lab, 4) >= 60).then_some(()))
        .await
        .unwrap();
    above(&mut lab, "mozyd_mozy_requests_total", 50.0).await;
    above(&mut lab, "mozyd_mozy_throttled_seconds_total", 1.0).await;
    // Twenty a second, and what each may have saved up.
    let (four, one) = (in_a_row(&lab, 4), in_a_row(&lab, 1));
    assert!(four <= 100 && one <= 40, "{four} calls in four seconds, {one} in one");
    // One question to PostgreSQL a second or two, and not one for each call.
    let name = "mozyd_database_query_duration_seconds_count";
    let asked = lab.mozyd().metric(name, "share_budget").await.unwrap();
    let seconds = begun.elapsed().as_secs_f64();
    assert!(asked < seconds * 2.0, "{asked} questions in {seconds} s");
    lab.stop().await.unwrap();
    assert_eq!(sql(&db.url(), "SELECT count(*) FROM budget_shares").await.unwrap(), ["0"]);
}

#[tokio::test]
async fn what_mozy_asks_of_one_daemon_both_heed() {
    let db = TestDb::empty();
    let lab = two(&db, Options::default()).await;
    Play::new(&lab, Uuid::nil(), 1).orders(3).await.unwrap();
    // A date has no parts of a second: it is between six and seven from then.
    for wait in [RetryAfter::Seconds(6), RetryAfter::Date(7)] {
        let rule = FaultRule { remaining: Some(1), ..FaultRule::always(FaultKind::throttled(Some(wait))) };
        lab.mozy().add_fault(rule).unwrap();
        let asked = wait::until("Mozy to ask for fewer calls", SOON, async || {
            lab.mozy().calls().into_iter().rfind(|call| call.disturbed.is_some()).map(|call| call.at)
        });
        let asked = asked.await.unwrap();
        lab.mozy().clear_faults();
        // Until the other has heard of it, calls of its own may still arrive.
        let silent = wait::until("a silence, and calls after it", SOON, async || {
            let (times, long) = (times(&lab), TimeDelta::milliseconds(3500));
            times
                .windows(2)
                .map(|pair| (pair[1], pair[1] - pair[0]))
                .find(|(at, span)| *at > asked && *span > long)
        });
        let paused = silent.await.unwrap().0 - asked;
        assert!(paused >= TimeDelta::milliseconds(5500), "the pause was {paused}");
        lab.mozy().clear_books();
    }
    lab.stop().await.unwrap();
}

#[tokio::test]
async fn a_dead_mozy_costs_a_handful_of_calls() {
    let db = TestDb::empty();
    let mut lab = two(&db, Options::default()).await;
    Play::new(&lab, Uuid::nil(), 1).orders(6).await.unwrap();
    lab.mozy().clear_books();
    lab.mozy().add_fault(FaultRule::always(FaultKind::CutBefore)).unwrap();
    wait::until("everybody to say so", SOON, async || (unreached(&db).await == "6").then_some(()))
        .await
        .unwrap();
    // Each finds out by calls of its own, and one may have had most of them.
    above(&mut lab, "mozyd_mozy_paused", 0.0).await;
    tokio::time::sleep(Duration::from_secs(6)).await;
    let lost = lab.mozy().counters().lost;
    assert!((5..60).contains(&lost), "{lost} calls in more than six seconds");
    assert_eq!(used(&mut lab, "mozyd_mozy_paused").await, [1.0, 1.0]);
    lab.mozy().clear_faults();
    wait::until("everybody to be seen again", SOON, async || (unreached(&db).await == "0").then_some(()))
        .await
        .unwrap();
    lab.stop().await.unwrap();
}

/// The second daemon is started again with no way to Mozy.
async fn go_astray(lab: &mut Lab) {
    let astray = &mut lab.daemons()[1];
    astray.stop().await.unwrap();
    let config = std::fs::read_to_string(astray.config()).unwrap();
    let lines = config.lines().map(|line| match line.starts_with("base_url") {
        true => "base_url = \"http://127.0.0.1:1\"",
        false => line,
    });
    std::fs::write(astray.config(), lines.collect::<Vec<_>>().join("\n")).unwrap();
    astray.restart().await.unwrap();
}

/// How often the daemon that is astray asked for work.
async fn claims(lab: &mut Lab) -> f64 {
    let name = "mozyd_database_query_duration_seconds_count";
    lab.daemons()[1].metric(name, "\"claim\"").await.unwrap()
}

/// Once it knows that Mozy answers the other, the daemon that is astray claims nothing for so long, and the other goes on
/// as if it were not there.
async fn it_leaves_the_work_to_the_other(lab: &mut Lab, span: Duration) {
    // Until then it tries by itself, and it says the same of itself.
    wait::until("it to leave the work to the other", SOON, async || {
        let log = std::fs::read_to_string(lab.daemons()[1].log()).unwrap();
        let said = |words| log.rfind(words);
        (said("mozy does not answer here, but elsewhere") > said("mozy is down")).then_some(())
    })
    .await
    .unwrap();
    let (before, done) = (claims(lab).await, used(lab, "mozyd_cycles_total").await[0]);
    let end = Instant::now() + span;
    while Instant::now() < end {
        assert_eq!(used(lab, "mozyd_mozy_paused").await, [0.0, 1.0]);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // One may have been under way when it learnt of it; who is not cut off asks once a second.
    assert!(claims(lab).await <= before + 1.0, "it claimed something");
    assert!(used(lab, "mozyd_cycles_total").await[0] > done, "the other did nothing");
}

/// The other stopped: its leases last twelve seconds.
async fn it_says_that_nobody_reaches_mozy(db: &TestDb) {
    wait::until("it to say that nobody reaches Mozy", SOON * 2, async || {
        (unreached(db).await != "0").then_some(())
    })
    .await
    .unwrap();
}

/// One host's way to Mozy is broken: the other does the work, and neither its calls nor Mozy's budget suffer for it.
#[tokio::test]
async fn who_is_cut_off_from_mozy_leaves_the_work_to_the_other() {
    let db = TestDb::empty();
    let mut lab = two(&db, Options::default()).await;
    // So many that it gets something to fail at.
    Play::new(&lab, Uuid::nil(), 1).orders(12).await.unwrap();
    go_astray(&mut lab).await;
    wait::until("it to find out", SOON, async || {
        (used(&mut lab, "mozyd_mozy_paused").await == [0.0, 1.0]).then_some(())
    })
    .await
    .unwrap();
    it_leaves_the_work_to_the_other(&mut lab, Duration::from_secs(4)).await;
    lab.daemons()[0].process().kill().unwrap();
    it_says_that_nobody_reaches_mozy(&db).await;
}

/// The other has nothing to ask Mozy for longer than its last answer counts; it is there still.
#[tokio::test]
async fn who_is_cut_off_leaves_the_work_also_to_one_that_has_none_now() {
    let db = TestDb::empty();
    let mut lab = both(&db, Options::default().setting("reconcile.interval", "16s")).await;
    Play::new(&lab, Uuid::nil(), 1).orders(2).await.unwrap();
    go_astray(&mut lab).await;
    // Alone it cannot know that it is the only one.
    lab.daemons()[0].process().freeze().unwrap();
    let paused = async |lab: &mut Lab| lab.daemons()[1].metric("mozyd_mozy_paused", "").await.unwrap();
    wait::until("it to find out", SOON * 2, async || (paused(&mut lab).await == 1.0).then_some(()))
        .await
        .unwrap();
    it_says_that_nobody_reaches_mozy(&db).await;
    lab.daemons()[0].process().thaw().unwrap();
    wait::until("the other to take over", SOON * 2, async || (unreached(&db).await == "0").then_some(()))
        .await
        .unwrap();
    it_leaves_the_work_to_the_other(&mut lab, Duration::from_secs(17)).await;
    lab.daemons()[0].process().freeze().unwrap();
    it_says_that_nobody_reaches_mozy(&db).await;
}
