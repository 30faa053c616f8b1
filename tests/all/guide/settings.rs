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
    ROWS.iter().collect()
}

/// The few, or all if `GUIDE_ROWS=all` says so.
fn few() -> Vec<&'static Row> {
    let every = std::env::var("GUIDE_ROWS").is_ok_and(|rows| rows == "all");
    ROWS.iter().filter(|row| every || FEW.contains(&row.file)).collect()
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

/// Several switches away from their defaults at once.
fn together(names: &[&str]) -> Options {
    let chosen = SETTINGS.iter().filter(|(name, _)| names.contains(name));
    let values = chosen.map(|(name, value)| (name.to_string(), serde_json::from_str(value).unwrap()));
    let switches = serde_json::Value::Object(values.collect());
    Options { switches: serde_json::from_value(switches).unwrap(), ..Options::default() }
}

/// How things look on the wire.
const WIRE: [&str; 9] = [
    "fault_http_status",
    "argument_binding",
    "update_return",
    "int_encoding",
    "array_names",
    "array_refs",
    "bad_key",
    "extra_types",
    "unprovisioned_types",
];

/// What Mozy does.
const RULES: [&str; 10] = [
    "user_email_scope",
    "machine_delete_clears_email",
    "suspended_user_delete",
    "deleted_partner_get",
    "deleted_email_reusable",
    "usernames",
    "missing_update",
    "empty_get_licenses",
    "external_id_search",
    "deleted_group_resources",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_another_wire() {
    green(&play(together(&WIRE), &few()).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_other_rules() {
    green(&play(together(&RULES), &few()).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_reads_that_lag() {
    green(&play(together(&["read_your_writes"]), &few()).await);
}

#[test]
fn every_switch_is_turned_in_the_normal_run() {
    let turned: Vec<&str> = WIRE.into_iter().chain(RULES).chain(["read_your_writes"]).collect();
    let all = serde_json::to_value(Switches::default()).unwrap();
    let all = all.as_object().unwrap();
    assert!(all.keys().all(|name| turned.contains(&name.as_str())), "{all:?}");
    assert!(all.keys().all(|name| SETTINGS.iter().any(|(known, _)| known == name)), "{all:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_oauth() {
    green(&play(Options { auth: Auth::OAuth, ..Options::default() }, &few()).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the full product takes a long while; its command is in the head of this module"]
async fn every_row_under_every_setting() {
    let defaults = Auth::ALL.map(|auth| ("default".to_owned(), Options { auth, ..Options::default() }));
    // Mozy's switches and OSA's authentication know nothing of each other, so they take turns.
    let others = SETTINGS
        .iter()
        .zip(Auth::ALL.into_iter().cycle())
        .map(|((name, value), auth)| (format!("{name}={value}"), Options { auth, ..switched(name, value) }));
    let mut red = 0;
    for (name, options) in defaults.into_iter().chain(others) {
        let setting = format!("{} {name}", options.auth.as_str());
        for outcome in play(options, &all()).await {
            red += usize::from(outcome.failure.is_some());
            let told = outcome.failure.map_or_else(|| "green".to_owned(), |why| format!("RED {why}"));
            println!("{:<28} {setting:<50} {told}", outcome.file);
        }
    }
    assert_eq!(red, 0, "rows that are not green");
}
