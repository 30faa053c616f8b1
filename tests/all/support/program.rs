//! Programs that only a few tests need: without them these tests say loudly that they did nothing, but not in CI.

use std::path::{Path, PathBuf};

/// The program, or a loud word about it.
pub fn needed(name: &str, found: Option<PathBuf>) -> Option<PathBuf> {
    if found.is_none() {
        let missing =
            format!("{name} is not installed: run tests/setup as root, or install the package {name}");
        assert_ne!(std::env::var("NEXTEST_PROFILE").as_deref(), Ok("ci"), "{missing}");
        eprintln!("SKIPPED: {missing}");
    }
    found
}

/// What has a program see the clock that `file` says, as libfaketime reads it; its own clock still only runs.
pub fn faketime(file: &Path) -> Option<Vec<(String, String)>> {
    let places =
        ["x86_64", "aarch64"].map(|cpu| format!("/usr/lib/{cpu}-linux-gnu/faketime/libfaketime.so.1"));
    let library = needed("faketime", places.iter().map(PathBuf::from).find(|path| path.is_file()))?;
    let variable = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    Some(vec![
        variable("LD_PRELOAD", &library.display().to_string()),
        variable("FAKETIME_TIMESTAMP_FILE", &file.display().to_string()),
        variable("FAKETIME_NO_CACHE", "1"),
        variable("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
    ])
}
