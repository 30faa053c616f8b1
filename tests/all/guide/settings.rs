//! The rows under the default switches, a representative few under every other switch value, and all under all.

use mozyd::lab::{Auth, Options};
use mozyd::sim::mozy::Switches;
use serde_json::json;

use super::ROWS;
use super::play::{Outcome, Row, play};

/// Every switch away from its default, as `name` and value.
const SETTINGS: &[(&str, &str)] = &[
    ("fault_http_status", "\"ok\""),
    ("argument_binding", "\"strict_by_order\""),
    ("user_email_scope", "\"per_partner\""),
    ("machine_delete_clears_email", "\"no\""),
    ("suspended_user_delete", "\"allowed\""),
    ("deleted_partner_get", "\"returns_deleted\""),
    ("deleted_email_reusable", "\"after_purge\""),
    ("update_return", "\"nothing\""),
    ("int_encoding", "\"long\""),
    ("array_names", "\"type_name\""),
    ("array_refs", "\"multi_reference\""),
    ("read_your_writes", "{\"after_ms\":200}"),
    ("bad_key", "\"http401\""),
    ("usernames", "\"kept\""),
    ("extra_types", "\"grand_fathered\""),
    ("missing_update", "\"returns_zero\""),
    ("empty_get_licenses", "\"empty_list\""),
    ("external_id_search", "\"faults\""),
    ("external_id_search", "\"ignored\""),
    ("unprovisioned_types", "\"left_out\""),
    ("deleted_group_resources", "\"released\""),
];

/// What touches every switch: removals, suspended users, groups, resellers.
const FEW: [&str; 6] = [
    "u02_admin_email_in_use",
    "u06_removing_a_licence",
    "u08_removing_a_user",
    "u10_sync_of_a_user",
    "u16_group_deletion",
    "u22_subscription_ends",
];

fn all() -> Vec<&'static Row> {
    let only = std::env::var("GUIDE_ROWS").unwrap_or_default();
    ROWS.iter()
        .filter(|row| only.is_empty() || only.split(',').any(|name| row.file.starts_with(name)))
        .collect()
}

fn few() -> Vec<&'static Row> {
    ROWS.iter().filter(|row| FEW.contains(&row.file)).collect()
}

fn switched(name: &str, value: &str) -> Options {
    let value: serde_json::Value = serde_json::from_str(value).unwrap();
    let switches: Switches = serde_json::from_value(json!({ name: value })).unwrap();
    assert_ne!(switches, Switches::default(), "{name} is at its default");
    Options { switches, ..Options::default() }
}

fn green(outcomes: &[Outcome]) {
    let failures: Vec<String> =
        outcomes.iter().filter_map(|o| Some(format!("{}: {}", o.file, o.failure.as_ref()?))).collect();
    assert!(failures.is_empty(), "\n{}\n", failures.join("\n\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_row_is_green() {
    green(&play(Options::default(), &all()).await);
}

/// One test a group of switch values, so that none runs long.
macro_rules! under_switches {
    ($($name:ident $range:expr;)*) => {
        $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            for (name, value) in &SETTINGS[$range] {
                println!("{name}={value}");
                green(&play(switched(name, value), &few()).await);
            }
        })*
    };
}

under_switches! {
    under_switches_1_to_5 0..5;
    under_switches_6_to_10 5..10;
    under_switches_11_to_15 10..15;
    under_switches_16_to_21 15..21;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_oauth() {
    green(&play(Options { auth: Auth::OAuth, ..Options::default() }, &few()).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the full product takes a long while; its command is in the head of this module"]
async fn every_row_under_every_setting() {
    let mut table = Vec::new();
    for auth in [Auth::MutualTls, Auth::OAuth] {
        let defaults = ("default".to_owned(), Options { auth, ..Options::default() });
        let others = SETTINGS
            .iter()
            .map(|(name, value)| (format!("{name}={value}"), Options { auth, ..switched(name, value) }));
        for (name, options) in std::iter::once(defaults).chain(others) {
            table.push((format!("{} {name}", auth.as_str()), play(options, &all()).await));
        }
    }
    let mut red = 0;
    for (setting, outcomes) in &table {
        for outcome in outcomes {
            let mark = if outcome.failure.is_some() { "RED" } else { "green" };
            red += usize::from(outcome.failure.is_some());
            println!(
                "{:<28} {setting:<50} {mark} {}",
                outcome.file,
                outcome.failure.as_deref().unwrap_or("")
            );
        }
    }
    assert_eq!(red, 0, "rows that are not green");
}
