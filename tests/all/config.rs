//! The real `mozyd check-config`: what it says, where it says it, and the code it leaves with.

use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use rcgen::{CertifiedKey, generate_simple_self_signed};

fn check(config: &Path, more: &[&str]) -> Output {
    check_into(config, more, Stdio::piped())
}

fn check_into(config: &Path, more: &[&str], stdout: impl Into<Stdio>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mozyd"));
    command.arg("check-config").arg("--config").arg(config).args(more);
    command.stdout(stdout).stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap()
}

/// The shipped configuration in a folder with the files it names.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    for (name, content) in [
        ("mozyd.toml", include_str!("../../deploy/mozyd.toml").to_owned()),
        ("database-url", "postgres://mozyd:hunter2@localhost/mozyd".to_owned()),
        ("secrets-key", "ab".repeat(32)),
        ("osa-tls-cert", cert.pem()),
        ("osa-tls-key", signing_key.serialize_pem()),
    ] {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    folder
}

#[test]
fn the_shipped_configuration_is_good_once_its_files_are_there() {
    let folder = folder();
    let output = check(&folder.path().join("mozyd.toml"), &[]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(output.stdout.starts_with(b"good: "), "{output:?}");
}

#[test]
fn what_is_wrong_in_the_configuration_and_in_its_files_is_said_at_once() {
    let folder = folder();
    let config = folder.path().join("mozyd.toml");
    let text = std::fs::read_to_string(&config).unwrap().replace("#pool_size = 16", "pool_size = 0");
    std::fs::write(&config, text).unwrap();
    std::fs::remove_file(folder.path().join("osa-tls-cert")).unwrap();
    std::fs::remove_file(folder.path().join("osa-tls-key")).unwrap();
    let output = check(&config, &["--output", "json"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let keys: Vec<&str> =
        answer["problems"].as_array().unwrap().iter().filter_map(|problem| problem["key"].as_str()).collect();
    assert_eq!(
        (&answer["ok"], keys),
        (&false.into(), vec!["database.pool_size", "osa.tls_cert_file", "osa.tls_key_file"])
    );
}

#[test]
fn a_mistyped_argument_is_an_error_and_not_a_difference() {
    let output = check(Path::new("x"), &["--outptu", "json"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
}

#[test]
fn a_reader_that_went_away_changes_nothing_about_how_it_ended() {
    let folder = folder();
    let config = folder.path().join("mozyd.toml");
    let closed = || std::io::pipe().unwrap().1;
    let good = check_into(&config, &[], closed());
    assert_eq!((good.status.code(), good.stderr), (Some(0), Vec::new()));
    let bad = check_into(Path::new("/there/is/none"), &[], closed());
    assert_eq!((bad.status.code(), bad.stderr), (Some(1), Vec::new()));
    assert_eq!(check_into(&config, &["--help"], closed()).status.code(), Some(0));
}

#[test]
fn an_answer_that_cannot_be_written_is_an_error_that_says_so() {
    let folder = folder();
    let full = File::options().write(true).open("/dev/full").unwrap();
    let output = check_into(&folder.path().join("mozyd.toml"), &[], full);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.starts_with("error: writing the answer to stdout: No space left"), "{said}");
}

#[test]
fn the_journal_files_each_line_of_an_error_as_one() {
    let folder = folder();
    let (config, journal) = (folder.path().join("mozyd.toml"), folder.path().join("journal"));
    std::fs::write(&config, "[database]\npool_size = 0\n").unwrap();
    let stderr = File::create(&journal).unwrap();
    let named = stderr.metadata().map(|file| format!("{}:{}", file.dev(), file.ino())).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_mozyd"));
    command.arg("run").arg("--config").arg(&config).env("JOURNAL_STREAM", named).stderr(stderr);
    assert_eq!(command.status().unwrap().code(), Some(1));
    let said = std::fs::read_to_string(&journal).unwrap();
    assert!(said.starts_with("<3>error: ") && said.lines().count() > 1, "{said}");
    assert!(said.lines().all(|line| line.starts_with("<3>")), "{said}");
}
