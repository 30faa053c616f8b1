//! The alerts: each fires in its test and is quiet when all is well, each leads to a page of the runbook, and every
//! name in alerts, dashboards and runbook exists.

use std::collections::BTreeSet;
use std::process::Command;

use super::{at_rest, command, families, ours, output, read, words};

const RULES: &str = "deploy/prometheus/mozyd.rules.yml";
const TESTS: &str = "deploy/prometheus/mozyd.rules.test.yml";
const RUNBOOK: &str = "deploy/runbook.md";
/// Where the package puts the runbook.
const PAGE: &str = "runbook: /usr/share/doc/mozyd/runbook.md#";

/// The text of each alert, by name.
fn alerts() -> Vec<(String, String)> {
    let rules = read(RULES);
    let alerts = rules.split("- alert: ").skip(1);
    alerts.map(|alert| (alert.lines().next().unwrap().to_owned(), alert.to_owned())).collect()
}

/// As people's browsers make it from a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase();
    kept.chars().filter(|c| c.is_alphanumeric() || " -".contains(*c)).collect::<String>().replace(' ', "-")
}

fn anchors(runbook: &str) -> BTreeSet<String> {
    runbook
        .lines()
        .filter_map(|line| line.strip_prefix("### ").or(line.strip_prefix("## ")))
        .map(anchor)
        .collect()
}

#[test]
fn promtool_finds_the_rules_right_and_their_tests_pass() {
    let (Some(mut check), Some(mut test)) = (command("promtool"), command("promtool")) else { return };
    output(check.args(["check", "rules", "--lint-fatal"]).arg(ours(RULES)));
    output(test.args(["test", "rules"]).arg(ours(TESTS)));
}

#[test]
fn every_alert_is_seen_to_fire_in_a_test() {
    let tests = read(TESTS);
    for (name, _) in alerts() {
        let expected = format!("alertname: {name}\n");
        let mut expected = tests.split(expected.as_str()).skip(1);
        assert!(expected.any(|test| test.trim_start().starts_with("exp_alerts:\n")), "{name} never fires");
    }
}

#[test]
fn every_alert_says_what_is_wrong_and_leads_to_its_page() {
    let anchors = anchors(&read(RUNBOOK));
    for (name, alert) in alerts() {
        for part in ["summary: ", "description: ", "severity: ", PAGE] {
            assert!(alert.contains(part), "{name} has no {part}");
        }
        let page = alert.split(PAGE).nth(1).and_then(|rest| rest.lines().next());
        assert!(anchors.contains(page.unwrap()), "{name}: the runbook has no page {page:?}");
    }
}

#[test]
fn every_page_of_an_alert_says_what_to_look_at_and_what_to_do_in_that_order() {
    let runbook = read(RUNBOOK);
    let alerts_part = runbook.split("\n## Alerts").nth(1).unwrap().split("\n## Tasks").next().unwrap();
    let pages: Vec<&str> = alerts_part.split("\n### ").skip(1).collect();
    assert!(pages.len() >= 12);
    for page in pages {
        let at = |part: &str| page.find(part).unwrap_or_else(|| panic!("no {part:?} in: {page:.60}"));
        assert!(at("**What it means.**") < at("**Look at**") && at("**Look at**") < at("**What to do**"));
    }
}

#[test]
fn links_within_the_runbook_lead_somewhere() {
    let runbook = read(RUNBOOK);
    let anchors = anchors(&runbook);
    for link in runbook.split("](#").skip(1).map(|rest| rest.split_once(')').unwrap().0) {
        assert!(anchors.contains(link), "#{link}");
    }
}

#[test]
fn every_metric_that_is_named_exists() {
    let known = families(&at_rest());
    let recorded = words(&read(RULES), "mozyd:");
    for path in [RULES, TESTS, RUNBOOK, "deploy/grafana/overview.json", "deploy/grafana/daemon.json"] {
        let text = read(path);
        let named = words(&text, "mozyd_").into_iter().chain(words(&text, "process_"));
        // The package's name, and the beginning of several in a search pattern.
        let named = named.filter(|name| !name.starts_with("mozyd_NEW_") && !name.starts_with("mozyd_OLD_"));
        for name in named.filter(|name| !name.ends_with('_') && name != "mozyd_mozy") {
            let family = ["_bucket", "_count", "_sum"].iter().find_map(|end| name.strip_suffix(end));
            let exists = known.contains(&name) || family.is_some_and(|family| known.contains(family));
            assert!(exists, "{path} names {name}, which mozyd does not have");
        }
        let unknown = words(&text, "mozyd:changes").difference(&recorded).count();
        assert_eq!(unknown, 0, "{path} names a series that no rule records");
    }
}

#[test]
fn every_verb_that_the_runbook_tells_to_run_exists() {
    let runbook = read(RUNBOOK);
    let commands = runbook.lines().filter_map(|line| line.strip_prefix("    mozyd "));
    let inline = runbook.split("`mozyd ").skip(1);
    let verbs: BTreeSet<&str> =
        commands.chain(inline).filter_map(|rest| rest.split([' ', '`', '\n']).next()).collect();
    assert!(verbs.len() >= 12, "{verbs:?}");
    for verb in verbs {
        output(Command::new(env!("CARGO_BIN_EXE_mozyd")).args([verb, "--help"]));
    }
}
