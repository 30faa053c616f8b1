//! Programs that only a few tests need: without them these tests say loudly that they did nothing, but not in CI.

use std::path::PathBuf;

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
