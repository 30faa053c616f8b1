//! The unit: systemd understands every line of it, it is locked up, and it hands over what the configuration names.

use std::collections::BTreeSet;

use super::{command, ours, output, read};

const UNIT: &str = "systemd/mozyd.service";
/// In tenths, of ten; the smaller the better.
const EXPOSURE: &str = "15";

#[test]
fn systemd_understands_every_line() {
    let Some(mut verify) = command("systemd-analyze") else { return };
    let folder = tempfile::tempdir().unwrap();
    let unit = folder.path().join("mozyd.service");
    // The program is where the package puts it, which is not here.
    let text = read(UNIT).replace("/usr/bin/mozyd", env!("CARGO_BIN_EXE_mozyd"));
    std::fs::write(&unit, text).unwrap();
    // It succeeds also when it warns; what it says is the answer.
    let said = output(verify.args(["--man=no", "verify"]).arg(unit));
    assert_eq!(said, "");
}

#[test]
fn it_is_locked_up() {
    let Some(mut security) = command("systemd-analyze") else { return };
    let threshold = format!("--threshold={EXPOSURE}");
    output(security.args(["security", "--offline=true", &threshold]).arg(ours(UNIT)));
}

#[test]
fn it_migrates_before_it_runs_and_waits_as_long_as_the_daemon_drains() {
    let unit = read(UNIT);
    for line in [
        "Type=notify",
        "ExecStartPre=/usr/bin/mozyd migrate",
        "ExecStart=/usr/bin/mozyd run",
        "TimeoutStopSec=75",
    ] {
        assert!(unit.lines().any(|present| present == line), "{line}");
    }
}

#[test]
fn every_file_that_the_configuration_names_is_handed_over() {
    let (unit, config) = (read(UNIT), read("deploy/mozyd.toml"));
    // A path is opened where it is; only plain names are credentials.
    let named: BTreeSet<&str> = config
        .lines()
        .filter_map(|line| line.trim_start_matches('#').split_once("_file = \"")?.1.strip_suffix('"'))
        .filter(|name| !name.contains('/'))
        .collect();
    let of = |key: &str| -> BTreeSet<&str> {
        unit.lines()
            .filter_map(|line| line.strip_prefix(key)?.split_once(':'))
            .map(|(name, _)| name)
            .collect()
    };
    assert_eq!(of("LoadCredential="), named);
    assert_eq!(of("SetCredential="), named, "a file that is not there has to be no failure of systemd's");
    for name in named {
        let line = format!("LoadCredential={name}:/etc/mozyd/{name}");
        assert!(unit.lines().any(|present| present == line), "{line}");
    }
}
