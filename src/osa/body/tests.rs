//! Bodies over real sockets.

use axum::Router;
use axum::routing::post;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;
use crate::osa::answer::Answer;
use crate::osa::testing::{http, serve_plain};
use crate::osa::types::Tenant;

async fn provision(body: Body) -> Result<Answer, ApsError> {
    let tenant: Tenant = parse(&read(body).await?)?;
    Ok(Answer::Created(json!({"company": tenant.company_name.value()})))
}

/// The answer's status and its body as JSON.
async fn ask(request: reqwest::RequestBuilder) -> (u16, Value) {
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or_else(|_| panic!("{status} {text}")))
}

async fn served() -> String {
    format!("http://{}", serve_plain(Router::new().route("/mozyProAccount", post(provision))).await)
}

#[tokio::test]
async fn json_is_json_whatever_it_is_called() {
    let url = format!("{}/mozyProAccount", served().await);
    let form = http().post(&url).header("content-type", "application/x-www-form-urlencoded");
    assert_eq!(ask(form.body(r#"{"companyName":"ACME"}"#)).await, (201, json!({"company": "ACME"})));
    assert_eq!(ask(http().post(&url)).await, (201, json!({"company": null})));
    let broken = ask(http().post(&url).body("{\n \"companyName\": ]")).await;
    assert_eq!((broken.0, &broken.1["error"]), (400, &json!("BadRequest")));
    assert!(broken.1["message"].as_str().unwrap().contains("line 2 column 17"), "{broken:?}");
    for nonsense in ["companyName=ACME", "[]", "\"x\"", "{} {}", "{\"companyName\":\"\u{fffd}", "null"] {
        assert_eq!(ask(http().post(&url).body(nonsense)).await.0, 400, "{nonsense}");
    }
    let not_text = b"{\"companyName\":\"\xff\"}".to_vec();
    assert_eq!(ask(http().post(&url).body(not_text)).await.0, 400);
}

#[tokio::test]
async fn depth_and_size_are_bounded_and_the_answer_says_so() {
    let url = format!("{}/mozyProAccount", served().await);
    let deep = format!("{{\"account\":{}", "{\"aps\":[".repeat(100_000));
    assert_eq!(ask(http().post(&url).body(deep)).await.0, 400);
    let unread = format!("{{\"x\":{}1{}}}", "[".repeat(10_000), "]".repeat(10_000));
    assert!(matches!(ask(http().post(&url).body(unread)).await.0, 201 | 400));
    let large = format!("{{\"companyName\":\"{}\"}}", "x".repeat(10 * LARGEST_BODY));
    let (status, body) = ask(http().post(&url).body(large)).await;
    assert_eq!((status, &body["code"], &body["error"]), (413, &json!(413), &json!("PayloadTooLarge")));
    let fits = format!("{{\"x\":\"{}\"}}", "x".repeat(LARGEST_BODY - 8));
    assert_eq!(ask(http().post(&url).body(fits)).await.0, 201);
}

#[tokio::test]
async fn a_sender_that_reads_only_after_it_has_sent_all_hears_why() {
    let base = served().await;
    let mut stream = tokio::net::TcpStream::connect(base.trim_start_matches("http://")).await.unwrap();
    let length = 10 * LARGEST_BODY;
    let head = format!(
        "POST /mozyProAccount HTTP/1.1\r\nhost: h\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&vec![b'x'; length]).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
}

#[test]
fn a_nul_is_named_with_its_place() {
    for (body, place) in [
        (r#"{"companyName":"AC\u0000ME"}"#, "companyName"),
        (r#"{"aps":{"x509":{"controller":"\u0000"}}}"#, "aps.x509.controller"),
        (r#"{"others":[1,{"name":"a\u0000"}]}"#, "others[1].name"),
        (r#"{"a\u0000":1}"#, "a name"),
    ] {
        let error = parse::<Tenant>(body.as_bytes()).unwrap_err();
        assert_eq!(error.status(), 400);
        let wanted = format!("{place}: has a NUL character in it");
        assert!(error.to_string().contains(&wanted), "{body}: {error}");
    }
    let written_out = r#"{"companyName":"C:\\u0000"}"#;
    assert_eq!(parse::<Tenant>(written_out.as_bytes()).unwrap().company_name.value().unwrap(), "C:\\u0000");
}
