//! `mozy-lab` from the first line to the exit code: start everything, play the day, print the table, tell the truth.

use std::cell::Cell;
use std::fs::File;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};

use super::options::{self, Auth, Options};
use super::screen::{Screen, count, seconds};
use super::verdict::Verdict;
use super::{Lab, bench, day};
use crate::cli::style::Tone;

/// A provider's first day with mozyd, on one machine: a private PostgreSQL, a Mozy, an OSA, and the real mozyd.
#[derive(Clone, Debug, Parser)]
#[command(name = "mozy-lab", version, max_term_width = 100, after_help = AFTER, args_conflicts_with_subcommands = true)]
pub struct Arguments {
    /// Something else than a day.
    #[command(subcommand)]
    pub other: Option<Other>,
    /// How many customers order.
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=2000))]
    pub customers: u16,
    /// Repeats a day: the same names and numbers. By default every day is different.
    #[arg(long, value_name = "NUMBER")]
    pub seed: Option<u64>,
    /// How OSA and mozyd prove to each other who they are.
    #[arg(long, value_name = "WAY", value_enum, default_value_t = Auth::MutualTls)]
    pub auth: Auth,
    /// A switch of the Mozy simulator, what nobody knows about Mozy; may be repeated. A wrong name lists all.
    #[arg(long = "switch", value_name = "NAME=VALUE")]
    pub switches: Vec<String>,
    /// Leaves everything running at the end, until Ctrl-C.
    #[arg(long)]
    pub keep: bool,
    /// Writes what is shown to this file, too.
    #[arg(long, value_name = "FILE")]
    pub log: Option<PathBuf>,
}

/// What the lab does besides a provider's first day.
#[derive(Clone, Debug, Subcommand)]
pub enum Other {
    /// Measures how fast and how small mozyd is.
    Bench(bench::Arguments),
    /// A process of the bench.
    #[command(hide = true, subcommand)]
    BenchPart(bench::Part),
}

const AFTER: &str = "\
Exit codes:
  0  everything that OSA wants is what Mozy has, and is billed as Mozy counts it
  1  something differs, or the day could not be played to its end; the last lines say what";

/// Plays the day; whether all is well stands in `good` as soon as it is known. What went wrong has been shown. With
/// `--keep` it never ends by itself.
pub async fn run(arguments: &Arguments, good: &Cell<Option<bool>>) -> Result<()> {
    match &arguments.other {
        Some(Other::Bench(bench)) => return bench::run(bench).await.inspect(|()| good.set(Some(true))),
        Some(Other::BenchPart(part)) => {
            return bench::part(part.clone()).await.inspect(|()| good.set(Some(true)));
        }
        None => {}
    }
    let switches = options::switches(&arguments.switches)?;
    let screen = match &arguments.log {
        Some(path) => Screen::stdout().log_to(file(path)?),
        None => Screen::stdout(),
    };
    let seed = arguments.seed.unwrap_or_else(|| u64::from(rand::random::<u16>()));
    let options = Options { auth: arguments.auth, seed, switches, ..Options::default() };
    let begun = Instant::now();
    let customers = count(arguments.customers.into(), "customer");
    let title = format!("A provider's first day: {customers}, seed {seed}");
    screen.line(Tone::Bold, &title);
    let lab = Lab::start(options).await.context("starting the lab")?;
    introduce(&lab, &screen, begun);
    let all_well = judge(&lab, &screen, arguments, seed, begun).await;
    good.set(Some(all_well));
    if !all_well {
        lab.home().keep_logs();
        screen.fact("mozyd's log", &lab.mozyd().log().display().to_string());
        screen.fact("to repeat it", &again(arguments, seed));
    }
    if arguments.keep {
        try_it(&lab, &screen);
        std::future::pending::<()>().await;
    }
    lab.stop().await
}

fn file(path: &PathBuf) -> Result<File> {
    File::create(path).with_context(|| format!("writing --log {}", path.display()))
}

fn introduce(lab: &Lab, screen: &Screen, begun: Instant) {
    let mozyd = lab.mozyd();
    screen.fact("PostgreSQL", lab.database_url());
    screen.fact("Mozy", &lab.mozy_url());
    screen.fact("OSA", &lab.osa().controller_url());
    screen.fact("mozyd", &format!("{}, its admin face http://{}", lab.endpoint_url(mozyd), mozyd.admin()));
    screen.fact("", &format!("all ready after {}", seconds(begun.elapsed())));
}

async fn judge(lab: &Lab, screen: &Screen, arguments: &Arguments, seed: u64, begun: Instant) -> bool {
    let played = day::play(lab, screen, usize::from(arguments.customers), seed).await;
    let verdict = Verdict::of(lab);
    verdict.show(screen);
    screen.line(Tone::Plain, "");
    let took = seconds(begun.elapsed());
    match &played {
        Ok(()) if verdict.is_good() => {
            let text =
                format!("{} in agreement after {took}", count(verdict.rows.len() as i64, "subscription"));
            screen.line(Tone::Good, &text);
        }
        Ok(()) => screen.line(Tone::Bad, &format!("not in agreement, after {took}")),
        Err(error) => {
            let text = format!("the day ended early, after {took}: {error:#}");
            text.lines().for_each(|line| screen.line(Tone::Bad, line));
        }
    }
    played.is_ok() && verdict.is_good()
}

/// The command that plays the same day again.
fn again(arguments: &Arguments, seed: u64) -> String {
    let Arguments { customers, auth, switches, .. } = arguments;
    let mut command = format!("tests/lab --seed {seed} --customers {customers} --auth {}", auth.as_str());
    switches.iter().for_each(|switch| command.push_str(&format!(" --switch '{switch}'")));
    command
}

/// Prints what to try while everything stays as it is.
fn try_it(lab: &Lab, screen: &Screen) {
    let mozyd = lab.mozyd();
    let verb = format!("{} --config {}", mozyd.program().display(), mozyd.config().display());
    screen.line(Tone::Bold, "everything stays as it is until Ctrl-C; try:");
    screen.fact("state", &format!("{verb} status"));
    screen.fact("history", &format!("{verb} events"));
    screen.fact("metrics", &format!("curl -s http://{}/metrics", mozyd.admin()));
    screen.fact("Mozy", &format!("curl -sk {}/_sim/state", lab.mozy_url()));
    screen.fact("OSA", &format!("curl -s {}/tasks", lab.osa().control_url().unwrap_or_default()));
    screen.fact("log", &mozyd.log().display().to_string());
}
