//! Callers that never finish cost a place for a while, and neither the others nor anything else.

use super::*;
use axum::routing::get;
use std::net::SocketAddr;
use std::time::Instant;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;

const SOON: Duration = Duration::from_secs(20);
const SHORT: Patience = Patience {
    first: Duration::from_millis(300),
    idle: Duration::from_secs(3),
    stalled: Duration::from_millis(300),
};
const HEAD: &[u8] = b"GET /who HTTP/1.1\r\nhost: us\r\n\r\n";

fn router() -> Router {
    let who = |ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.ip().to_string() };
    let long = || async { "x".repeat(1 << 20) };
    Router::new().route("/who", get(who)).route("/long", get(long))
}

/// A connection in memory, and its service.
fn opened() -> (DuplexStream, JoinHandle<()>) {
    let (ours, theirs) = duplex(1024);
    let peer = ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 7)));
    (ours, tokio::spawn(connection(theirs, peer, router(), SHORT, CancellationToken::new())))
}

async fn asks(stream: &mut (impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin)) -> String {
    stream.write_all(HEAD).await.unwrap();
    let mut answer = [0; 1024];
    let length = stream.read(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer[..length]).into_owned()
}

/// How long until the other side is gone, since something before it began to wait.
async fn gone_since(begun: Instant, stream: &mut DuplexStream) -> Duration {
    let mut rest = Vec::new();
    let _cut = timeout(SOON, stream.read_to_end(&mut rest)).await.unwrap();
    begun.elapsed()
}

#[tokio::test]
async fn who_says_nothing_or_half_a_head_is_let_go() {
    let begun = Instant::now();
    let ((mut silent, _), (mut half, _)) = (opened(), opened());
    half.write_all(&HEAD[..20]).await.unwrap();
    let (silent, half) = tokio::join!(gone_since(begun, &mut silent), gone_since(begun, &mut half));
    assert!(silent >= SHORT.first && half >= SHORT.first, "{silent:?} {half:?}");
}

#[tokio::test]
async fn a_connection_is_kept_for_the_next_request_but_not_for_ever() {
    let (mut kept, _) = opened();
    assert!(asks(&mut kept).await.ends_with("127.0.0.1"));
    sleep(SHORT.first * 2).await;
    let begun = Instant::now();
    assert!(asks(&mut kept).await.ends_with("127.0.0.1"));
    let (mut half, _) = opened();
    asks(&mut half).await;
    half.write_all(&HEAD[..20]).await.unwrap();
    let (kept, half) = tokio::join!(gone_since(begun, &mut kept), gone_since(begun, &mut half));
    assert!(kept >= SHORT.idle && half >= SHORT.idle, "{kept:?} {half:?}");
}

#[tokio::test]
async fn who_does_not_read_his_answer_is_let_go() {
    let (mut stalled, served) = opened();
    stalled.write_all(b"GET /long HTTP/1.1\r\nhost: us\r\n\r\n").await.unwrap();
    timeout(SOON, served).await.unwrap().unwrap();
    let mut read = Vec::new();
    stalled.read_to_end(&mut read).await.unwrap();
    assert!(read.len() < 1 << 20, "{} bytes were still written", read.len());
}

#[tokio::test]
async fn past_the_most_new_connections_wait_for_a_place() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(listener, router(), 2, Connections::default()));
    let silent = [TcpStream::connect(address).await.unwrap(), TcpStream::connect(address).await.unwrap()];
    let mut third = TcpStream::connect(address).await.unwrap();
    assert!(timeout(SHORT.first, asks(&mut third)).await.is_err(), "the places are taken");
    drop(silent);
    let mut answer = [0; 256];
    let length = timeout(SOON, third.read(&mut answer)).await.unwrap().unwrap();
    assert!(String::from_utf8_lossy(&answer[..length]).ends_with("127.0.0.1"));
}

#[test]
fn connections_leave_most_files_to_others() {
    raise_file_limit();
    assert_eq!(getrlimit(Resource::Nofile).current, getrlimit(Resource::Nofile).maximum);
    let files = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    assert!(most_connections() as u64 * 4 <= files.max(PART * 4), "of {files}");
}

#[tokio::test]
async fn what_is_asked_is_answered_before_a_connection_is_closed() {
    let (asked, heard) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (tell, wait) = (Arc::clone(&asked), Arc::clone(&heard));
    let slow = move || {
        let (tell, wait) = (Arc::clone(&tell), Arc::clone(&wait));
        async move {
            tell.notify_one();
            wait.notified().await;
            "done"
        }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let connections = Connections::default();
    let router = router().route("/slow", get(slow));
    let serving = tokio::spawn(serve(listener, router, 9, connections.clone()));
    let mut idle = TcpStream::connect(address).await.unwrap();
    assert!(asks(&mut idle).await.contains("127.0.0.1"));
    let mut busy = TcpStream::connect(address).await.unwrap();
    busy.write_all(b"GET /slow HTTP/1.1\r\nhost: us\r\n\r\n").await.unwrap();
    asked.notified().await;
    serving.abort();
    let closing = tokio::spawn(async move { connections.close(SOON).await });
    let mut rest = Vec::new();
    timeout(SOON, idle.read_to_end(&mut rest)).await.unwrap().unwrap();
    assert!(rest.is_empty() && !closing.is_finished());
    heard.notify_one();
    timeout(SOON, busy.read_to_end(&mut rest)).await.unwrap().unwrap();
    assert!(rest.ends_with(b"done"), "{}", String::from_utf8_lossy(&rest));
    timeout(SOON, closing).await.unwrap().unwrap();
}
