//! Serving HTTP, everything bounded: how many connections there are, how long one may be silent, how long a head takes,
//! how long nobody reads an answer (design, rule 12). Bodies are bounded by whoever reads them.

mod stall;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::serve::Listener;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use stall::Stall;
use std::future::pending;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, Semaphore};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Service;

/// How long a peer may take for what.
#[derive(Clone, Copy)]
struct Patience {
    /// A new connection says what it wants within so long.
    first: Duration,
    /// Between two requests, the next one's head included. Longer than callers keep a connection that they do not use.
    idle: Duration,
    /// A peer that takes nothing of its answer for so long is gone.
    stalled: Duration,
}

const PATIENCE: Patience = Patience {
    first: Duration::from_secs(10),
    idle: Duration::from_secs(75),
    stalled: Duration::from_secs(30),
};

/// A listener's connections may take one part in so many of the files that may be open: the rest is for PostgreSQL, Mozy
/// and OSA, which must not suffer from whoever calls.
const PART: u64 = 8;

/// No listener needs more.
const MOST: u64 = 512;

/// Lets this process have as many files open as the system allows it: the lower limit is for programs older than `poll`.
pub fn raise_file_limit() {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
        tracing::debug!(%error, "as many files stay allowed as were");
    }
}

/// How many connections of one listener may be open at once; whoever comes then waits in the kernel's queue.
pub fn most_connections() -> usize {
    let files = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    (files / PART).clamp(PART, MOST) as usize
}

/// The connections that are open: once they are to close, each ends its request and takes no other.
#[derive(Clone, Default)]
pub struct Connections {
    open: TaskTracker,
    closing: CancellationToken,
}

impl Connections {
    /// Closes them, and waits for requests that are under way, but not for ever: whoever called asks again.
    pub async fn close(&self, patience: Duration) {
        self.closing.cancel();
        self.open.close();
        if timeout(patience, self.open.wait()).await.is_err() {
            tracing::debug!(number = self.open.len(), "connections are broken off");
        }
    }
}

/// Serves for ever, at most so many connections at once. A request carries the `ConnectInfo` of its connection.
pub async fn serve<L>(mut listener: L, router: Router, most: usize, connections: Connections)
where
    L: Listener,
    L::Addr: Clone + Sync + 'static,
{
    let places = Arc::new(Semaphore::new(most));
    // Nobody closes it.
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        let (io, peer) = listener.accept().await;
        let closing = connections.closing.clone();
        let connection = connection(io, ConnectInfo(peer), router.clone(), PATIENCE, closing);
        connections.open.spawn(async move {
            connection.await;
            drop(place);
        });
    }
}

async fn connection<I, A>(
    io: I,
    peer: ConnectInfo<A>,
    router: Router,
    patience: Patience,
    closing: CancellationToken,
) where
    I: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    A: Clone + Send + Sync + 'static,
{
    let spoke = Arc::new(Notify::new());
    let heard = Arc::clone(&spoke);
    let service = service_fn(move |request: Request<Incoming>| {
        heard.notify_one();
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(peer.clone());
        router.clone().call(request)
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(patience.idle);
    let mut connection = pin!(http.serve_connection(TokioIo::new(Stall::new(io, patience.stalled)), service));
    let silent = async {
        tokio::select! {
            () = spoke.notified() => pending().await,
            () = sleep(patience.first) => {}
        }
    };
    let talking = async {
        tokio::select! {
            _ended = connection.as_mut() => return,
            () = closing.cancelled() => connection.as_mut().graceful_shutdown(),
        }
        let _ended = connection.await;
    };
    // How it ended matters to nobody: whoever called knows.
    tokio::select! {
        () = talking => {}
        () = silent => {}
    }
}

#[cfg(test)]
mod tests;
