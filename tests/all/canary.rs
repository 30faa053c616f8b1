//! No secret reaches any sink: the log at its most talkative, metrics, the operator's API, verbs, process arguments, the
//! database, or what OSA is told (design, rule 16). Every secret of the lab is looked for in each of them, after a day's
//! work and every fault that Mozy's line knows.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;
use std::time::Duration;

use mozyd::lab::postgres::Server;
use mozyd::lab::screen::Screen;
use mozyd::lab::{Auth, Lab, Options, day};
use mozyd::sim::mozy::{FaultKind, FaultRule, RetryAfter};
use mozyd::sim::osa::TaskRecord;

use crate::support::TestDb;

/// What goes wrong, each a few times.
const FAULTS: [FaultKind; 14] = [
    FaultKind::Latency { ms: 50 },
    FaultKind::ConnectionRefused,
    FaultKind::TlsFailure,
    FaultKind::CutBefore,
    FaultKind::AnswerLost,
    FaultKind::LateCommit { ms: 100 },
    FaultKind::status(500),
    FaultKind::status(503),
    FaultKind::throttled(Some(RetryAfter::Seconds(1))),
    FaultKind::html(502),
    FaultKind::ip_refused(),
    FaultKind::TruncatedXml,
    FaultKind::WrongContentType,
    FaultKind::SlowDrip { ms: 1 },
];

/// Secrets by what they are; each must be found nowhere.
type Secrets = BTreeMap<String, String>;

fn secrets(lab: &Lab, links: &[TaskRecord]) -> Secrets {
    let mut secrets = Secrets::from([("the API key".to_owned(), lab.mozy().api_key())]);
    for name in ["secrets-key", "osa-oauth-secret", "osa-tls-key"] {
        if let Ok(content) = fs::read_to_string(lab.home().path().join(name)) {
            let line = content.lines().find(|line| !line.starts_with("-----")).unwrap();
            secrets.insert(name.to_owned(), line.trim().to_owned());
        }
    }
    secrets.insert("a private key".to_owned(), "PRIVATE KEY-----".to_owned());
    for link in links {
        let url = link.answer.as_str().unwrap();
        secrets.insert(format!("the link of task {}", link.id), url.to_owned());
        let token = url.rsplit(['=', '/']).next().unwrap();
        secrets.insert(format!("the token of task {}", link.id), token.to_owned());
    }
    assert!(secrets.values().all(|secret| secret.len() >= 8), "{:?}", secrets.keys());
    secrets
}

/// Everything that is written or said, by where.
async fn sinks(lab: &mut Lab) -> Vec<(String, String)> {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let pid = lab.daemons()[0].process().pid();
    let daemon = lab.mozyd();
    let mut sinks = vec![("log".to_owned(), fs::read_to_string(daemon.log()).unwrap())];
    let status = lab.verb(&["status", "--output", "json"]).await.unwrap();
    let all: serde_json::Value = status.json().unwrap();
    let id = all.to_string().split("\"aps_id\":\"").nth(1).unwrap()[..36].to_owned();
    for verb in [
        vec!["status"],
        vec!["status", &id],
        vec!["plan"],
        vec!["events"],
        vec!["doubts"],
        vec!["unmanaged"],
        vec!["check-config"],
    ] {
        let answer = lab.verb(&verb).await.unwrap();
        sinks.push((verb.join(" "), format!("{}{}", answer.stdout, answer.stderr)));
    }
    for path in [
        "/metrics",
        "/livez",
        "/readyz",
        "/api/v1/subscriptions",
        &format!("/api/v1/subscriptions/{id}/events"),
    ] {
        let url = format!("http://{}{path}", daemon.admin());
        let answer = http.get(url).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        sinks.push((path.to_owned(), answer.text().await.unwrap()));
    }
    sinks.push(("the database".to_owned(), dump(lab.database_url())));
    sinks.push(("arguments".to_owned(), arguments(pid.as_raw_nonzero().get())));
    let tasks = lab.osa().tasks();
    // Links are for whoever asked for them.
    let told = tasks.iter().filter(|task| task.operation != "control panel");
    sinks.push(("what OSA was told".to_owned(), told.map(|task| format!("{task:?}\n")).collect()));
    sinks
}

fn dump(url: &str) -> String {
    let server = Server::find().unwrap().unwrap();
    let mut dump = server.program("pg_dump");
    let output = dump.arg("--inserts").arg(url).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("subscriptions"), "the dump has the tables");
    text
}

/// How everybody on the machine sees the process.
fn arguments(pid: i32) -> String {
    let output = Command::new("ps").args(["-ww", "-o", "args=", "-p", &pid.to_string()]).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

async fn search(auth: Auth) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let db = TestDb::empty();
    let options = Options { auth, seed: 7, database_url: Some(db.url()), ..Options::default() }
        .setting("log.level", "trace");
    let mut lab = Lab::start(options).await.unwrap();
    let (screen, _) = Screen::recorded();
    day::play(&lab, &screen, 2, 7).await.unwrap();
    let tenants = lab.osa().resources().into_iter().filter(|r| r.properties.contains_key("partnerId"));
    let mut links = Vec::new();
    for tenant in tenants {
        links.extend(lab.done(lab.osa().get_client_url(tenant.id)).await.ok());
    }
    assert!(!links.is_empty(), "there is a link to look for");
    for (nth, kind) in FAULTS.into_iter().enumerate() {
        let rule =
            FaultRule { operation: None, kind, probability: 0.5, remaining: Some(2), seed: nth as u64 };
        lab.mozy().add_fault(rule).unwrap();
    }
    lab.mozyd().refresh_all().unwrap();
    tokio::time::sleep(Duration::from_secs(4)).await;
    lab.mozy().clear_faults();
    let secrets = secrets(&lab, &links);
    let sinks = sinks(&mut lab).await;
    assert!(sinks[0].1.contains("DEBUG"), "the log is at its most talkative");
    let found: Vec<String> = sinks
        .iter()
        .flat_map(|(sink, text)| {
            let here = secrets.iter().filter(|(_, secret)| text.contains(secret.as_str()));
            here.map(move |(what, _)| format!("{what} is in {sink}"))
        })
        .collect();
    assert_eq!(found, Vec::<String>::new());
    lab.stop().await.unwrap();
}

#[tokio::test]
async fn no_secret_is_told_over_mutual_tls() {
    search(Auth::MutualTls).await;
}

#[tokio::test]
async fn no_secret_is_told_over_oauth() {
    search(Auth::OAuth).await;
}
