//! The verbs an operator types: thin, each one file.

pub mod args;
pub mod style;
pub mod table;

mod adopt;
mod apply;
mod approve;
mod audit;
mod check_config;
mod completions;
mod context;
mod doubts;
mod events;
mod exit;
mod explain;
mod forget;
mod lists;
mod man;
mod migrate;
mod operator;
mod plan;
mod progress;
mod run;
mod status;
mod who;

#[cfg(test)]
mod tests;

use std::io::{self, Write};

use anyhow::Result;
use clap::Parser;
use tracing::Level;

pub use args::{Arguments, Command, Output};
pub use exit::Exit;
use style::{Style, Tone};

use crate::telemetry;

/// Reads the arguments of this process and does what they say.
pub fn main() -> Exit {
    match Arguments::try_parse() {
        Ok(arguments) => run(arguments).unwrap_or_else(|error| report(&error)),
        Err(error) => mistyped(&error),
    }
}

/// Does what the arguments say. The daemon sets up its own log, as its configuration says.
pub fn run(arguments: Arguments) -> Result<Exit> {
    if arguments.command != Command::Run {
        telemetry::init_verb()?;
    }
    match &arguments.command {
        Command::CheckConfig => check_config::check_config(&arguments.config, arguments.output),
        Command::Completions(completions) => completions::completions(completions.shell),
        Command::Man => man::man(),
        Command::Run => run::run(&arguments),
        Command::Migrate => migrate::migrate(&arguments),
        Command::Status(which) => status::status(&arguments, which.subscription.as_deref()),
        Command::Explain(which) => explain::explain(&arguments, &which.subscription),
        Command::Plan(which) => plan::plan(&arguments, which.subscription.as_deref()),
        Command::Events(which) => events::events(&arguments, which.subscription.as_deref()),
        Command::Refresh(which) => operator::refresh(&arguments, which.subscription.as_deref()),
        Command::Pause(which) => operator::pause(&arguments, &which.subscription, true),
        Command::Resume(which) => operator::pause(&arguments, &which.subscription, false),
        Command::Unmanaged => lists::unmanaged(&arguments),
        Command::Doubts => doubts::doubts(&arguments),
        Command::Approve(which) => approve::approve(&arguments, &which.hash),
        Command::Apply(which) => apply::apply(&arguments, &which.plan),
        Command::Adopt(which) => adopt::adopt(&arguments, &which.id),
        Command::Resolve(which) => doubts::resolve(&arguments, which),
        Command::Forget(which) => forget::forget(&arguments, which),
        Command::Usage { command: args::Usage::Audit } => audit::audit(&arguments),
    }
}

/// Prints help where it was asked for, else what was mistyped: that is an error, and never "a difference".
fn mistyped(error: &clap::Error) -> Exit {
    match style::written(error.print()) {
        Err(error) => report(&error),
        Ok(()) if error.use_stderr() => Exit::Error,
        Ok(()) => Exit::Done,
    }
}

/// Prints an error and its causes to stderr, each line as the journal files it by.
fn report(error: &anyhow::Error) -> Exit {
    let title = Style::of_stderr().paint(Tone::Bad, "error:");
    let mark = telemetry::mark(&io::stderr(), Level::ERROR);
    let text = format!("{title} {}", message(error));
    let lines: String = text.lines().map(|line| format!("{mark}{line}\n")).collect();
    // Nobody is left to be told that stderr is gone.
    let _ = io::stderr().write_all(lines.as_bytes());
    Exit::Error
}

/// The chain in one go, each cause once, line by line, with nothing in it that steers a terminal.
fn message(error: &anyhow::Error) -> String {
    let mut parts: Vec<String> = Vec::new();
    for cause in error.chain().map(|cause| cause.to_string()) {
        if !parts.iter().any(|part| part.contains(&cause)) {
            parts.push(cause);
        }
    }
    let lines: Vec<String> = parts.join(": ").lines().map(style::printable).collect();
    lines.join("\n       ")
}
