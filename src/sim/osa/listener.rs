//! Connections to the controller: accepted, refused or reset, and brought to TLS before they are served.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use rustls::ServerConfig;
use rustls::pki_types::CertificateDer;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio_rustls::TlsAcceptor;

use super::faults::{Fault, Side};
use super::options::Auth;
use super::sim::OsaSim;

/// A handshake takes no longer than this.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// The other end of a connection.
#[derive(Clone, Debug)]
pub(super) struct Peer {
    /// The certificate that it proved to hold.
    pub certificate: Option<CertificateDer<'static>>,
}

impl Connected<IncomingStream<'_, Doorstep>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Doorstep>) -> Self {
        stream.remote_addr().clone()
    }
}

/// Where connections wait that are ready to be served.
pub(super) struct Doorstep {
    ready: mpsc::Receiver<(Socket, Peer)>,
}

impl Listener for Doorstep {
    type Io = Socket;
    type Addr = Peer;

    async fn accept(&mut self) -> (Socket, Peer) {
        match self.ready.recv().await {
            Some(connection) => connection,
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<Peer> {
        Ok(Peer { certificate: None })
    }
}

impl Doorstep {
    /// Accepts connections for OSA from now until it stops.
    pub fn new(sim: &OsaSim, listener: TcpListener) -> io::Result<Self> {
        let (sender, ready) = mpsc::channel(64);
        let address = listener.local_addr()?;
        let keeper = Keeper { sim: sim.clone(), address, tls: Tls::new(sim)?, sender };
        tokio::spawn(sim.stop.clone().run_until_cancelled_owned(keeper.keep(listener)));
        Ok(Self { ready })
    }
}

/// TLS with the certificate that is valid, and with the one that is not.
struct Tls {
    valid: TlsAcceptor,
    expired: TlsAcceptor,
}

impl Tls {
    fn new(sim: &OsaSim) -> io::Result<Option<Self>> {
        let mutual = matches!(sim.options.auth, Auth::MutualTls);
        let acceptor = |config: io::Result<Arc<ServerConfig>>| config.map(TlsAcceptor::from);
        match sim.options.speaks_tls() {
            true => Ok(Some(Self {
                valid: acceptor(sim.controller.server(mutual))?,
                expired: acceptor(sim.expired.server(mutual))?,
            })),
            false => Ok(None),
        }
    }
}

struct Keeper {
    sim: OsaSim,
    address: SocketAddr,
    tls: Option<Tls>,
    sender: mpsc::Sender<(Socket, Peer)>,
}

impl Keeper {
    /// Listens while the door is open; while it is closed the port is, too.
    async fn keep(self, listener: TcpListener) {
        let mut open = self.sim.open.subscribe();
        let mut listener = Some(listener);
        loop {
            if !*open.borrow_and_update() {
                drop(listener.take());
                let _ = open.wait_for(|open| *open).await;
            }
            let Some(listening) = self.listening(&mut listener).await else { continue };
            tokio::select! {
                _ = open.changed() => {}
                Ok((stream, _)) = listening.accept() => self.welcome(stream),
            }
        }
    }

    async fn listening<'a>(&self, listener: &'a mut Option<TcpListener>) -> Option<&'a TcpListener> {
        if listener.is_none() {
            *listener = TcpListener::bind(self.address).await.ok();
        }
        if listener.is_none() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        listener.as_ref()
    }

    fn welcome(&self, stream: TcpStream) {
        if self.sim.faults.strike(Side::FromApp, Fault::Refused) {
            // A reset rather than an orderly end: the caller gets an error at once.
            let _ = stream.set_zero_linger();
            return;
        }
        let expired = self.sim.faults.strike(Side::FromApp, Fault::ExpiredCertificate);
        let tls = self.tls.as_ref().map(|tls| if expired { &tls.expired } else { &tls.valid }).cloned();
        let (sender, open) = (self.sender.clone(), self.sim.open.subscribe());
        tokio::spawn(async move {
            if let Ok(Ok((stream, certificate))) = tokio::time::timeout(HANDSHAKE, secured(tls, stream)).await
            {
                let _ = sender.send((Socket { stream, open }, Peer { certificate })).await;
            }
        });
    }
}

type Secured = (Box<dyn Stream>, Option<CertificateDer<'static>>);

async fn secured(tls: Option<TlsAcceptor>, stream: TcpStream) -> io::Result<Secured> {
    stream.set_nodelay(true)?;
    let Some(tls) = tls else { return Ok((Box::new(stream), None)) };
    let stream = tls.accept(stream).await?;
    let presented = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first());
    let certificate = presented.map(|certificate| certificate.clone().into_owned());
    Ok((Box::new(stream), certificate))
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// A connection, plain or TLS. Once the door was closed nothing more is read from it, also when it is open again.
pub(super) struct Socket {
    stream: Box<dyn Stream>,
    open: watch::Receiver<bool>,
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        match self.open.has_changed() {
            Ok(false) => polled,
            _ => Poll::Ready(Err(io::ErrorKind::ConnectionReset.into())),
        }
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
