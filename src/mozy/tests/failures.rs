//! Every way for a call to break has the class that the contract needs, for a read and for a write.

use std::time::{Duration, Instant};

use super::server::{Act, HTML, Server, XML, client, fault, http, settings, soap};
use crate::mozy::{CallError, Client, Failure, Limits, ResultClass, Settings, partner};

/// What a read and a write come to.
async fn both(client: &Client) -> (CallError, CallError) {
    let get = partner::Get { id: Some(7), ..Default::default() };
    let delete = partner::Delete { id: Some(7), ..Default::default() };
    let (read, write) = tokio::join!(client.call(&get), client.call(&delete));
    let (read, write) = (read.expect_err("the read"), write.expect_err("the write"));
    assert!(read.certainly_not_done(), "a read changes nothing");
    (read, write)
}

async fn classes(client: &Client) -> (ResultClass, ResultClass) {
    let (read, write) = both(client).await;
    let (read_class, write_class) = (ResultClass::from(&read.failure), ResultClass::from(&write.failure));
    assert_eq!(write.certainly_not_done(), write_class != ResultClass::MaybeHappened, "{write}");
    (read_class, write_class)
}

const CUT: (ResultClass, ResultClass) = (ResultClass::Unreachable, ResultClass::MaybeHappened);
const GARBLED: (ResultClass, ResultClass) = (ResultClass::Unreadable, ResultClass::MaybeHappened);
const REJECTED: (ResultClass, ResultClass) = (ResultClass::Rejected, ResultClass::Rejected);
const DENIED: (ResultClass, ResultClass) = (ResultClass::Denied, ResultClass::Denied);

fn done() -> String {
    soap("<DeleteResponse><return>1</return></DeleteResponse>")
}

#[tokio::test]
async fn refused_is_not_delivered() {
    let server = Server::start(Act::Send(vec![])).await;
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (read, write) = both(&client(settings(&format!("http://{nobody}")))).await;
    assert!(matches!(read.failure, Failure::Unreachable { .. }), "{read}");
    assert!(matches!(write.failure, Failure::Unreachable { .. }), "{write}");
    assert!(write.certainly_not_done());
    assert!(!write.to_string().contains("http"), "the address stays out of it: {write}");
    drop(server);
}

#[tokio::test]
async fn broken_connections_may_have_delivered() {
    let whole = http("200 OK", XML, &done());
    let acts = [
        Act::Send(vec![]),
        Act::Send(b"HTTP/1.1 200 OK\r\n".to_vec()),
        Act::Send(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 100\r\n\r\n".to_vec()),
        Act::Send(whole[..whole.len() - 10].to_vec()),
        Act::Send(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<a/>"
                .to_vec(),
        ),
        Act::Send(b"this is not http\r\n\r\n".to_vec()),
        Act::Hang(vec![]),
        Act::Hang(whole[..whole.len() - 10].to_vec()),
        Act::Drip(whole),
    ];
    let broken = acts.map(async |act| {
        let server = Server::start(act).await;
        assert_eq!(classes(&server.impatient(Duration::from_secs(1))).await, CUT);
    });
    futures_util::future::join_all(broken).await;
}

#[tokio::test]
async fn what_is_no_answer_is_not_believed() {
    let cut_off = done().replace("</s:Envelope>", "");
    for (status, headers, body) in [
        ("200 OK", XML, cut_off.as_str()),
        ("200 OK", XML, ""),
        ("200 OK", XML, "<html><body>maintenance</body></html>"),
        ("200 OK", HTML, &done()),
        ("200 OK", HTML, "<html>"),
        ("500 Internal Server Error", HTML, "<html>"),
        ("500 Internal Server Error", HTML, &fault("no")),
        ("500 Internal Server Error", XML, &done()),
        ("200 OK", "", &done()),
        ("200 OK", "Content-Type: application/json\r\n", "{}"),
        ("200 OK", "Content-Type: application/xhtml+xml\r\n", &done()),
        ("202 Accepted", XML, &done()),
        ("302 Found", "Location: /elsewhere\r\n", ""),
        ("400 Bad Request", XML, &fault("no")),
        ("404 Not Found", HTML, "<html>"),
        ("502 Bad Gateway", XML, &fault("no")),
        ("504 Gateway Timeout", HTML, ""),
    ] {
        let server = Server::http(status, headers, body).await;
        assert_eq!(classes(&server.client()).await, GARBLED, "{status} {headers} {body}");
        assert_eq!(server.requests.lock().unwrap().len(), 2, "nothing is repeated or followed");
    }
}

#[tokio::test]
async fn a_fault_is_a_fault_with_200_or_500() {
    for status in ["200 OK", "500 Internal Server Error"] {
        let server = Server::http(status, XML, &fault("no such\npartner &lt;7&gt;")).await;
        assert_eq!(classes(&server.client()).await, REJECTED, "{status}");
        let (read, _) = both(&server.client()).await;
        assert_eq!(read.to_string(), "partner.Get: rejected by mozy: no such partner <7>");
    }
}

#[tokio::test]
async fn a_fault_is_cut_to_a_bound() {
    let server = Server::http("200 OK", XML, &fault(&"ä".repeat(5000))).await;
    let (_, write) = both(&server.client()).await;
    assert!(matches!(write.failure, Failure::Rejected { fault } if fault.chars().count() == 501));
}

#[tokio::test]
async fn denials_are_certain() {
    for status in ["401 Unauthorized", "403 Forbidden"] {
        let server = Server::http(status, HTML, "<html>").await;
        assert_eq!(classes(&server.client()).await, DENIED, "{status}");
    }
}

async fn throttled(status: &str, headers: &str) -> [(Option<Duration>, bool); 2] {
    let server = Server::http(status, headers, "").await;
    let (read, write) = both(&server.client()).await;
    [read, write].map(|error| match error.failure {
        Failure::Throttled { retry_after, maybe_happened } => (retry_after, maybe_happened),
        other => panic!("{other}"),
    })
}

#[tokio::test]
async fn throttling_tells_how_long_and_whether_it_may_have_happened() {
    assert_eq!(throttled("429 Too Many Requests", "").await, [(None, false), (None, false)]);
    let seven = Some(Duration::from_secs(7));
    assert_eq!(
        throttled("429 Too Many Requests", "Retry-After: 7\r\n").await,
        [(seven, false), (seven, false)]
    );
    assert_eq!(throttled("503 Busy", "Retry-After: 7\r\n").await, [(seven, false), (seven, true)]);
    assert_eq!(throttled("503 Busy", "Retry-After: soon\r\n").await, [(None, false), (None, true)]);
    let date = (chrono::Utc::now() + Duration::from_secs(600)).format("%a, %d %b %Y %H:%M:%S GMT");
    for (wait, _) in throttled("429 Too Many Requests", &format!("Retry-After: {date}\r\n")).await {
        assert!((590..=600).contains(&wait.unwrap().as_secs()), "{wait:?}");
    }
}

#[tokio::test]
async fn an_answer_is_bounded() {
    let server = Server::http("200 OK", XML, &soap(&"<a/>".repeat(1000))).await;
    let limits = Limits { bytes: 1000, ..Limits::default() };
    let (read, write) = both(&client(Settings { limits, ..settings(&server.url) })).await;
    assert!(matches!(read.failure, Failure::Unreadable { .. }), "{read}");
    assert!(matches!(write.failure, Failure::MaybeHappened { .. }), "{write}");
}

#[tokio::test]
async fn few_large_answers_are_read_at_once_and_small_ones_do_not_wait() {
    let large = http("200 OK", XML, &soap(&"<a>large</a>".repeat(100_000)));
    let stuck = Server::start(Act::Hang(large[..large.len() - 10].to_vec())).await;
    let (whole, little) =
        (Server::start(Act::Send(large)).await, Server::http("200 OK", XML, &fault("no")).await);
    let get = partner::Get { id: Some(7), ..Default::default() };
    // Until then the two have their turns, which they have taken by the second second.
    let given_up = Duration::from_secs(4);
    let (one, two) = (stuck.impatient(given_up), stuck.impatient(given_up));
    let (small, third) = (little.client(), whole.client());
    let begun = Instant::now();
    let after = async |wait: u64, client: &Client| {
        tokio::time::sleep(Duration::from_secs(wait)).await;
        let error = client.call(&get).await.expect_err("no answer");
        (ResultClass::from(&error.failure), begun.elapsed())
    };
    let (small, third, one, two) =
        tokio::join!(after(2, &small), after(2, &third), after(0, &one), after(0, &two));
    let stuck = one.1.min(two.1);
    assert!(small.1 < stuck, "{small:?} {stuck:?}");
    assert!(third.0 == ResultClass::Unreadable && third.1 > stuck, "{third:?} {stuck:?}");
}

#[tokio::test]
async fn what_cannot_be_written_is_not_sent() {
    let server = Server::http("200 OK", XML, &done()).await;
    let rename = partner::Update { id: Some(7), name: Some("a\u{0}b"), ..Default::default() };
    let error = server.client().call(&rename).await.expect_err("a NUL");
    assert!(error.certainly_not_done());
    assert_eq!(
        error.to_string(),
        "partner.Update: the request cannot be sent: name holds the character U+0000, which xml cannot carry; remove it"
    );
    assert_eq!(server.requests.lock().unwrap().len(), 0);
}
