//! Each fault through a real socket.

use std::time::{Duration, Instant};

use super::wire::{Wired, any_port};
use crate::sim::mozy::{FaultKind, FaultRule, Outcome, RetryAfter};

/// A server with one fault waiting for the next `partner.Create`.
async fn with(kind: FaultKind) -> Wired {
    let wired = Wired::new().await;
    wired.rig.sim.add_fault(FaultRule::once("partner.Create", kind)).unwrap();
    wired
}

async fn try_create(wired: &Wired, name: &str) -> reqwest::Result<(u16, String)> {
    let parts = format!("<name>{name}</name><root_admin_username>a@{name}.example</root_admin_username>");
    wired.post("partner", wired.envelope("Create", &parts)).await
}

fn is_there(wired: &Wired) -> bool {
    wired.rig.sim.partner_named("acme").is_some()
}

#[tokio::test]
async fn an_answer_lost_after_commit_leaves_a_change_behind() {
    let wired = with(FaultKind::AnswerLost).await;
    assert!(try_create(&wired, "acme").await.is_err());
    assert!(is_there(&wired));
    let (status, body) = try_create(&wired, "acme").await.unwrap();
    assert!(status == 500 && body.contains("already exists"), "the next call is answered again");
}

#[tokio::test]
async fn a_connection_cut_before_the_call_leaves_none() {
    for kind in [FaultKind::CutBefore, FaultKind::ConnectionRefused, FaultKind::TlsFailure] {
        let wired = with(kind).await;
        assert!(try_create(&wired, "acme").await.is_err());
        assert!(!is_there(&wired));
        assert_eq!(try_create(&wired, "acme").await.unwrap().0, 200);
    }
}

#[tokio::test]
async fn new_connections_are_refused_while_the_rule_lasts() {
    let wired = Wired::new().await;
    wired.rig.sim.add_fault(FaultRule::always(FaultKind::ConnectionRefused)).unwrap();
    assert!(try_create(&wired, "acme").await.is_err());
    assert_eq!(wired.rig.sim.counters().calls, 0, "not a byte was read");
    wired.rig.sim.clear_faults();
    assert_eq!(try_create(&wired, "acme").await.unwrap().0, 200);
}

#[tokio::test]
async fn a_late_commit_is_never_answered_and_lands_later() {
    let wired = with(FaultKind::LateCommit { ms: 60_000 }).await;
    let mut call = std::pin::pin!(try_create(&wired, "acme"));
    let held = async {
        while wired.rig.sim.pending() == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        answer = &mut call => panic!("{answer:?}"),
        () = held => {}
    }
    let waited = tokio::time::timeout(Duration::from_millis(200), call).await;
    assert!(waited.is_err(), "the client stops waiting");
    assert!(!is_there(&wired));
    wired.rig.sim.advance(chrono::TimeDelta::seconds(60));
    assert!(is_there(&wired));
}

#[tokio::test]
async fn throttling_comes_with_and_without_retry_after() {
    let cases = [(None, ""), (Some(RetryAfter::Seconds(7)), "7"), (Some(RetryAfter::Date(7)), "GMT")];
    for (retry_after, ends) in cases {
        let wired = with(FaultKind::throttled(retry_after)).await;
        let url = wired.url("/api/0.1.50/partner/api");
        let response = wired.client.post(url).body(wired.envelope("Create", "")).send().await.unwrap();
        assert_eq!(response.status(), 429);
        let header = response.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(header.is_some(), retry_after.is_some());
        let header = header.unwrap_or_default();
        assert!(header.ends_with(ends), "{header}");
        let is_date = chrono::DateTime::parse_from_rfc2822(&header).is_ok();
        assert_eq!(is_date, matches!(retry_after, Some(RetryAfter::Date(_))));
    }
}

#[tokio::test]
async fn bare_statuses_and_html_pages() {
    for (kind, status, html, happens) in [
        (FaultKind::status(500), 500, false, false),
        (FaultKind::status(502), 502, false, false),
        (FaultKind::status(503), 503, false, false),
        (FaultKind::html(500), 500, true, false),
        (FaultKind::html(200), 200, true, false),
        (FaultKind::ip_refused(), 403, true, false),
        (FaultKind::Status { code: 502, retry_after: None, html: true, committed: true }, 502, true, true),
    ] {
        let wired = with(kind).await;
        let (got, body) = try_create(&wired, "acme").await.unwrap();
        assert_eq!((got, body.contains("<html>"), is_there(&wired)), (status, html, happens), "{kind:?}");
    }
}

#[tokio::test]
async fn truncated_xml_is_a_whole_answer_of_half_an_envelope() {
    let wired = with(FaultKind::TruncatedXml).await;
    let (status, body) = try_create(&wired, "acme").await.unwrap();
    assert!(status == 200 && body.contains("Envelope") && !body.contains("</soapenv:Envelope>"));
    assert!(is_there(&wired));
}

#[tokio::test]
async fn a_wrong_content_type_hides_a_right_answer() {
    let wired = with(FaultKind::WrongContentType).await;
    let parts = "<name>acme</name><root_admin_username>a@a.example</root_admin_username>";
    let request =
        wired.client.post(wired.url("/api/0.1.50/partner/api")).body(wired.envelope("Create", parts));
    let response = request.send().await.unwrap();
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    assert!(response.text().await.unwrap().ends_with("</soapenv:Envelope>") && is_there(&wired));
}

#[tokio::test]
async fn latency_and_slow_drips_take_their_time() {
    for kind in [FaultKind::Latency { ms: 150 }, FaultKind::SlowDrip { ms: 5 }] {
        let wired = with(kind).await;
        let start = Instant::now();
        let (status, body) = try_create(&wired, "acme").await.unwrap();
        assert!(status == 200 && body.ends_with("</soapenv:Envelope>"));
        assert!(start.elapsed() >= Duration::from_millis(150), "{kind:?} took {:?}", start.elapsed());
        assert_eq!(wired.rig.sim.calls()[0].outcome, Outcome::Ok);
    }
}

#[tokio::test]
async fn a_stale_read_and_a_taken_key_through_the_socket() {
    let wired = Wired::new().await;
    wired.rig.sim.add_fault(FaultRule::once("partner.Get", FaultKind::StaleRead { ms: 1000 })).unwrap();
    wired.create("acme").await;
    let get = "<search><name>acme</name></search>";
    assert_eq!(wired.soap("partner", "Get", get).await.0, 500);
    assert_eq!(wired.soap("partner", "Get", get).await.0, 200);
    let partner = wired.rig.sim.partner_named("acme").unwrap();
    let key = wired.rig.provision(partner.default_group_id, 1, 1).remove(0);
    wired.rig.sim.add_fault(FaultRule::once("resource.GetLicenses", FaultKind::KeyTaken)).unwrap();
    let (_, body) = wired.soap("resource", "GetLicenses", "<search><status>free</status></search>").await;
    assert!(body.contains(&key) && wired.rig.sim.license(&key).unwrap().email.is_some());
}

#[tokio::test]
async fn the_server_stops_at_once_and_its_world_outlives_it() {
    let wired = with(FaultKind::LateCommit { ms: 1 }).await;
    let held = {
        let (client, body) = (wired.client.clone(), wired.envelope("Create", "<name>x</name>"));
        let url = wired.url("/api/0.1.50/partner/api");
        tokio::spawn(async move { client.post(url).body(body).send().await.is_err() })
    };
    while wired.rig.sim.counters().calls == 0 {
        tokio::task::yield_now().await;
    }
    let addr = wired.served.addr;
    let Wired { rig, served, client } = wired;
    tokio::time::timeout(Duration::from_secs(5), served.shutdown()).await.expect("it stops");
    assert!(held.await.unwrap(), "the held answer is cut");
    assert!(client.get(format!("http://{addr}/_sim/check")).send().await.is_err());
    let again = rig.sim.serve(addr).await.expect("the port is free again");
    assert!(client.get(format!("http://{addr}/_sim/check")).send().await.is_ok());
    again.shutdown().await;
    assert!(rig.sim.serve(any_port()).await.is_ok());
}
