//! `completions`: what a shell needs to complete our verbs.

use anyhow::Result;
use clap::CommandFactory;
use clap_complete::Shell;

use super::args::Arguments;
use super::exit::Exit;
use super::style::print;

/// Prints the completions for a shell.
pub fn completions(shell: Shell) -> Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "mozyd", &mut script);
    print(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
