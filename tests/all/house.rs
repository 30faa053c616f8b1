//! The house has floors: a file names its own floor and those below, never above. Proved by reading the sources.

mod rules;
mod scan;

use std::fs;
use std::path::Path;

/// The longest a file may be, in lines; the aim is 150.
const LONGEST: usize = 300;
/// The same for tests.
const LONGEST_TESTS: usize = 400;

/// A source file, its path relative to the crate.
struct Source {
    path: String,
    text: String,
}

impl Source {
    fn is_test(&self) -> bool {
        self.path.starts_with("tests/") || scan::is_test_file(&self.path)
    }
}

/// All Rust sources under a folder of the crate.
fn sources(folder: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("target") {
                folders.push(path);
            } else if path.is_file() && path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push(Source { path: path.strip_prefix(root).unwrap().to_str().unwrap().into(), text });
            }
        }
    }
    assert!(!found.is_empty(), "there are no sources in {folder}");
    found
}

fn none(faults: Vec<String>) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn every_file_keeps_to_its_floor() {
    none(sources("src").iter().flat_map(|source| rules::broken(&source.path, &source.text)).collect());
}

#[test]
fn every_file_begins_with_what_it_makes_true() {
    let silent =
        sources("src").into_iter().chain(sources("tests")).filter(|source| !source.text.starts_with("//! "));
    none(
        silent
            .map(|source| format!("{}:1: the first line does not start with `//! `", source.path))
            .collect(),
    );
}

#[test]
fn no_file_is_long() {
    let faults = sources("src").into_iter().chain(sources("tests")).filter_map(|source| {
        let (lines, most) =
            (source.text.lines().count(), if source.is_test() { LONGEST_TESTS } else { LONGEST });
        (lines > most).then(|| format!("{}: {lines} lines, and {most} is the most: divide it", source.path))
    });
    none(faults.collect());
}

/// What is wrong with a file of one line.
fn faults(path: &str, text: &str) -> Vec<String> {
    rules::broken(path, text)
}

#[test]
fn a_broken_rule_is_noticed() {
    let samples = [
        ("src/domain/user.rs", "use crate::plan::Plan;", "domain may not name plan"),
        ("src/domain/user.rs", "use super::super::store::Row;", "domain may not name store"),
        ("src/domain/mod.rs", "mod a { fn f() { super::super::osa::g() } }", "domain may not name osa"),
        ("src/domain/user.rs", "async fn look() {}", "async"),
        ("src/domain/user.rs", "let now = chrono::Utc::now();", "Utc::now"),
        ("src/plan/user.rs", "use std::{fmt, time::{Duration, Instant}};", "Instant"),
        ("src/plan/user.rs", "use tokio::sync;", "tokio"),
        ("src/ports.rs", "use crate::{domain::User, engine::Cycle};", "ports may not name engine"),
        ("src/engine/apply.rs", "let a = crate :: mozy :: Client;", "engine may not name mozy"),
        ("src/mozy/soap.rs", "use crate::osa::Json;", "mozy may not name osa"),
        ("src/osa/mod.rs", "pub use crate::*;", "osa may not name everything"),
        ("src/store/lease.rs", "fn f() { tokio::spawn(beat()); }", "spawn"),
        ("src/store/lease.rs", "use tokio::{task::{self, spawn}};", "spawn"),
        ("src/engine/mod.rs", "std::thread::Builder::new();", "thread::Builder"),
        ("src/daemon/mod.rs", "use diesel_async::RunQueryDsl;", "diesel_async"),
        ("src/daemon/http.rs", "use crate::sim::mozy::World;", "daemon may not name sim"),
        ("src/main.rs", "mozyd::lab::ports::Port::free();", "main may not name lab"),
        ("src/cli/plan.rs", "quick_xml::de::from_str(x);", "quick_xml"),
        ("src/sim/osa/mod.rs", "use crate::osa::wire;", "sim may not name osa"),
        ("src/metrics.rs", "use crate::engine::Cycle;", "metrics may not name engine"),
        ("src/domain/user.rs", "#[derive(Clone, diesel::Queryable)] struct User;", "diesel"),
        ("src/cellar/mod.rs", "", "cellar is on no floor"),
        ("src/engine/mod.rs", "#[cfg(test)] mod tests { use crate::sim::X; } use crate::sim::Y;", "sim"),
        (
            "src/domain/user.rs",
            "let s = \"a // b\"; let c = '\"'; use crate::osa::X;",
            "domain may not name osa",
        ),
        (
            "src/domain/user.rs",
            "fn f<'a>(x: &'a str) -> r#async {} use crate::osa::X;",
            "domain may not name osa",
        ),
    ];
    for (path, text, wanted) in samples {
        let found = faults(path, text);
        assert_eq!(found.len(), 1, "{path}: {text}: {found:?}");
        assert!(found[0].contains(wanted) && found[0].starts_with(path), "{text}: {found:?}");
    }
}

#[test]
fn what_is_allowed_is_not_noticed() {
    let samples = [
        ("src/domain/user.rs", "use crate::domain::Gb; use super::ids::Id; use self::inner::X;"),
        ("src/domain/user.rs", "// use crate::osa;\n/* a /* crate::osa */ tokio */ /// diesel\n"),
        ("src/domain/user.rs", r##"let s = r#"crate::osa " async"#; let t = b"crate::mozy\" tokio";"##),
        ("src/domain/user.rs", "pub(crate) fn f() { g::<'a', '\\''>(); row.diesel; }"),
        ("src/plan/mod.rs", "use crate::domain::{self, user::{User, Login}}; use std::time::Duration;"),
        ("src/engine/mod.rs", "use crate::{plan, ports::Vendor}; async fn f() {}"),
        ("src/engine/tests.rs", "use crate::sim::mozy::World; fn f() { tokio::spawn(x()); }"),
        ("src/mozy/mod.rs", "#[cfg(test)] mod tests { use crate::lab; fn f() { tokio::spawn(x()); } }"),
        (
            "src/store/mod.rs",
            "#![allow(x)] use diesel::prelude::*; #[cfg(test)] use crate::lab::{a, b}; fn f() {}",
        ),
        ("src/lib.rs", "pub mod cli; pub mod daemon;"),
        ("src/bin/mozy-lab.rs", "use mozyd::{lab, sim::osa}; fn f() { std::thread::spawn(g); }"),
        ("src/main.rs", "fn main() { mozyd::cli::main() }"),
    ];
    for (path, text) in samples {
        assert_eq!(faults(path, text), Vec::<String>::new(), "{path}: {text}");
    }
}

#[test]
fn a_fault_names_its_line() {
    assert_eq!(
        faults("src/domain/user.rs", "//! x\n/* \n */ const A: &str = \"\n\";\nuse crate::{\n    osa,\n};"),
        ["src/domain/user.rs:6: domain may not name osa"]
    );
}
