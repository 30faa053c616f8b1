//! The real `mozyd check-config`: what it says, where it says it, and the code it leaves with.

use std::path::Path;
use std::process::{Command, Output};

use rcgen::{CertifiedKey, generate_simple_self_signed};

fn check(config: &Path, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mozyd"));
    command.arg("check-config").arg("--config").arg(config).args(more).output().unwrap()
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
