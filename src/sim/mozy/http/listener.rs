//! Accepts connections, cuts those a fault rule strikes, and shakes TLS hands aside so that a slow one holds up nobody.

use std::{io, net::SocketAddr, time::Duration};

use axum::{
    extract::connect_info::Connected,
    serve::{IncomingStream, Listener},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;

use super::line::{Connection, Line, Wire};
use crate::sim::mozy::sim::MozySim;

/// How long a TLS handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);

type Accepted = (Connection, SocketAddr);

/// The listening side of the second door.
pub(super) struct Gate {
    tcp: TcpListener,
    tls: Option<TlsAcceptor>,
    sim: MozySim,
    shaken: (mpsc::Sender<Accepted>, mpsc::Receiver<Accepted>),
}

impl Gate {
    pub fn new(tcp: TcpListener, tls: Option<TlsAcceptor>, sim: MozySim) -> Gate {
        Gate { tcp, tls, sim, shaken: mpsc::channel(64) }
    }

    /// A connection that is ready at once; one that shakes hands first comes through the channel.
    fn take(&self, stream: TcpStream, from: SocketAddr) -> Option<Accepted> {
        stream.set_nodelay(true).ok()?;
        if self.sim.core().cuts_connection() {
            let _reset_or_closed = stream.set_zero_linger();
            return None;
        }
        let Some(tls) = self.tls.clone() else {
            return Some((Connection::new(Wire::Plain(stream)), from));
        };
        let shaken = self.shaken.0.clone();
        tokio::spawn(async move {
            if let Ok(Ok(stream)) = timeout(HANDSHAKE, tls.accept(stream)).await {
                let _server_may_be_gone =
                    shaken.send((Connection::new(Wire::Tls(Box::new(stream))), from)).await;
            }
        });
        None
    }
}

impl Listener for Gate {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> Accepted {
        loop {
            tokio::select! {
                Some(accepted) = self.shaken.1.recv() => return accepted,
                incoming = self.tcp.accept() => match incoming {
                    Ok((stream, from)) => if let Some(accepted) = self.take(stream, from) { return accepted },
                    Err(_out_of_files) => sleep(Duration::from_millis(50)).await,
                }
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }
}

impl Connected<IncomingStream<'_, Gate>> for Line {
    fn connect_info(stream: IncomingStream<'_, Gate>) -> Line {
        stream.io().line.clone()
    }
}
