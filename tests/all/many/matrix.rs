//! The matrix: the same play once in peace, and once for every trouble. The end must be the same.

use std::cell::Cell as Flag;
use std::fmt::Write;
use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use futures_util::{FutureExt, StreamExt, stream};
use mozyd::lab::faultproxy::{Fault as LineFault, FaultProxy, Upstream};
use mozyd::lab::postgres::{Settings, Stop};
use mozyd::lab::{Lab, Options};
use mozyd::sim::mozy::{FaultKind, RetryAfter};
use mozyd::sim::osa::{Fault, Side};
use tokio::time::sleep;

use super::end::{self, sql};
use super::hand::Hand;
use super::play::Play;
use super::trouble::{Scene, Trouble};
use crate::support::{Run, TestDb, needed};

/// A cell of the matrix.
#[derive(Clone, Copy)]
struct Cell {
    name: &'static str,
    daemons: usize,
    trouble: Option<Trouble>,
}

const fn cell(name: &'static str, daemons: usize, trouble: Trouble) -> Cell {
    Cell { name, daemons, trouble: Some(trouble) }
}

const fn committed(code: u16, html: bool) -> FaultKind {
    FaultKind::Status { code, retry_after: None, html, committed: true }
}

const PEACE: Cell = Cell { name: "peace", daemons: 1, trouble: None };

#[rustfmt::skip]
const CELLS: &[Cell] = &[
    cell("killed", 1, Trouble::Killed),
    cell("killed after the commit", 1, Trouble::KilledAfterCommit),
    cell("killed before the commit", 1, Trouble::KilledBeforeCommit),
    cell("two daemons, killed", 2, Trouble::Killed),
    cell("two daemons, killed after the commit", 2, Trouble::KilledAfterCommit),
    cell("two daemons, frozen", 2, Trouble::Frozen),
    cell("three daemons, killed", 3, Trouble::Killed),
    cell("three daemons, frozen", 3, Trouble::Frozen),
    cell("answer lost", 1, Trouble::Line("writes", FaultKind::AnswerLost, 2)),
    cell("late commit", 1, Trouble::Line("writes", FaultKind::LateCommit { ms: 2500 }, 1)),
    cell("cut before the commit", 1, Trouble::Line("writes", FaultKind::CutBefore, 2)),
    cell("reads cut", 1, Trouble::Line("reads", FaultKind::CutBefore, 8)),
    cell("connections refused", 1, Trouble::Line("connections", FaultKind::ConnectionRefused, 12)),
    cell("tls fails", 1, Trouble::Line("connections", FaultKind::TlsFailure, 12)),
    cell("429", 1, Trouble::Line("writes", FaultKind::throttled(None), 2)),
    cell("429 until a date", 2, Trouble::Line("reads", FaultKind::throttled(Some(RetryAfter::Date(3))), 1)),
    cell("503 after the commit", 1, Trouble::Line("writes", committed(503, false), 1)),
    cell("500 before the commit", 1, Trouble::Line("writes", FaultKind::status(500), 2)),
    cell("502 in html after the commit", 1, Trouble::Line("writes", committed(502, true), 2)),
    cell("200 in html", 1, Trouble::Line("reads", FaultKind::html(200), 4)),
    cell("403 in html", 1, Trouble::Line("reads", FaultKind::ip_refused(), 4)),
    cell("truncated xml of writes", 1, Trouble::Line("writes", FaultKind::TruncatedXml, 2)),
    cell("truncated xml of reads", 1, Trouble::Line("reads", FaultKind::TruncatedXml, 4)),
    cell("wrong content type", 1, Trouble::Line("writes", FaultKind::WrongContentType, 2)),
    cell("slow drip", 1, Trouble::Line("writes", FaultKind::SlowDrip { ms: 200 }, 1)),
    cell("stale reads", 1, Trouble::Line("reads", FaultKind::StaleRead { ms: 1000 }, 6)),
    cell("key taken", 1, Trouble::Line("resource.UpdateLicenses", FaultKind::KeyTaken, 1)),
    cell("backends terminated", 1, Trouble::Backends),
    cell("two daemons, backends terminated", 2, Trouble::Backends),
    cell("postgresql restarted", 1, Trouble::Restarted(Stop::Fast)),
    cell("postgresql restarted at once", 2, Trouble::Restarted(Stop::Immediate)),
    cell("postgresql crashed", 1, Trouble::Crashed),
    cell("postgresql frozen", 1, Trouble::Stuck(5)),
    cell("postgresql frozen for longer than a lease", 2, Trouble::Stuck(14)),
    cell("postgresql refuses", 1, Trouble::Database(LineFault::Refuse, 3000)),
    cell("postgresql's commits are cut", 1, Trouble::Database(LineFault::CutAnswers, 400)),
    cell("postgresql's answers are lost", 1, Trouble::Database(LineFault::SwallowAnswers, 400)),
    cell("osa is down", 1, Trouble::Osa(Side::FromApp, Fault::Refused)),
    cell("osa answers 400", 1, Trouble::Osa(Side::FromApp, Fault::BadRequest)),
    cell("osa refuses our certificate", 1, Trouble::Osa(Side::FromApp, Fault::Forbidden)),
    cell("osa shows an expired certificate", 1, Trouble::Osa(Side::FromApp, Fault::ExpiredCertificate)),
    cell("osa hears 503 although it was done", 1, Trouble::Osa(Side::ToApp, Fault::ServerError)),
    cell("the clock an hour ahead", 1, Trouble::Clock(3600)),
    cell("the clock an hour back", 2, Trouble::Clock(-3600)),
];

/// The cells of the normal run.
const SHORT: [&str; 4] = ["two daemons, killed", "answer lost", "backends terminated", "429 until a date"];

/// How often trouble strikes in a play.
const STRIKES: u64 = 3;
/// Writes at Mozy in a play, more or less; strikes are spread over them.
const WRITES: u64 = 75;
/// So many cells at once: they mostly wait.
const AT_ONCE: usize = 3;
/// What a cell may take.
const CELL: Duration = Duration::from_secs(300);

impl Cell {
    fn needs_a_cluster(&self) -> bool {
        use Trouble::{Crashed, Database, Restarted, Stuck};
        matches!(self.trouble, Some(Database(..) | Restarted(_) | Crashed | Stuck(_)))
    }

    /// After how many writes at Mozy it strikes: elsewhere for each seed.
    fn moments(&self, seed: u64) -> Vec<u64> {
        let salt = self.name.bytes().fold(seed, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
        let part = WRITES / STRIKES;
        (0..STRIKES).map(|nth| nth * part + 1 + (salt >> (nth * 8)) % (part - 4)).collect()
    }

    async fn play(&self, seed: u64) -> Result<Vec<String>> {
        let shared = if self.needs_a_cluster() { None } else { Some(TestDb::empty()) };
        let (url, database) = match &shared {
            Some(db) => (db.url(), None),
            None => {
                let cluster =
                    Run::join().private_cluster(Settings { durable: true, ..Settings::default() })?;
                cluster.create_database("mozyd")?;
                let proxy = FaultProxy::start(Upstream::Unix(cluster.dir().join(".s.PGSQL.5432")))?;
                (cluster.url("mozyd"), Some((cluster, proxy)))
            }
        };
        let through = match &database {
            Some((_, proxy)) => format!("postgres://postgres@{}/mozyd", proxy.address()),
            None => url.clone(),
        };
        let clock = tempfile::NamedTempFile::new()?;
        std::fs::write(&clock, "+0")?;
        let mut lab = Lab::start(self.options(seed, through, &clock)?).await?;
        for _ in 1..self.daemons {
            lab.add_daemon().await?;
        }
        let resellers = lab.install(true).await?;
        let hands = Hand::all(&mut lab);
        let clock = Some(clock.path().to_owned());
        let mut scene = Scene { lab: &lab, hands, database, url, clock, turn: seed as usize };
        let over = Flag::new(false);
        let play = async {
            let played = Play::new(&lab, resellers, seed).whole().await;
            over.set(true);
            played
        };
        let (played, strikes) = tokio::join!(play, self.strike(&mut scene, seed, &over));
        let strikes = strikes?;
        played?;
        scene.recover(self.trouble, strikes)?;
        let refresh = || scene.hands[0].refresh();
        let lines = end::of(&lab, &[lab.instance(), resellers], &scene.url, refresh).await?;
        for hand in &scene.hands {
            hand.stop().await?;
        }
        let held = sql(&scene.url, "SELECT subscription_id FROM work WHERE lease_owner IS NOT NULL").await?;
        ensure!(held.is_empty(), "leases are left behind: {held:?}");
        Ok(lines)
    }

    fn options(&self, seed: u64, url: String, clock: &tempfile::NamedTempFile) -> Result<Options> {
        let mut options = Options { seed, database_url: Some(url), ..Options::default() }
            .setting("mozy.timeout", "2s")
            .setting("mozy.settle", "3s");
        if let Some(Trouble::Clock(_)) = self.trouble {
            let library = faketime().context("libfaketime is not installed")?;
            let variable = |name: &str, value: &str| (name.to_owned(), value.to_owned());
            options.environment = vec![
                variable("LD_PRELOAD", &library),
                variable("FAKETIME_TIMESTAMP_FILE", &clock.path().display().to_string()),
                variable("FAKETIME_NO_CACHE", "1"),
                variable("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
            ];
        }
        Ok(options)
    }

    /// Strikes at its moments until the play is over; how often it did.
    async fn strike(&self, scene: &mut Scene<'_>, seed: u64, over: &Flag<bool>) -> Result<usize> {
        let Some(trouble) = self.trouble else { return Ok(0) };
        let mut strikes = 0;
        for moment in self.moments(seed) {
            while !over.get() && scene.lab.mozy().counters().writes < moment {
                sleep(Duration::from_millis(2)).await;
            }
            if over.get() {
                break;
            }
            scene.suffer(trouble).await.with_context(|| format!("strike {strikes}"))?;
            strikes += 1;
        }
        Ok(strikes)
    }

    /// Plays it, and compares its end with the one in peace.
    async fn run(&self, seed: u64, reference: &[String]) -> Result<()> {
        let told = tokio::time::timeout(CELL, AssertUnwindSafe(self.play(seed)).catch_unwind()).await;
        let end = match told.with_context(|| format!("it took longer than {CELL:?}"))? {
            Ok(end) => end?,
            Err(_) => bail!("it panicked, see above"),
        };
        let missing = reference.iter().filter(|line| !end.contains(line)).map(|line| format!("  - {line}"));
        let new = end.iter().filter(|line| !reference.contains(line)).map(|line| format!("  + {line}"));
        let differences: Vec<String> = missing.chain(new).collect();
        ensure!(differences.is_empty(), "another end than in peace:\n{}", differences.join("\n"));
        Ok(())
    }
}

fn faketime() -> Option<String> {
    let found =
        ["x86_64", "aarch64"].map(|cpu| format!("/usr/lib/{cpu}-linux-gnu/faketime/libfaketime.so.1"));
    let found = found.into_iter().find(|path| std::path::Path::new(path).is_file());
    needed("faketime", found.map(Into::into)).map(|path| path.display().to_string())
}

/// Plays cells and prints a table; says what failed and how to repeat it.
async fn table(seed: u64, cells: Vec<Cell>) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let reference = PEACE.play(seed).await.expect("the play in peace");
    let begun = Instant::now();
    let one = async |cell: &Cell| {
        let begun = Instant::now();
        let failure = cell.run(seed, &reference).await.err();
        let verdict = if failure.is_some() { "FAILED" } else { "same end" };
        println!("{:<44} {:>5.1} s  {verdict}", cell.name, begun.elapsed().as_secs_f32());
        failure.map(|failure| {
            let mut said = format!("{}: {failure:#}\n", cell.name);
            let _ = writeln!(said, "  repeat: tests/matrix --seed {seed} --only '{}'", cell.name);
            said
        })
    };
    let failures: Vec<String> = stream::iter(&cells)
        .map(one)
        .buffer_unordered(AT_ONCE)
        .filter_map(async |failure| failure)
        .collect()
        .await;
    println!("{} cells, seed {seed}, {:.0} s", cells.len(), begun.elapsed().as_secs_f32());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn known(cell: &&Cell) -> bool {
    !matches!(cell.trouble, Some(Trouble::Clock(_))) || faketime().is_some()
}

#[tokio::test]
async fn a_few_cells() {
    let cells = CELLS.iter().filter(|cell| SHORT.contains(&cell.name)).filter(known).copied();
    table(1, cells.collect()).await;
}

#[tokio::test]
#[ignore = "takes minutes: tests/matrix"]
async fn whole() {
    let variable = |name| std::env::var(name).ok().filter(|value: &String| !value.is_empty());
    let seed = variable("MATRIX_SEED").map_or(1, |seed| seed.parse().expect("a number in MATRIX_SEED"));
    let only = variable("MATRIX_ONLY").unwrap_or_default();
    let cells: Vec<Cell> =
        CELLS.iter().filter(|cell| cell.name.contains(&only)).filter(known).copied().collect();
    assert!(!cells.is_empty(), "no cell's name contains {only:?}");
    table(seed, cells).await;
}
