//! What a provider is given: the package, its unit, metrics, alerts, dashboards and the runbook are what they say.

mod life;
mod live;
mod moving;
mod package;
mod rules;
mod series;
mod unit;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::needed;

/// A file or folder of the repository.
fn ours(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The text of a file of the repository.
fn read(path: &str) -> String {
    std::fs::read_to_string(ours(path)).unwrap_or_else(|error| panic!("reading {path}: {error}"))
}

/// A command of a program that not every machine has; without one, the test does nothing and says so.
fn command(name: &str) -> Option<Command> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join(name)).find(|program| program.exists());
    needed(name, found).map(Command::new)
}

/// What a program printed, to both outputs; it has to succeed.
fn output(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}: run tests/setup"));
    let text = |raw: &[u8]| String::from_utf8_lossy(raw).into_owned();
    let said = text(&output.stdout) + &text(&output.stderr);
    assert!(output.status.success(), "{command:?} ended with {}:\n{said}", output.status);
    said
}

/// The text that a daemon at rest shows to Prometheus.
fn at_rest() -> String {
    mozyd::daemon::metrics().unwrap().encode().unwrap()
}

/// Every series without its value.
fn series(text: &str) -> BTreeSet<String> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| Some(line.rsplit_once(' ')?.0.to_owned())).collect()
}

/// The families of a text, by name.
fn families(text: &str) -> BTreeSet<String> {
    let lines = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    lines.filter_map(|line| Some(line.split_once(' ')?.0.to_owned())).collect()
}

/// The words of a text that `begin` so: letters, digits, `_` and `:`.
fn words(text: &str, begin: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':'));
    words.filter(|word| word.starts_with(begin)).map(ToOwned::to_owned).collect()
}
