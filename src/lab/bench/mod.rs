//! `mozy-lab bench`: how fast and how small mozyd is, measured on whole processes and held against a bare client.
//!
//! `estate` is what there is, `fill` puts it into PostgreSQL, `answerer` answers for Mozy from memory; `stage`
//! runs them with a real mozyd, and each other module measures one thing.

pub mod answer;
mod answerer;
mod bare;
mod change;
pub mod estate;
mod fill;
mod probe;
mod report;
mod retrieve;
mod round;
mod soak;
mod stage;
mod stats;
mod sweep;
mod wanted;

use std::time::Duration;

use anyhow::{Context, Result};
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
    /// Workers of the daemon: some call while others wait for PostgreSQL.
    #[arg(long, value_name = "N", default_value_t = 128)]
    pub workers: usize,
    /// Pairs of a bare loop and a sweep.
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub pairs: usize,
    /// How long Mozy takes for each answer in a second series of pairs, ms; 0 leaves the series out.
    #[arg(long, value_name = "MS", default_value_t = 20)]
    pub delay: u64,
    /// Changes whose way to the call is timed.
    #[arg(long, value_name = "N", default_value_t = 200)]
    pub changes: i64,
    /// Changes made after everything else, to see whether memory grows with them.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub soak: i64,
    /// Writes all figures to this file.
    #[arg(long, value_name = "FILE")]
    pub json: Option<std::path::PathBuf>,
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
    /// Retrieves as OSA does.
    Retrieve {
        /// The endpoint.
        address: String,
        /// A file: who vouches for it.
        authority: String,
        /// A file: the controller's certificate and key.
        controller: String,
        /// Through which instance.
        instance: uuid::Uuid,
        /// Of so many tenants.
        subscriptions: i64,
        /// Over so many connections.
        connections: usize,
        /// For so many seconds.
        seconds: u64,
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
        Part::Retrieve { address, authority, controller, instance, subscriptions, connections, seconds } => {
            let span = Duration::from_secs(seconds);
            let load =
                retrieve::Load { address, authority, controller, instance, subscriptions, connections, span };
            println!("{}", serde_json::to_string(&retrieve::run(load).await?)?);
            Ok(())
        }
    }
}

/// Measures everything, size by size: a table on the screen, and JSON where it is wanted.
pub async fn run(arguments: &Arguments) -> Result<()> {
    let mut all = Vec::new();
    for subscriptions in &arguments.subscriptions {
        let estate = Estate { subscriptions: *subscriptions, each: arguments.users };
        let Arguments { at_once, workers, .. } = *arguments;
        let (measured, others) = (arguments.measured.clone(), arguments.others.clone());
        let mut stage = Stage::set(Plan { estate, at_once, workers, measured, others }).await?;
        eprintln!("{subscriptions} subscriptions: filled in {:.1?}", stage.filled);
        let figures = round::measure(&mut stage, arguments).await?;
        print!("{}", figures.table());
        all.push(figures);
        stage.strike().await?;
        if let Some(path) = &arguments.json {
            std::fs::write(path, serde_json::to_string_pretty(&all)?)
                .with_context(|| format!("writing {}", path.display()))?;
        }
    }
    Ok(())
}
