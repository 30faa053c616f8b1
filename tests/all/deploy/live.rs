//! A real Prometheus scrapes a real daemon: every query of every panel of the dashboards returns something, and alerts
//! fire when their conditions come about.

use std::net::SocketAddr;
use std::time::Duration;

use mozyd::lab::ports::Port;
use mozyd::lab::proc::Process;
use mozyd::lab::{Lab, Options, http, wait};
use mozyd::sim::mozy::{FaultKind, FaultRule};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::moving::{admit, silence};
use super::{command, ours, output, read};
use crate::guide::scene::{Scene, usual};
use crate::support::TestDb;

const START: Duration = Duration::from_secs(30);
/// Scrapes come every second, and a rate wants a few; what is too old after ten seconds is counted every five.
const SEEN: Duration = Duration::from_secs(60);

/// A Prometheus that scrapes daemons every second; ended when dropped.
struct Prometheus {
    port: Port,
    _process: Process,
    _folder: tempfile::TempDir,
}

impl Prometheus {
    /// None on a machine without the program.
    async fn watching(daemons: &[SocketAddr], rules: &str) -> Option<Self> {
        let (mut promtool, mut command) = (command("promtool")?, command("prometheus")?);
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name);
        let targets: Vec<String> = daemons.iter().map(SocketAddr::to_string).collect();
        let config = serde_json::json!({
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": [place("rules.yml")],
            "scrape_configs": [{"job_name": "mozyd", "static_configs": [{"targets": targets}]}],
        });
        // JSON is YAML.
        std::fs::write(place("prometheus.yml"), config.to_string()).unwrap();
        std::fs::write(place("rules.yml"), rules).unwrap();
        output(promtool.args(["check", "config"]).arg(place("prometheus.yml")));
        let port = Port::free().unwrap();
        let address = port.address();
        command.arg(format!("--config.file={}", place("prometheus.yml").display()));
        command.arg(format!("--storage.tsdb.path={}", place("data").display()));
        command.arg(format!("--web.listen-address={address}"));
        let mut process = Process::spawn("prometheus", command, &place("log")).unwrap();
        process.wait_for_http(address, "/-/ready", START).await.unwrap();
        Some(Self { port, _process: process, _folder: folder })
    }

    /// What a query returns now; none where Prometheus does not understand it.
    async fn query(&self, query: &str) -> Result<Vec<Value>, String> {
        let query = utf8_percent_encode(query, NON_ALPHANUMERIC);
        let answer = http::get(self.port.address(), &format!("/api/v1/query?query={query}")).await.unwrap();
        let answer: Value = serde_json::from_str(&answer.body).unwrap();
        let result = answer.pointer("/data/result").and_then(Value::as_array).cloned();
        result.ok_or_else(|| answer["error"].to_string())
    }

    /// Waits until a query returns at least one number.
    async fn returns(&self, query: &str) {
        let number = |one: &Value| one.pointer("/value/1").is_some_and(|value| value != "NaN");
        let look = async || self.query(query).await.unwrap().iter().any(number).then_some(());
        wait::until(query, SEEN, look).await.unwrap();
    }

    async fn fires(&self, alert: &str) {
        self.returns(&format!("ALERTS{{alertname=\"{alert}\",alertstate=\"firing\"}}")).await;
    }
}

async fn lab(db: &TestDb) -> Lab {
    let _ = rustls::crypto::ring::default_provider().install_default();
    // The second suspension within half a minute is one too many.
    let options = Options { database_url: Some(db.url()), ..Options::default() }
        .setting("guard.suspend_percent", 0)
        .setting("guard.suspend_min", 0);
    Lab::start(options).await.unwrap()
}

/// Every query of a dashboard with the panel it stands in, its variables filled in as Grafana does.
fn queries(dashboard: &str) -> Vec<(String, String)> {
    let dashboard: Value = serde_json::from_str(&read(dashboard)).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let targets = panels.iter().flat_map(|panel| {
        let targets = panel["targets"].as_array().unwrap();
        targets.iter().map(|target| (panel["title"].as_str().unwrap(), target["expr"].as_str().unwrap()))
    });
    let filled = |query: &str| query.replace("$__rate_interval", "10s").replace("$instance", ".*");
    targets.map(|(title, query)| (title.to_owned(), filled(query))).collect()
}

#[tokio::test]
async fn every_query_of_every_panel_returns_something() {
    let db = TestDb::empty();
    let lab = lab(&db).await;
    let rules = read("deploy/prometheus/mozyd.rules.yml");
    let Some(prometheus) = Prometheus::watching(&[lab.mozyd().admin()], &rules).await else { return };
    let scene = Scene::new(&lab, lab.instance(), "panels");
    let customer = scene.customer(usual()).await;
    customer.user("ann").await;
    let mut count = 0;
    for dashboard in ["deploy/grafana/overview.json", "deploy/grafana/daemon.json"] {
        for (panel, query) in queries(dashboard) {
            println!("{dashboard}: {panel}: {query}");
            // What is measured by the change needs one while Prometheus looks.
            if query.contains("change_to_call") {
                customer.user(&format!("user-{count}")).await;
            }
            prometheus.returns(&query).await;
            count += 1;
        }
    }
    assert!(count > 30, "{count}");
    lab.stop().await.unwrap();
}

#[test]
fn dashboards_are_whole_and_no_panel_lies_on_another() {
    for name in ["overview", "daemon"] {
        let dashboard: Value = serde_json::from_str(&read(&format!("deploy/grafana/{name}.json"))).unwrap();
        let panels = dashboard["panels"].as_array().unwrap();
        let mut taken = std::collections::BTreeSet::new();
        for panel in panels {
            assert!(
                panel["description"].as_str().is_some_and(|text| text.ends_with('.')),
                "{}",
                panel["title"]
            );
            let at = |side: &str| panel["gridPos"][side].as_i64().unwrap();
            for (x, y) in
                (at("x")..at("x") + at("w")).flat_map(|x| (at("y")..at("y") + at("h")).map(move |y| (x, y)))
            {
                assert!(x < 24 && taken.insert((x, y)), "{}", panel["title"]);
            }
        }
        assert_eq!(dashboard["uid"], format!("mozyd-{name}"));
    }
    assert!(ours("deploy/grafana").read_dir().unwrap().count() == 2);
}

/// The shipped rules in a hurry: an hour is ten seconds, half of one five, and nothing is waited for.
fn hasty() -> String {
    let rules = read("deploy/prometheus/mozyd.rules.yml");
    let hasty = rules.replace("> 3600", "> 10").replace("> 1800", "> 5");
    let lines = hasty
        .lines()
        .map(|line| if line.trim_start().starts_with("for: ") { "        for: 1s" } else { line });
    lines.collect::<Vec<_>>().join("\n")
}

/// Alerts fire for real: the guard holds something, Mozy goes away, the connection that listens is lost, the daemon dies. About a minute.
///
/// ```text
/// cargo test --test all deploy::live -- --ignored --nocapture
/// ```
#[tokio::test]
#[ignore = "takes about a minute"]
async fn alerts_fire_when_it_comes_true() {
    let db = TestDb::empty();
    let mut lab = lab(&db).await;
    let scene = Scene::new(&lab, lab.instance(), "alerts");
    let customer = scene.customer(usual()).await;
    let users = [customer.user("ann").await, customer.user("bob").await];
    let Some(prometheus) = Prometheus::watching(&[lab.mozyd().admin()], &hasty()).await else { return };
    prometheus.returns("up == 1").await;
    wait::until("quiet", SEEN, async || {
        let firing = prometheus.query("ALERTS{alertstate=\"firing\"}").await.unwrap();
        firing.is_empty().then_some(())
    })
    .await
    .unwrap();
    for user in users {
        lab.osa().disable_user(user.id).unwrap();
    }
    prometheus.fires("MozydGuardHolding").await;
    lab.mozy().add_fault(FaultRule::always(FaultKind::ConnectionRefused)).unwrap();
    prometheus.fires("MozydUsageTooOld").await;
    lab.mozy().clear_faults();
    silence(&db);
    prometheus.fires("MozydListenDown").await;
    admit(&db);
    lab.daemons()[0].process().kill().unwrap();
    prometheus.fires("MozydDown").await;
}
