//! Connections serve one call after the other, and are given up before the peer does.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use super::server::{XML, client, http, read_request, settings, soap};
use crate::mozy::{Settings, user};

/// Answers as often as it is asked, and tells when the client closes.
async fn keep_answering(mut stream: TcpStream, closed: Arc<Notify>) {
    let answer = http("200 OK", XML, &soap("<DeleteResponse><return>1</return></DeleteResponse>"));
    let answer = String::from_utf8(answer).unwrap().replace("Connection: close\r\n", "");
    while !read_request(&mut stream).await.is_empty() {
        stream.write_all(answer.as_bytes()).await.unwrap();
    }
    closed.notify_one();
}

#[tokio::test]
async fn one_connection_is_used_again_and_dropped_when_idle() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut settings: Settings = settings(&format!("http://{}", listener.local_addr().unwrap()));
    let idle = Duration::from_millis(500);
    settings.timeouts.idle = idle;
    let (closed, accepted) = (Arc::new(Notify::new()), Arc::new(AtomicUsize::new(0)));
    let (tell, count) = (closed.clone(), accepted.clone());
    let server = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(keep_answering(stream, tell.clone()));
        }
    });
    let client = client(settings);
    let begun = Instant::now();
    for _ in 0..3 {
        assert_eq!(client.call(&user::Delete { id: 1 }).await, Ok(Some(1)));
    }
    // Unless the machine let it lie idle for so long between two calls.
    assert!(accepted.load(Ordering::SeqCst) == 1 || begun.elapsed() > idle);
    tokio::time::timeout(Duration::from_secs(10), closed.notified()).await.expect("closed by the client");
    server.abort();
}
