//! `mozy-lab bench`: how fast and how small mozyd is, measured on whole processes and held against a bare client.
//!
//! [`estate`] is what there is, [`fill`] puts it into PostgreSQL, [`answerer`] answers for Mozy from memory; [`stage`]
//! runs them with a real mozyd, and each other module measures one thing.

mod answer;
mod answerer;
mod bare;
mod estate;
mod fill;
mod probe;
mod stage;
mod stats;
mod sweep;

use std::time::Duration;

use anyhow::Result;
use clap::{Args, Subcommand};

use estate::Estate;
use stage::{Plan, Stage};

/// How fast and how small mozyd is: whole processes on this machine, held against a bare client.
#[derive(Clone, Debug, Args)]
pub struct Arguments {
    /// How many subscriptions; may be repeated.
    #[arg(long, value_name = "N", default_values_t = [1_000])]
    pub subscriptions: Vec<i64>,
    /// How many users each has, with a licence each.
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub users: i64,
    /// Calls to Mozy at the same time.
    #[arg(long, value_name = "N", default_value_t = 32)]
    pub at_once: usize,
    /// Workers of the daemon.
    #[arg(long, value_name = "N", default_value_t = 64)]
    pub workers: usize,
    /// Pairs of a bare loop and a sweep.
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub pairs: usize,
    /// Processors of what is measured; none leaves it to the kernel.
    #[arg(long, value_name = "N", value_delimiter = ',')]
    pub measured: Vec<usize>,
    /// Processors of PostgreSQL and Mozy.
    #[arg(long, value_name = "N", value_delimiter = ',')]
    pub others: Vec<usize>,
}

/// What the bench runs as processes of its own.
#[derive(Clone, Debug, Subcommand)]
pub enum Part {
    /// Answers for Mozy.
    Mozy {
        /// Of the estate.
        subscriptions: i64,
        /// Of the estate.
        each: i64,
    },
    /// Calls Mozy as a sweep does.
    Bare {
        /// Of the estate.
        subscriptions: i64,
        /// Of the estate.
        each: i64,
        /// Calls at a time.
        at_once: usize,
        /// Mozy.
        url: String,
        /// The credential.
        api_key: String,
    },
}

/// Runs one part.
pub async fn part(part: Part) -> Result<()> {
    match part {
        Part::Mozy { subscriptions, each } => {
            answerer::serve(Estate { subscriptions, each }, Duration::ZERO).await
        }
        Part::Bare { subscriptions, each, at_once, url, api_key } => {
            let bare = bare::run(Estate { subscriptions, each }, url, api_key, at_once).await?;
            println!("{}", serde_json::to_string(&bare)?);
            Ok(())
        }
    }
}

/// Measures everything.
pub async fn run(arguments: &Arguments) -> Result<()> {
    for subscriptions in &arguments.subscriptions {
        let estate = Estate { subscriptions: *subscriptions, each: arguments.users };
        let plan = Plan {
            estate,
            at_once: arguments.at_once,
            workers: arguments.workers,
            measured: arguments.measured.clone(),
            others: arguments.others.clone(),
        };
        let mut stage = Stage::set(plan).await?;
        stage.pin_daemon()?;
        eprintln!("filled in {:?}, ready after {:?}", stage.filled, stage.start_to_ready);
        let first = sweep::sweep_once(&mut stage).await?;
        eprintln!("first sweep {:.2} s, memory {:?}", first.seconds, probe::memory(stage.pid())?);
        let asked = sweep::asked(&mut stage).await?;
        eprintln!("{}", serde_json::to_string_pretty(&asked)?);
        let paired = sweep::paired(&mut stage, arguments.pairs).await?;
        eprintln!("{}", serde_json::to_string_pretty(&paired)?);
        eprintln!("memory {:?}", probe::memory(stage.pid())?);
        stage.strike().await?;
    }
    Ok(())
}
