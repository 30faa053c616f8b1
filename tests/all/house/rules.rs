//! The table of the house: who may name whom, and which library is spoken on which floor.

use super::scan::{self, Mention};

/// A floor, and the modules of ours that it may name.
const FLOORS: &[(&str, &[&str])] = &[
    ("domain", &["domain"]),
    ("plan", &["domain", "plan"]),
    ("ports", &["domain", "plan", "ports"]),
    ("engine", &["domain", "plan", "ports", "engine", "metrics"]),
    ("mozy", &["domain", "plan", "ports", "mozy", "metrics"]),
    ("osa", &["domain", "plan", "ports", "osa", "metrics"]),
    ("store", &["domain", "plan", "ports", "store", "metrics"]),
    ("daemon", ALL_BUT_OUTSIDE),
    ("cli", ALL_BUT_OUTSIDE),
    ("main", ALL_BUT_OUTSIDE),
    ("config", &["domain", "config"]),
    ("metrics", &["domain", "metrics"]),
    ("telemetry", &["domain", "config", "telemetry"]),
    ("sim", &["domain", "plan", "ports", "sim"]),
    ("lab", ALL),
    ("lib", ALL),
];

const ALL: &[&str] = &[
    "domain",
    "plan",
    "ports",
    "engine",
    "mozy",
    "osa",
    "store",
    "daemon",
    "cli",
    "config",
    "metrics",
    "telemetry",
    "sim",
    "lab",
];

const ALL_BUT_OUTSIDE: &[&str] = &[
    "domain",
    "plan",
    "ports",
    "engine",
    "mozy",
    "osa",
    "store",
    "daemon",
    "cli",
    "config",
    "metrics",
    "telemetry",
];

/// What is spoken on some floors only; a pattern is found anywhere in a path.
const SPOKEN: &[(&str, &[&str])] = &[
    ("diesel", &["store"]),
    ("diesel_async", &["store"]),
    ("diesel_migrations", &["store"]),
    ("tokio_postgres", &["store", "lab", "config"]),
    ("reqwest", &["mozy", "osa", "sim", "lab"]),
    ("axum", &["osa", "daemon", "sim", "lab"]),
    ("quick_xml", &["mozy", "sim", "lab"]),
    ("tokio::spawn", SPAWNING),
    ("task::spawn", SPAWNING),
    ("task::spawn_local", SPAWNING),
    ("thread::spawn", SPAWNING),
    ("thread::Builder", SPAWNING),
];

const SPAWNING: &[&str] = &["daemon", "sim", "lab", "main"];

/// Floors without async, HTTP, SQL and clock, and what would be a sign of these.
const PURE: &[&str] = &["domain", "plan"];
const IMPURE: &[&str] = &[
    "async",
    "await",
    "tokio",
    "tokio_util",
    "futures_util",
    "http",
    "hyper",
    "std::env",
    "std::fs",
    "std::net",
    "std::process",
    "std::thread",
    "Instant",
    "SystemTime",
    "Utc::now",
    "Local::now",
];

/// The rules that a file breaks, each with its line.
pub fn broken(path: &str, text: &str) -> Vec<String> {
    let floor = scan::floor(path);
    let Some((_, may)) = FLOORS.iter().find(|(name, _)| *name == floor) else {
        return vec![format!("{path}:1: {floor} is on no floor: give it one in tests/all/house/rules.rs")];
    };
    let mentions = scan::mentions(path, text);
    let faults = mentions.iter().filter_map(|mention| Some((mention, fault(&floor, may, mention)?)));
    faults.map(|(mention, fault)| format!("{path}:{}: {fault}", mention.line)).collect()
}

fn fault(floor: &str, may: &[&str], mention: &Mention) -> Option<String> {
    // Tests of a floor may set the whole world up, but what they test stays where it is.
    if mention.in_test {
        return None;
    }
    if let Some(ours) = mention.ours() {
        let name = if ours == "*" { "everything" } else { ours };
        return (!may.contains(&ours)).then(|| format!("{floor} may not name {name}"));
    }
    let foreign = SPOKEN.iter().find(|(what, floors)| !floors.contains(&floor) && mention.contains(what));
    if let Some((what, floors)) = foreign {
        return Some(format!("{what} is spoken in {} only", floors.join(", ")));
    }
    let impure = IMPURE.iter().find(|what| PURE.contains(&floor) && mention.contains(what))?;
    Some(format!("{floor} knows no async, HTTP, SQL or clock, and this is {impure}"))
}
