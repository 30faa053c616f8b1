//! Each fault, as a client sees it through a real socket.

use std::io::ErrorKind;

use super::*;
use crate::lab::wait;

const SOON: Duration = Duration::from_secs(10);
const A_WHILE: Duration = Duration::from_millis(150);

/// A server that answers each byte with the next one and counts them, and a proxy before it.
async fn world() -> (FaultProxy, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let upstream = Upstream::Tcp(listener.local_addr().unwrap());
    let seen = Arc::new(AtomicUsize::new(0));
    let count = seen.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let count = count.clone();
            tokio::spawn(async move {
                while let Ok(byte) = stream.read_u8().await {
                    count.fetch_add(1, Ordering::SeqCst);
                    stream.write_u8(byte + 1).await.unwrap();
                }
            });
        }
    });
    (FaultProxy::start(upstream).unwrap(), seen)
}

async fn client(proxy: &FaultProxy) -> TcpStream {
    TcpStream::connect(proxy.address()).await.unwrap()
}

async fn ask(stream: &mut TcpStream) -> io::Result<u8> {
    stream.write_u8(1).await?;
    stream.read_u8().await
}

async fn silent(stream: &mut TcpStream) -> bool {
    tokio::time::timeout(A_WHILE, stream.read_u8()).await.is_err()
}

#[tokio::test]
async fn without_a_fault_everything_passes_and_ends_in_order() {
    let (proxy, _) = world().await;
    let mut stream = client(&proxy).await;
    assert_eq!(ask(&mut stream).await.unwrap(), 2);
    stream.shutdown().await.unwrap();
    assert_eq!(stream.read_u8().await.unwrap_err().kind(), ErrorKind::UnexpectedEof);
    assert_eq!(proxy.accepted(), 1);
}

#[tokio::test]
async fn a_refusal_resets_what_is_open_and_is_over_when_lifted() {
    let (proxy, _) = world().await;
    let mut stream = client(&proxy).await;
    ask(&mut stream).await.unwrap();
    proxy.set(Fault::Refuse);
    assert_eq!(stream.read_u8().await.unwrap_err().kind(), ErrorKind::ConnectionReset);
    let refused = async || match TcpStream::connect(proxy.address()).await {
        Err(error) => (error.kind() == ErrorKind::ConnectionRefused).then_some(()),
        Ok(_) => None,
    };
    wait::until("a refused connection", SOON, refused).await.unwrap();
    proxy.set(Fault::None);
    let open = async || TcpStream::connect(proxy.address()).await.ok();
    let mut stream = wait::until("an open door", SOON, open).await.unwrap();
    assert_eq!(ask(&mut stream).await.unwrap(), 2);
}

#[tokio::test]
async fn frozen_bytes_arrive_after_the_thaw() {
    let (proxy, seen) = world().await;
    let mut stream = client(&proxy).await;
    proxy.set(Fault::Freeze);
    stream.write_u8(1).await.unwrap();
    assert!(silent(&mut stream).await);
    assert_eq!(seen.load(Ordering::SeqCst), 0);
    proxy.set(Fault::None);
    assert_eq!(stream.read_u8().await.unwrap(), 2);
}

#[tokio::test]
async fn delays_add_up_over_both_directions() {
    let (proxy, _) = world().await;
    proxy.set(Fault::Delay(Duration::from_millis(60)));
    let mut stream = client(&proxy).await;
    let begin = std::time::Instant::now();
    ask(&mut stream).await.unwrap();
    assert!(begin.elapsed() >= Duration::from_millis(120));
}

#[tokio::test]
async fn a_swallowed_answer_had_its_effect() {
    let (proxy, seen) = world().await;
    let mut stream = client(&proxy).await;
    proxy.set(Fault::SwallowAnswers);
    stream.write_u8(1).await.unwrap();
    let effect = async || (seen.load(Ordering::SeqCst) == 1).then_some(());
    wait::until("the effect", SOON, effect).await.unwrap();
    assert!(silent(&mut stream).await);
    proxy.set(Fault::None);
    assert_eq!(ask(&mut stream).await.unwrap(), 2);
}

#[tokio::test]
async fn a_cut_answer_had_its_effect_and_is_a_reset() {
    let (proxy, seen) = world().await;
    let mut stream = client(&proxy).await;
    proxy.set(Fault::CutAnswers);
    assert_eq!(ask(&mut stream).await.unwrap_err().kind(), ErrorKind::ConnectionReset);
    assert_eq!(seen.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_cut_resets_open_connections_only() {
    let (proxy, _) = world().await;
    let mut stream = client(&proxy).await;
    ask(&mut stream).await.unwrap();
    proxy.cut();
    assert_eq!(stream.read_u8().await.unwrap_err().kind(), ErrorKind::ConnectionReset);
    assert_eq!(ask(&mut client(&proxy).await).await.unwrap(), 2);
}

#[tokio::test]
async fn a_dropped_proxy_is_gone() {
    let (proxy, _) = world().await;
    let address = proxy.address();
    let mut stream = client(&proxy).await;
    ask(&mut stream).await.unwrap();
    drop(proxy);
    assert!(stream.read_u8().await.is_err());
    let gone = async || TcpStream::connect(address).await.is_err().then_some(());
    wait::until("the end of the proxy", SOON, gone).await.unwrap();
}
