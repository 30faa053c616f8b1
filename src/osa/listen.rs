//! Connections come in with or without TLS, and a peer that dawdles in its handshake holds up nobody else.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::either::Either;

/// Handshakes under way at once, unless said otherwise; past it new connections wait in the kernel's queue.
const MOST_HANDSHAKES: usize = 1024;
/// How long a peer may take for its handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// Pause after the system could not accept, for example because no file descriptor is free.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Who is at the other end of a connection. Handlers get it as `ConnectInfo<Peer>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// Where it calls from; a loopback address is a trusted proxy.
    pub addr: SocketAddr,
    /// Whether it came through TLS.
    pub tls: bool,
    /// The leaf certificate it showed and holds the key of, DER.
    pub certificate: Option<Arc<[u8]>>,
}

/// A connection: plain, or TLS.
pub type Stream = Either<TcpStream, TlsStream<TcpStream>>;

/// Where OSA calls us. Whoever serves it gives each request the `ConnectInfo<Peer>` of its connection.
pub struct Endpoint {
    tcp: TcpListener,
    tls: Option<TlsAcceptor>,
    most_handshakes: usize,
    handshakes: FuturesUnordered<BoxFuture<'static, Option<(Stream, Peer)>>>,
}

impl Endpoint {
    /// Without TLS.
    ///
    /// # Errors
    /// If `tcp` is not bound to a loopback address.
    pub fn plain(tcp: TcpListener) -> io::Result<Self> {
        let address = tcp.local_addr()?;
        if address.ip().is_loopback() {
            return Ok(Self {
                tcp,
                tls: None,
                most_handshakes: MOST_HANDSHAKES,
                handshakes: FuturesUnordered::new(),
            });
        }
        let message =
            format!("cannot listen on {address} without tls; set a certificate or use a loopback address");
        Err(io::Error::new(io::ErrorKind::InvalidInput, message))
    }

    /// With TLS, see [`super::tls::server_config`].
    pub fn tls(tcp: TcpListener, config: Arc<ServerConfig>) -> Self {
        let handshakes = FuturesUnordered::new();
        Self { tcp, tls: Some(config.into()), most_handshakes: MOST_HANDSHAKES, handshakes }
    }

    /// The same with at most so many handshakes under way at once: each holds a file open.
    pub fn at_most(self, most_handshakes: usize) -> Self {
        Self { most_handshakes, ..self }
    }

    async fn begin(&mut self, accepted: io::Result<(TcpStream, SocketAddr)>) {
        match accepted {
            Ok((stream, addr)) => self.handshakes.push(shake(self.tls.clone(), stream, addr)),
            Err(error) if is_the_peers(&error) => tracing::debug!(%error, "a caller went away"),
            Err(error) => {
                tracing::error!(%error, "cannot accept a connection; check the limit on open files");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

impl Listener for Endpoint {
    type Io = Stream;
    type Addr = Peer;

    async fn accept(&mut self) -> (Stream, Peer) {
        loop {
            tokio::select! {
                Some(shaken) = self.handshakes.next(), if !self.handshakes.is_empty() => {
                    if let Some(connection) = shaken {
                        return connection;
                    }
                }
                accepted = self.tcp.accept(), if self.handshakes.len() < self.most_handshakes => {
                    self.begin(accepted).await;
                }
            }
        }
    }

    /// Our own address, in the shape of a peer's.
    fn local_addr(&self) -> io::Result<Peer> {
        Ok(Peer { addr: self.tcp.local_addr()?, tls: self.tls.is_some(), certificate: None })
    }
}

impl Connected<IncomingStream<'_, Endpoint>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Endpoint>) -> Self {
        stream.remote_addr().clone()
    }
}

fn is_the_peers(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

fn shake(
    tls: Option<TlsAcceptor>,
    stream: TcpStream,
    addr: SocketAddr,
) -> BoxFuture<'static, Option<(Stream, Peer)>> {
    Box::pin(async move {
        // Small answers must not wait for the peer's delayed acknowledgement; without it they are only slower.
        let _ = stream.set_nodelay(true);
        let Some(tls) = tls else {
            return Some((Either::Left(stream), Peer { addr, tls: false, certificate: None }));
        };
        let shaken = tokio::time::timeout(HANDSHAKE_TIMEOUT, tls.accept(stream)).await;
        let stream = shaken
            .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
            .inspect_err(|error| tracing::debug!(%addr, %error, "tls handshake failed"))
            .ok()?;
        let certificate = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
        let certificate = certificate.map(|leaf| Arc::from(leaf.as_ref()));
        Some((Either::Right(stream), Peer { addr, tls: true, certificate }))
    })
}

#[cfg(test)]
mod tests;
