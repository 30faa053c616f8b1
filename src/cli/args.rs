//! The verbs and their arguments, with the words that somebody reads at night.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::config::DEFAULT_PATH;

/// Keeps what customers bought through Odin Service Automation and what Mozy runs for them the same.
#[derive(Clone, Debug, Parser)]
#[command(name = "mozyd", version, max_term_width = 100, propagate_version = true, after_help = AFTER)]
pub struct Arguments {
    /// The configuration.
    #[arg(long, global = true, value_name = "PATH", env = "MOZYD_CONFIG", default_value = DEFAULT_PATH)]
    pub config: PathBuf,
    /// The answer as `text` for people or as `json` for programs.
    #[arg(long, global = true, value_name = "FORM", value_enum, default_value_t = Output::Text)]
    #[arg(hide_possible_values = true)]
    pub output: Output,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const AFTER: &str = "\
A SUBSCRIPTION is an APS id or the number that OSA shows.

Exit codes:
  0  in agreement, or done
  1  an error; what went wrong stands on stderr
  2  there is a difference between what was bought and what Mozy has
  3  held by the guard: an operator has to look, then `mozyd approve HASH`

Something is wrong? Start with `mozyd status`, then `mozyd explain SUBSCRIPTION`.";

/// What the answer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For people.
    Text,
    /// For programs: one JSON document on stdout.
    Json,
}

/// Every verb.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Run the daemon. systemd does this; SIGTERM stops it, SIGHUP reads the configuration again.
    Run,
    /// Bring the tables in PostgreSQL up to date. Safe to run again.
    Migrate,
    /// Say whether the configuration and the files it names make sense. Touches nothing.
    CheckConfig,
    /// Show how all subscriptions are, or everything about one: what was bought, what Mozy has, what is wrong.
    Status(MaybeSubscription),
    /// Say in sentences why a subscription is as it is: what is wanted, what Mozy has, what is in the way, what to do.
    Explain(OneSubscription),
    /// Show what would be done now, and why. Writes nothing but, in PostgreSQL, its share of the calls to Mozy.
    Plan(MaybeSubscription),
    /// Do what `plan` showed, if it still holds.
    Apply(Apply),
    /// Read what Mozy has afresh, correct it and push the usage to OSA. Of one subscription, wait for it.
    Refresh(Refresh),
    /// Leave a subscription alone until `resume`: nothing is written at Mozy for it.
    Pause(OneSubscription),
    /// Work on a paused subscription again.
    Resume(OneSubscription),
    /// Let a plan run that the guard holds, once. Read it first: `mozyd plan` shows it with its hash.
    Approve(Approve),
    /// List what is at Mozy although OSA never told of it. It is never touched.
    Unmanaged,
    /// Bind something `unmanaged` lists to the one wish of OSA that it fits; from then on it is kept as OSA wants it.
    Adopt(Adopt),
    /// List the steps that may or may not have happened at Mozy.
    Doubts,
    /// Look a step in doubt up again now; or close it by your word, if you know better than a look can tell.
    Resolve(Resolve),
    /// Forget a subscription without touching Mozy. What Mozy has stays there, is billed, and is nobody's.
    Forget(Forget),
    /// Show what happened, the newest last.
    Events(MaybeSubscription),
    /// Look into the usage that OSA bills.
    Usage {
        /// What to look into.
        #[command(subcommand)]
        command: Usage,
    },
    /// Print the completions for a shell.
    Completions(Completions),
    /// Print the manual page: `mozyd man | man -l -`.
    Man,
}

/// A subscription, or all.
#[derive(Args, Clone, Debug, PartialEq, Eq)]
pub struct MaybeSubscription {
    /// An APS id or OSA's number; all if left out.
    pub subscription: Option<String>,
}

/// A subscription.
#[derive(Args, Clone, Debug, PartialEq, Eq)]
pub struct OneSubscription {
    /// An APS id or OSA's number.
    pub subscription: String,
}

/// `apply`.
#[derive(Args, Clone, Debug, PartialEq, Eq)]
pub struct Apply {
    /// The hash that `mozyd plan` printed; if the plan has changed since, nothing is done.
    #[arg(long, value_name = "HASH")]
    pub plan: String,
}

/// `refresh`: one or all, and never neither.
#[derive(Args, Clone, Debug, PartialEq, Eq)]
#[group(required = true, multiple = false)]
pub struct Refresh {
    /// An APS id or OSA's number.
    pub subscription: Option<String>,
    /// All subscriptions.
    #[arg(long)]
    pub all: bool,
}

/// `approve`.
#[derive(Args, Clone, Debug, PartialEq, Eq)]
pub struct Approve {
    /// The hash of the held plan.
    pub hash: String,
}

/// `adopt`.
#[derive(Args, Clone, Debug, PartialEq, Eq)]
pub struct Adopt {
    /// The id that `mozyd unmanaged` lists; with its kind before it where two have the same: `user:17`.
    pub id: String,
}

/// `resolve`.
#[derive(Args, Clone, Debug, PartialEq, Eq)]
pub struct Resolve {
    /// The step that `mozyd doubts` lists.
    pub step: String,
    /// It happened at Mozy: it is not done again. What it made is taken for ours by its number.
    #[arg(long, conflicts_with = "not_done", requires = "reason")]
    pub done: bool,
    /// It did not happen and will not: it is planned again if it is still wanted.
    #[arg(long, requires = "reason")]
    pub not_done: bool,
    /// Why you know; it is kept in the events, with your name.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
}

/// `forget`.
#[derive(Args, Clone, Debug, PartialEq, Eq)]
pub struct Forget {
    /// An APS id or OSA's number.
    pub subscription: String,
    /// Why; it is kept in the events, with your name.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
}

/// `usage`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Subcommand)]
pub enum Usage {
    /// Compare what OSA shows, what we keep and what Mozy has now, for every subscription.
    Audit,
}

/// `completions`.
#[derive(Args, Clone, Debug, PartialEq, Eq)]
pub struct Completions {
    /// The shell.
    pub shell: Shell,
}
