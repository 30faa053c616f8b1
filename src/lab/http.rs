//! The least HTTP that tells whether a daemon on loopback is ready: one plain request, one answer, no client library.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// What one GET may take from connect to the last byte.
const PATIENCE: Duration = Duration::from_secs(20);
/// More than any status page of ours has.
const LONGEST: u64 = 4 << 20;

/// A status and the body as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The body, at most 4 MB.
    pub body: String,
}

/// GETs `path` over plain HTTP.
pub async fn get(address: SocketAddr, path: &str) -> Result<Answer> {
    get_as(None, address, path).await
}

/// The same with the operator's token, if there is one.
pub async fn get_as(token: Option<&str>, address: SocketAddr, path: &str) -> Result<Answer> {
    let bearer = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
    ask(address, "GET", path, &bearer).await
}

/// POSTs nothing to `path` over plain HTTP.
pub async fn post(address: SocketAddr, path: &str) -> Result<Answer> {
    ask(address, "POST", path, "").await
}

async fn ask(address: SocketAddr, method: &str, path: &str, header: &str) -> Result<Answer> {
    let text = timeout(PATIENCE, exchange(address, method, path, header))
        .await
        .context("waiting for an answer")??;
    parse(&text).with_context(|| format!("reading the answer to {method} http://{address}{path}"))
}

async fn exchange(address: SocketAddr, method: &str, path: &str, header: &str) -> Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    // HTTP/1.0, so that the answer is neither chunked nor kept open.
    stream
        .write_all(
            format!("{method} {path} HTTP/1.0\r\nHost: {address}\r\n{header}Content-Length: 0\r\n\r\n")
                .as_bytes(),
        )
        .await?;
    let mut raw = Vec::new();
    stream.take(LONGEST).read_to_end(&mut raw).await?;
    Ok(String::from_utf8_lossy(&raw).into_owned())
}

fn parse(text: &str) -> Result<Answer> {
    let (head, body) = text.split_once("\r\n\r\n").context("the answer has no end of headers")?;
    let status = head.split(' ').nth(1).context("the answer has no status")?;
    Ok(Answer { status: status.parse().context("the status is not a number")?, body: body.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_taken_apart() {
        let answer = parse("HTTP/1.0 503 Service Unavailable\r\nA: b\r\n\r\nnot yet\r\n\r\n").unwrap();
        assert_eq!(answer, Answer { status: 503, body: "not yet\r\n\r\n".into() });
        assert!(parse("HTTP/1.0 OK\r\n\r\n").is_err());
        assert!(parse("").is_err());
    }

    #[tokio::test]
    async fn an_axum_server_answers() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let routes = axum::Router::new().route("/readyz", axum::routing::get(async || "yes"));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        assert_eq!(get(address, "/readyz").await.unwrap(), Answer { status: 200, body: "yes".into() });
        assert_eq!(get(address, "/elsewhere").await.unwrap().status, 404);
    }
}
