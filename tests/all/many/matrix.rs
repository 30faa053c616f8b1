//! The matrix: the same play once in peace, and once for every trouble. The end must be the same, the trouble must have
//! come, something must tell of it, nobody complains of anything else, and no secret is in a log or in the database.

use std::cell::Cell as Flag;
use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use futures_util::{FutureExt, StreamExt, stream};
use mozyd::lab::faultproxy::{FaultProxy, Upstream};
use mozyd::lab::pgbouncer::PgBouncer;
use mozyd::lab::postgres::Settings;
use mozyd::lab::{Lab, Options};
use tokio::time::sleep;
use uuid::Uuid;

use super::cells::{CELLS, Cell, PEACE};
use super::end::{self, sql};
use super::hand::Hand;
use super::play::{Play, with_logs};
use super::trouble::{Scene, Trouble};
use crate::support::secrets::{Secrets, dump, with_every_secret};
use crate::support::{Run, TestDb, faketime};

/// The cells of the normal run.
const SHORT: [&str; 6] = [
    "two daemons, killed",
    "answer lost",
    "backends terminated",
    "behind a pool, reconnected",
    "behind a pool, killed",
    "behind a pool, backends terminated",
];

/// How often trouble strikes in a play.
const STRIKES: u64 = 3;
/// Writes at Mozy in a play, more or less; strikes are spread over them.
const WRITES: u64 = 75;
/// So many cells at once: they mostly wait.
const AT_ONCE: usize = 3;
/// What a cell may take.
const CELL: Duration = Duration::from_secs(300);

/// How a play came out.
struct Outcome {
    /// Its end, in lines.
    end: Vec<String>,
    /// How often trouble struck.
    strikes: usize,
}

impl Cell {
    /// After how many writes at Mozy it strikes: elsewhere for each seed.
    fn moments(&self, seed: u64) -> Vec<u64> {
        let salt = self.name.bytes().fold(seed, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
        let part = WRITES / STRIKES;
        (0..STRIKES).map(|nth| nth * part + 1 + (salt >> (nth * 8)) % (part - 4)).collect()
    }

    async fn play(&self, seed: u64) -> Result<Outcome> {
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
        let bouncer = match self.pooled {
            true => Some(PgBouncer::start(Run::join().dir(), &url).await?),
            false => None,
        };
        let through = match (&database, &bouncer, &shared) {
            (Some((_, proxy)), ..) => format!("postgres://postgres@{}/mozyd", proxy.address()),
            (None, Some(bouncer), Some(db)) => bouncer.url(db.name()),
            _ => url.clone(),
        };
        let clock = tempfile::NamedTempFile::new()?;
        std::fs::write(&clock, "+0")?;
        let mut lab = Lab::start(self.options(seed, through, &clock)?).await?;
        for _ in 1..self.daemons {
            lab.add_daemon().await?;
        }
        let resellers = lab.install(true).await?;
        let (hands, over) = (Hand::all(&mut lab), Flag::new(false));
        let (turn, clock) = (seed as usize, clock.path().to_owned());
        let scene = Scene { lab: &lab, hands, database, bouncer, url, clock, turn, over: &over };
        with_logs(&lab, self.on(scene, resellers, seed).await)
    }

    async fn on(&self, mut scene: Scene<'_>, resellers: Uuid, seed: u64) -> Result<Outcome> {
        let (lab, over) = (scene.lab, scene.over);
        let play = async {
            let played = Play::new(lab, resellers, seed).whole().await;
            over.set(true);
            played
        };
        let (played, strikes) = tokio::join!(play, self.strike(&mut scene, seed));
        let strikes = strikes?;
        played?;
        scene.recover(self.trouble, strikes)?;
        let refresh = || scene.hands.iter().for_each(Hand::refresh);
        let end = end::of(lab, &[lab.instance(), resellers], &scene.url, refresh).await?;
        if let Some(trouble) = self.trouble {
            scene.told(trouble).await?;
        }
        if self.pooled {
            deaf(&scene).await?;
        }
        for hand in &scene.hands {
            hand.stop().await?;
        }
        let held = sql(&scene.url, "SELECT subscription_id FROM work WHERE lease_owner IS NOT NULL").await?;
        ensure!(held.is_empty(), "leases are left behind: {held:?}");
        scene.quiet(self.trouble)?;
        nothing_told(&scene)?;
        Ok(Outcome { end, strikes })
    }

    fn options(&self, seed: u64, url: String, clock: &tempfile::NamedTempFile) -> Result<Options> {
        // A machine that is slow is no trouble of Mozy's, and nothing may be said of it.
        let timeout = if let Some(Trouble::Line(..)) = self.trouble { "2s" } else { "5s" };
        let mut options = Options { seed, database_url: Some(url), ..Options::default() }
            .setting("mozy.timeout", timeout)
            .setting("mozy.settle", "3s");
        if self.pooled {
            options = options.setting("database.pooling", "transaction");
        }
        if let Some(Trouble::Clock(_)) = self.trouble {
            options.environment = faketime(clock.path()).context("libfaketime is not installed")?;
        }
        with_every_secret(options)
    }

    /// Strikes at its moments until the play is over; how often it did.
    async fn strike(&self, scene: &mut Scene<'_>, seed: u64) -> Result<usize> {
        let Some(trouble) = self.trouble else { return Ok(0) };
        let mut strikes = 0;
        for moment in self.moments(seed) {
            while !scene.over.get() && scene.lab.mozy().counters().writes < moment {
                sleep(Duration::from_millis(2)).await;
            }
            if scene.over.get()
                || !scene.suffer(trouble).await.with_context(|| format!("strike {strikes}"))?
            {
                break;
            }
            strikes += 1;
        }
        Ok(strikes)
    }

    /// Plays it, and compares its end with the one in peace; how often trouble struck.
    async fn run(&self, seed: u64, reference: &[String]) -> Result<usize> {
        let told = tokio::time::timeout(CELL, AssertUnwindSafe(self.play(seed)).catch_unwind()).await;
        let Outcome { end, strikes } = match told.with_context(|| format!("it took longer than {CELL:?}"))? {
            Ok(outcome) => outcome?,
            Err(_) => bail!("it panicked, see above"),
        };
        let missing = reference.iter().filter(|line| !end.contains(line)).map(|line| format!("  - {line}"));
        let new = end.iter().filter(|line| !reference.contains(line)).map(|line| format!("  + {line}"));
        let differences: Vec<String> = missing.chain(new).collect();
        ensure!(differences.is_empty(), "another end than in peace:\n{}", differences.join("\n"));
        Ok(strikes)
    }
}

/// Behind a pool of transactions nobody listens: what is heard there is heard by somebody else.
async fn deaf(scene: &Scene<'_>) -> Result<()> {
    ensure!(scene.sum("mozyd_listen_connected", |_| true).await? == 0.0, "a daemon believes that it hears");
    let listening = "SELECT pid FROM pg_stat_activity WHERE query LIKE '%LISTEN%' AND pid <> pg_backend_pid() \
        AND datname = current_database()";
    ensure!(sql(&scene.url, listening).await?.is_empty(), "somebody listens");
    Ok(())
}

/// No secret is in a log at its most talkative, or in the database.
fn nothing_told(scene: &Scene<'_>) -> Result<()> {
    let secrets = Secrets::of(scene.lab)?;
    let logs: String = scene.hands.iter().map(Hand::log).collect::<Result<_>>()?;
    ensure!(logs.contains("\"level\":\"TRACE\""), "the logs are not at their most talkative");
    let (logs, database) = (secrets.in_text(&logs), dump(&scene.url)?);
    ensure!(logs.is_empty(), "{logs:?} in the logs");
    let database = secrets.in_text(&database);
    ensure!(database.is_empty(), "{database:?} in the database");
    Ok(())
}

/// Plays cells and prints a table; says what failed and how to repeat it.
async fn table(seed: u64, cells: Vec<Cell>) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let all = cells.len();
    let can = |cell: &Cell| match cell.lacks() {
        None => true,
        Some(program) => {
            println!("{:<46} {:>7}  SKIPPED: {program} is not installed", cell.name, "");
            false
        }
    };
    let cells: Vec<Cell> = cells.into_iter().filter(can).collect();
    let reference = PEACE.play(seed).await.expect("the play in peace").end;
    let begun = Instant::now();
    let one = async |cell: &Cell| {
        let begun = Instant::now();
        let played = cell.run(seed, &reference).await;
        let verdict = match &played {
            Ok(strikes) => format!("same end, {strikes} strikes"),
            Err(_) => "FAILED".to_owned(),
        };
        println!("{:<46} {:>5.1} s  {verdict}", cell.name, begun.elapsed().as_secs_f32());
        played.err().map(|failure| {
            println!("  {failure:#}\n  repeat: tests/matrix --seed {seed} --only '{}'", cell.name);
            cell.name
        })
    };
    let failures: Vec<&str> = stream::iter(&cells)
        .map(one)
        .buffer_unordered(AT_ONCE)
        .filter_map(async |failure| failure)
        .collect()
        .await;
    println!(
        "{all} cells: {} with the same end, {} failed, {} SKIPPED; seed {seed}, {:.0} s",
        cells.len() - failures.len(),
        failures.len(),
        all - cells.len(),
        begun.elapsed().as_secs_f32()
    );
    assert!(failures.is_empty(), "failed: {}", failures.join(", "));
}

fn those(wanted: impl Fn(&Cell) -> bool) -> Vec<Cell> {
    CELLS.iter().filter(|cell| wanted(cell)).copied().collect()
}

// On several threads: Mozy and OSA answer others while a PostgreSQL is started or the end of a daemon is waited for.
#[tokio::test(flavor = "multi_thread")]
async fn a_few_cells() {
    table(1, those(|cell| SHORT.contains(&cell.name))).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: tests/matrix"]
async fn whole() {
    let variable = |name| std::env::var(name).ok().filter(|value: &String| !value.is_empty());
    let seed = variable("MATRIX_SEED").map_or(1, |seed| seed.parse().expect("a number in MATRIX_SEED"));
    let only = variable("MATRIX_ONLY").unwrap_or_default();
    let cells = those(|cell| cell.name.contains(&only));
    assert!(!cells.is_empty(), "no cell's name contains {only:?}");
    table(seed, cells).await;
}
