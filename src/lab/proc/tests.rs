//! A process is what the kernel says it is, also when it misbehaves.

use std::os::unix::process::ExitStatusExt;

use super::*;
use crate::lab::ports::Port;

const SOON: Duration = Duration::from_secs(10);

fn shell(dir: &tempfile::TempDir, script: &str) -> Process {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    Process::spawn("script", command, &dir.path().join("log")).unwrap()
}

#[tokio::test]
async fn lines_are_found_one_after_the_other() {
    let dir = tempfile::tempdir().unwrap();
    let mut process = shell(&dir, "echo ready 1; echo noise; echo ready 2 >&2; printf 'ready 3'; sleep 60");
    let ready = |line: &str| line.starts_with("ready");
    assert_eq!(process.wait_for_line(ready, SOON).await.unwrap(), "ready 1");
    assert_eq!(process.wait_for_line(ready, SOON).await.unwrap(), "ready 2");
    // The third has no end yet.
    let error = process.wait_for_line(ready, Duration::from_millis(100)).await.unwrap_err();
    assert!(format!("{error:#}").contains("noise"), "{error:#}");
}

#[tokio::test]
async fn an_early_end_is_told_with_the_last_words() {
    let dir = tempfile::tempdir().unwrap();
    let mut process = shell(&dir, "echo 'no such table'; exit 3");
    let error = process.wait_for_line(|line| line == "ready", SOON).await.unwrap_err();
    let text = format!("{error:#}");
    assert!(text.contains("exit status: 3") && text.contains("no such table"), "{text}");
    let nobody = Port::free().unwrap();
    let error = process.wait_for_http(nobody.address(), "/", SOON).await.unwrap_err();
    assert!(format!("{error:#}").contains("exit status: 3"));
    let error = process.wait_for_port(nobody.address(), SOON).await.unwrap_err();
    assert!(format!("{error:#}").contains("exit status: 3"));
}

#[tokio::test]
async fn a_polite_program_stops_and_a_stubborn_one_is_killed() {
    let dir = tempfile::tempdir().unwrap();
    let mut polite = shell(&dir, "trap 'exit 7' TERM; echo up; while :; do sleep 0.01; done");
    polite.wait_for_line(|line| line == "up", SOON).await.unwrap();
    assert_eq!(polite.stop(SOON).await.unwrap().code(), Some(7));

    let mut stubborn = shell(&dir, "trap '' TERM; echo up; while :; do sleep 0.01; done");
    stubborn.wait_for_line(|line| line == "up", SOON).await.unwrap();
    assert!(stubborn.stop(Duration::from_millis(100)).await.is_err());
    assert_eq!(stubborn.exited(SOON).await.unwrap().signal(), Some(9));
}

#[tokio::test]
async fn a_frozen_program_stands_still_and_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let mut process = shell(&dir, "while :; do echo tick; sleep 0.01; done");
    process.wait_for_line(|_| true, SOON).await.unwrap();
    process.freeze().unwrap();
    child::wait_for_stop(process.pid(), SOON).unwrap();
    while process.wait_for_line(|_| true, Duration::from_millis(100)).await.is_ok() {}
    process.thaw().unwrap();
    process.wait_for_line(|_| true, SOON).await.unwrap();
    process.freeze().unwrap();
    assert_eq!(process.kill().unwrap().signal(), Some(9));
    process.freeze().unwrap();
}

#[test]
fn a_program_that_was_not_built_is_named() {
    let text = beside_us("no-such-program").unwrap_err().to_string();
    assert!(text.contains("no-such-program") && text.contains("cargo build"), "{text}");
}

#[test]
fn a_tail_is_cut_between_characters() {
    let log = "ä".repeat(3000);
    assert!(tail(&log).len() <= 2000);
    assert_eq!(tail("short"), "short");
}
