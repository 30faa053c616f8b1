//! The package's life in a fresh Debian with a real systemd: the README's commands, reload, crash, upgrade, purge.

use std::process::Command;

use super::{ours, output};

/// About a minute and a half, as root, with network, mmdebstrap and systemd-nspawn:
///
/// ```text
/// cargo test --test all deploy::life -- --ignored --nocapture
/// ```
#[test]
#[ignore = "needs root, network, mmdebstrap and systemd-nspawn"]
fn the_readme_leads_from_the_package_to_a_daemon_that_is_ready() {
    let mut install = Command::new(ours("tests/deploy/install"));
    let said = output(install.env("MOZYD", env!("CARGO_BIN_EXE_mozyd")));
    println!("{said}");
    assert!(said.ends_with("the package lives well\n"));
}
