//! No secret reaches any sink: the log at its most talkative, metrics, the operator's API, verbs, process arguments, the
//! database, or what OSA is told (design, rule 16). Every secret of the lab is looked for in each of them, after a day's
//! work and every fault that Mozy's line knows.

use std::fs;
use std::process::Command;
use std::time::Duration;

use mozyd::lab::screen::Screen;
use mozyd::lab::{Auth, Lab, Options, day, wait};
use mozyd::sim::mozy::{FaultKind, FaultRule, RetryAfter};
use mozyd::sim::osa::TaskRecord;

use crate::support::TestDb;
use crate::support::secrets::{self, Secrets};

/// What goes wrong, each once.
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

/// How long a fault may take to strike: after some Mozy is left alone for a while.
const STRUCK: Duration = Duration::from_secs(20);

/// All of the lab, and the links that people were given.
fn secrets(lab: &Lab, links: &[TaskRecord]) -> Secrets {
    let mut secrets = Secrets::of(lab).unwrap();
    for link in links {
        let url = link.answer.as_str().unwrap();
        secrets.add(&format!("the link of task {}", link.id), url.to_owned());
        let token = url.rsplit(['=', '/']).next().unwrap();
        assert!(token.len() >= 8, "{token}");
        secrets.add(&format!("the token of task {}", link.id), token.to_owned());
    }
    secrets
}

/// Everything that is written or said, by where.
async fn sinks(lab: &mut Lab) -> Vec<(String, String)> {
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
        let answer = daemon.get(path).await.unwrap();
        assert_eq!(answer.status, 200, "{path}");
        sinks.push((path.to_owned(), answer.body));
    }
    sinks.push(("the database".to_owned(), secrets::dump(lab.database_url()).unwrap()));
    sinks.push(("arguments".to_owned(), arguments(pid.as_raw_nonzero().get())));
    let tasks = lab.osa().tasks();
    // Links are for whoever asked for them.
    let told = tasks.iter().filter(|task| task.operation != "control panel");
    sinks.push(("what OSA was told".to_owned(), told.map(|task| format!("{task:?}\n")).collect()));
    sinks
}

/// How everybody on the machine sees the process.
fn arguments(pid: i32) -> String {
    let output = Command::new("ps").args(["-ww", "-o", "args=", "-p", &pid.to_string()]).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

async fn search(auth: Auth) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let db = TestDb::empty();
    let options = Options { auth, seed: 7, database_url: Some(db.url()), ..Options::default() };
    // Some answers never come, and fresh numbers have to come within the same time.
    let options = options.setting("mozy.timeout", "5s");
    let mut lab = Lab::start(secrets::with_every_secret(options).unwrap()).await.unwrap();
    let (screen, _) = Screen::recorded();
    day::play(&lab, &screen, 2, 7).await.unwrap();
    let tenants = lab.osa().resources().into_iter().filter(|r| r.properties.contains_key("partnerId"));
    let mut links = Vec::new();
    for tenant in tenants {
        links.extend(lab.done(lab.osa().get_client_url(tenant.id)).await.ok());
    }
    assert!(!links.is_empty(), "there is a link to look for");
    for kind in FAULTS {
        // One after another: Mozy is left alone longer and longer while it does nothing but fail.
        lab.mozy().clear_faults();
        lab.mozy().add_fault(FaultRule { remaining: Some(1), ..FaultRule::always(kind) }).unwrap();
        lab.mozyd().refresh_all().unwrap();
        let struck = async || (lab.mozy().faults()[0].remaining == Some(0)).then_some(());
        wait::until(&format!("{kind:?} to strike"), STRUCK, struck).await.unwrap();
    }
    let secrets = secrets(&lab, &links);
    let sinks = sinks(&mut lab).await;
    assert!(sinks[0].1.contains("\"level\":\"TRACE\""), "the log is at its most talkative");
    let found: Vec<String> = sinks
        .iter()
        .flat_map(|(sink, text)| {
            secrets.in_text(text).into_iter().map(move |what| format!("{what} is in {sink}"))
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
