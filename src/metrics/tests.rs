//! The interface's list is exposed at once, and nothing that happens adds to it.

use std::time::{Duration, SystemTime};

use super::*;

const WORDS: Vocabulary = Vocabulary {
    condition_types: &["InSync", "Held"],
    condition_reasons: &["AsExpected", "GuardHeld"],
    step_kinds: &["create_user", "provision"],
    drift_kinds: &["user_status"],
    mozy_operations: &["partner.Get", "user.Get"],
    mozy_results: &["done", "rejected"],
    osa_operations: &["retrieve", "configure"],
    database_operations: &["claim", "settle"],
};

/// Every family of the interface and how many series of the vocabulary above it has.
const FAMILIES: &[(&str, &str, usize)] = &[
    ("mozyd_build_info", "gauge", 1),
    ("mozyd_subscriptions", "gauge", 7),
    ("mozyd_conditions", "gauge", 9),
    ("mozyd_disagreement_age_seconds_max", "gauge", 3),
    ("mozyd_cycles_total", "counter", 9),
    ("mozyd_cycle_duration_seconds", "histogram", 1),
    ("mozyd_sweep_duration_seconds", "histogram", 1),
    ("mozyd_sweep_last_success_timestamp_seconds", "gauge", 1),
    ("mozyd_sweep_interval_seconds", "gauge", 1),
    ("mozyd_sweep_skipped_ticks_total", "counter", 1),
    ("mozyd_queue_depth", "gauge", 4),
    ("mozyd_queue_wait_seconds", "histogram", 4),
    ("mozyd_inflight", "gauge", 1),
    ("mozyd_change_to_call_seconds", "histogram", 1),
    ("mozyd_steps_total", "counter", 18),
    ("mozyd_doubts", "gauge", 1),
    ("mozyd_drift_total", "counter", 2),
    ("mozyd_unmanaged", "gauge", 4),
    ("mozyd_guard_held", "gauge", 5),
    ("mozyd_mozy_requests_total", "counter", 9),
    ("mozyd_mozy_request_duration_seconds", "histogram", 3),
    ("mozyd_mozy_throttled_seconds_total", "counter", 1),
    ("mozyd_mozy_paused", "gauge", 1),
    ("mozyd_osa_requests_total", "counter", 72),
    ("mozyd_usage_age_seconds_max", "gauge", 1),
    ("mozyd_usage_pushes_total", "counter", 3),
    ("mozyd_usage_pushes_owed", "gauge", 1),
    ("mozyd_lease_lost_total", "counter", 1),
    ("mozyd_listen_connected", "gauge", 1),
    ("mozyd_database_query_duration_seconds", "histogram", 3),
    ("mozyd_database_errors_total", "counter", 3),
    ("process_cpu_seconds_total", "counter", 1),
    ("process_resident_memory_bytes", "gauge", 1),
    ("process_open_fds", "gauge", 1),
    ("process_max_fds", "gauge", 1),
    ("process_start_time_seconds", "gauge", 1),
    ("process_threads", "gauge", 1),
    ("process_virtual_memory_bytes", "gauge", 1),
];

/// Makes everything happen that can, with labels from the lists and labels from nowhere.
fn everything(metrics: &Metrics) {
    let moment = Duration::from_millis(3);
    for word in ["in", "agreed", "partner.Get", "4711"] {
        metrics.subscriptions.set_states([(word, 1)]);
        metrics.subscriptions.set_conditions([(word, word, 1)]);
        metrics.subscriptions.set_disagreements([(word, 1)]);
        metrics.cycles.finished(word, moment);
        metrics.cycles.step(word, word);
        metrics.cycles.drift(word);
        metrics.cycles.set_unmanaged([(word, 1)]);
        metrics.cycles.set_held([(word, 1)]);
        metrics.queue.set_depth([(word, 1)]);
        metrics.queue.waited(word, moment);
        metrics.mozy.request(word, word, moment);
        metrics.osa.request(word, word, word);
        metrics.osa.pushed(word);
        metrics.database.query(word, moment, false);
    }
    metrics.cycles.set_doubts(1);
    metrics.sweep.finished(moment, SystemTime::now());
    metrics.sweep.set_interval(moment);
    metrics.sweep.skipped();
    metrics.queue.change_called(moment);
    metrics.queue.lease_lost();
    metrics.mozy.throttled(moment);
    metrics.mozy.set_paused(1);
    metrics.osa.set_usage_age(moment);
    metrics.osa.set_owed(1);
    metrics.database.set_listening(true);
}

/// The series without their values.
fn series(text: &str) -> Vec<String> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| Some(line.rsplit_once(' ')?.0.to_owned())).collect()
}

#[test]
fn every_metric_of_the_interface_is_there_from_the_start() {
    let metrics = Metrics::new(&WORDS).unwrap();
    let text = metrics.encode().unwrap();
    for (name, kind, count) in FAMILIES {
        assert!(text.contains(&format!("# TYPE {name} {kind}\n")), "{name} is missing");
        let family = metrics.registry.gather().into_iter().find(|family| family.name() == *name).unwrap();
        assert_eq!(family.get_metric().len(), *count, "{name}");
    }
    assert_eq!(text.matches("# TYPE").count(), FAMILIES.len(), "families that the interface does not name");
}

#[test]
fn nothing_that_happens_adds_a_series() {
    let metrics = Metrics::new(&WORDS).unwrap();
    let before = series(&metrics.encode().unwrap());
    everything(&metrics);
    let text = metrics.encode().unwrap();
    assert_eq!(series(&text), before);
    assert!(!text.contains("4711"), "an unknown word became a label");
}

#[test]
fn every_event_shows() {
    let metrics = Metrics::new(&WORDS).unwrap();
    let running = metrics.queue.running();
    everything(&metrics);
    let text = metrics.encode().unwrap();
    for (name, kind, _) in FAMILIES.iter().filter(|(name, ..)| name.starts_with("mozyd_")) {
        let suffix = if *kind == "histogram" { "_count" } else { "" };
        let start = format!("{name}{suffix}");
        let own = |line: &&str| line.strip_prefix(&start).is_some_and(|rest| rest.starts_with(['{', ' ']));
        assert!(text.lines().filter(own).any(|line| !line.ends_with(" 0")), "{name} stays at zero");
    }
    drop(running);
    assert!(metrics.encode().unwrap().contains("mozyd_inflight 0\n"));
}

#[test]
fn the_text_has_no_series_twice() {
    let metrics = Metrics::new(&WORDS).unwrap();
    let mut all = series(&metrics.encode().unwrap());
    let count = all.len();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), count);
}
