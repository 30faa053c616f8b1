//! `check-config`: every problem of the configuration and of the files it names, each with its line.

use std::path::Path;

use anyhow::Result;
use serde_json::json;

use super::args::Output;
use super::exit::Exit;
use super::style::{Style, Tone, print};
use crate::config::{Config, Problems};

/// Reads everything and says what is wrong.
pub fn check_config(path: &Path, output: Output) -> Result<Exit> {
    let problems = Config::check(path).err().unwrap_or(Problems(Vec::new()));
    print(&match output {
        Output::Text => text(path, &problems),
        Output::Json => format!("{}\n", json!({"ok": problems.0.is_empty(), "problems": problems})),
    })?;
    Ok(if problems.0.is_empty() { Exit::Done } else { Exit::Error })
}

fn text(path: &Path, problems: &Problems) -> String {
    let style = Style::of_stdout();
    if problems.0.is_empty() {
        return format!("{} {}\n", style.paint(Tone::Good, "good:"), path.display());
    }
    let line = |problem: &_| format!("{} {problem}\n", style.paint(Tone::Bad, "bad:"));
    problems.0.iter().map(line).collect()
}
