//! A proxy for tests that stands between the daemon and anything it talks to, and breaks on command the way
//! networks do: refused, reset, silent, slow, or an answer lost after the request had its effect.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, split};
use tokio::net::{TcpListener, TcpSocket, TcpStream, UnixStream};
use tokio::sync::watch;
use tokio::time::sleep;
use tokio_util::task::AbortOnDropHandle;

/// How the proxy behaves, for open connections and new ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Everything passes.
    None,
    /// Nobody listens: new connections are refused, open ones reset.
    Refuse,
    /// Connections stay open and are accepted, but not a byte passes, until the fault is over.
    Freeze,
    /// Each piece of up to 16 kB takes this much longer, in each direction.
    Delay(Duration),
    /// Requests arrive, their answers vanish, and the connection stays open.
    SwallowAnswers,
    /// Requests arrive; the first byte of an answer resets the connection instead.
    CutAnswers,
}

/// Where the proxy passes things on to.
#[derive(Clone, Debug)]
pub enum Upstream {
    /// A TCP address.
    Tcp(SocketAddr),
    /// The path of a unix socket, PostgreSQL's for example.
    Unix(PathBuf),
}

/// A listening proxy; it and its connections end when it is dropped.
pub struct FaultProxy {
    address: SocketAddr,
    fault: watch::Sender<Fault>,
    cuts: watch::Sender<()>,
    accepted: Arc<AtomicUsize>,
    /// Holds the port while nobody listens, so that no other program is given it.
    _port: TcpSocket,
    _listening: AbortOnDropHandle<()>,
}

impl FaultProxy {
    /// Starts a proxy without a fault on a free loopback port.
    pub fn start(upstream: Upstream) -> io::Result<Self> {
        let port = bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
        let address = port.local_addr()?;
        let listener = listen(address)?;
        let (fault, faults) = watch::channel(Fault::None);
        let (cuts, cut) = watch::channel(());
        let accepted = Arc::new(AtomicUsize::new(0));
        let door = Door { address, upstream, faults, cut, accepted: accepted.clone() };
        let listening = AbortOnDropHandle::new(tokio::spawn(door.keep(listener)));
        Ok(Self { address, fault, cuts, accepted, _port: port, _listening: listening })
    }

    /// Where to connect to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Behaves as `fault` from now on; listening again after [`Fault::Refuse`] takes a moment.
    pub fn set(&self, fault: Fault) {
        self.fault.send_replace(fault);
    }

    /// Resets every open connection, once.
    pub fn cut(&self) {
        self.cuts.send_replace(());
    }

    /// How many connections were accepted so far.
    pub fn accepted(&self) -> usize {
        self.accepted.load(Ordering::Relaxed)
    }
}

fn bind(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    bind(address)?.listen(1024)
}

#[derive(Clone)]
struct Door {
    address: SocketAddr,
    upstream: Upstream,
    faults: watch::Receiver<Fault>,
    cut: watch::Receiver<()>,
    accepted: Arc<AtomicUsize>,
}

impl Door {
    /// Ends with the proxy: by abort, or when the sender of faults is gone.
    async fn keep(mut self, first: TcpListener) {
        let mut listener = Some(first);
        let mut open = tokio::task::JoinSet::new();
        loop {
            let refusing = *self.faults.borrow_and_update() == Fault::Refuse;
            listener = if refusing { None } else { listener.or_else(|| listen(self.address).ok()) };
            tokio::select! {
                changed = self.faults.changed() => if changed.is_err() { return },
                Some(stream) = accept(listener.as_ref()) => {
                    self.accepted.fetch_add(1, Ordering::Relaxed);
                    open.spawn(self.clone().serve(stream));
                }
                Some(_) = open.join_next() => {}
            }
        }
    }

    async fn serve(mut self, mut client: TcpStream) {
        self.cut.mark_unchanged();
        let faults = self.faults.clone();
        let kept = tokio::select! {
            passed = pass(&mut client, &self.upstream, &faults) => passed.is_ok(),
            _ = self.cut.changed() => false,
            _ = self.faults.wait_for(|fault| *fault == Fault::Refuse) => false,
        };
        if !kept {
            // A reset, not an orderly end. It fails only when the connection is gone anyway.
            let _ = client.set_zero_linger();
        }
    }
}

async fn accept(listener: Option<&TcpListener>) -> Option<TcpStream> {
    Some(listener?.accept().await.ok()?.0)
}

async fn pass(
    client: &mut TcpStream,
    upstream: &Upstream,
    faults: &watch::Receiver<Fault>,
) -> io::Result<()> {
    match upstream {
        Upstream::Tcp(address) => both_ways(client, TcpStream::connect(address).await?, faults).await,
        Upstream::Unix(path) => both_ways(client, UnixStream::connect(path).await?, faults).await,
    }
}

async fn both_ways(
    client: &mut TcpStream,
    server: impl AsyncRead + AsyncWrite,
    faults: &watch::Receiver<Fault>,
) -> io::Result<()> {
    let (from_client, to_client) = client.split();
    let (from_server, to_server) = split(server);
    let requests = pump(from_client, to_server, Way::Requests, faults.clone());
    let answers = pump(from_server, to_client, Way::Answers, faults.clone());
    tokio::try_join!(requests, answers).map(|_| ())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Requests,
    Answers,
}

async fn pump(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    way: Way,
    mut faults: watch::Receiver<Fault>,
) -> io::Result<()> {
    let mut piece = vec![0; 16 * 1024];
    loop {
        let length = from.read(&mut piece).await?;
        match verdict(way, &mut faults).await? {
            Verdict::Pass if length == 0 => return to.shutdown().await,
            Verdict::Pass => to.write_all(&piece[..length]).await?,
            // To the client the connection looks open, also when the server has closed it.
            Verdict::Vanish if length == 0 => faults.changed().await.map_err(io::Error::other)?,
            Verdict::Vanish => {}
        }
    }
}

enum Verdict {
    Pass,
    Vanish,
}

/// Holds a piece for as long as the fault says; an error breaks the connection.
async fn verdict(way: Way, faults: &mut watch::Receiver<Fault>) -> io::Result<Verdict> {
    while *faults.borrow_and_update() == Fault::Freeze {
        faults.changed().await.map_err(io::Error::other)?;
    }
    let fault = *faults.borrow();
    match (fault, way) {
        (Fault::SwallowAnswers, Way::Answers) => return Ok(Verdict::Vanish),
        (Fault::CutAnswers, Way::Answers) => return Err(io::ErrorKind::ConnectionReset.into()),
        (Fault::Delay(time), _) => sleep(time).await,
        _ => {}
    }
    Ok(Verdict::Pass)
}

#[cfg(test)]
mod tests;
