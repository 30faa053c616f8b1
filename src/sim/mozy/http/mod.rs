//! The second door: the simulator as a real HTTP or HTTPS server, with its SOAP services and the control surface.

mod control;
mod disturbed;
mod endpoint;
mod line;
mod listener;
pub(super) mod read;
mod types;
pub(super) mod write;
mod wsdl;
pub(super) mod xml;

use std::{io, net::SocketAddr, sync::Arc};

use axum::{
    Router,
    routing::{get, post},
};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    },
};
use tokio_util::sync::CancellationToken;

use super::sim::MozySim;
use line::Line;
use listener::Gate;

/// What the handlers share.
#[derive(Clone)]
pub(super) struct Door {
    sim: MozySim,
    scheme: &'static str,
    stop: CancellationToken,
}

/// A running server. Dropping it stops it; the simulator's state outlives it and may be served again.
pub struct Served {
    /// Where it listens.
    pub addr: SocketAddr,
    stop: CancellationToken,
    server: JoinHandle<()>,
}

impl Served {
    /// Stops accepting, ends held answers, closes the connections and frees the port.
    pub async fn shutdown(mut self) {
        self.stop.cancel();
        let _ended_or_panicked = (&mut self.server).await;
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl MozySim {
    /// Serves plain HTTP on that address (port 0: any). Errors if it cannot be bound.
    pub async fn serve(&self, addr: SocketAddr) -> io::Result<Served> {
        self.open(addr, None).await
    }

    /// Serves HTTPS with that certificate chain and key, both PEM. Errors if they do not fit or the address is taken.
    pub async fn serve_tls(&self, addr: SocketAddr, chain_pem: &[u8], key_pem: &[u8]) -> io::Result<Served> {
        let tls =
            tls(chain_pem, key_pem).map_err(|text| io::Error::new(io::ErrorKind::InvalidInput, text))?;
        self.open(addr, Some(tls)).await
    }

    async fn open(&self, addr: SocketAddr, tls: Option<TlsAcceptor>) -> io::Result<Served> {
        let tcp = TcpListener::bind(addr).await?;
        let addr = tcp.local_addr()?;
        let stop = CancellationToken::new();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let app = router(Door { sim: self.clone(), scheme, stop: stop.clone() });
        let gate = Gate::new(tcp, tls, self.clone());
        let stopped = stop.clone().cancelled_owned();
        let server = tokio::spawn(async move {
            let service = app.into_make_service_with_connect_info::<Line>();
            let _never_fails = axum::serve(gate, service).with_graceful_shutdown(stopped).await;
        });
        Ok(Served { addr, stop, server })
    }
}

fn router(door: Door) -> Router {
    Router::new()
        .route("/api/{version}/{service}/api", post(endpoint::call))
        .route("/api/{version}/{service}/service.wsdl", get(wsdl::serve))
        .nest("/_sim", control::router())
        .with_state(door)
}

fn tls(chain_pem: &[u8], key_pem: &[u8]) -> Result<TlsAcceptor, String> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(chain_pem).collect();
    let chain = chain.map_err(|error| format!("reading the certificate chain: {error}"))?;
    let key = PrivateKeyDer::from_pem_slice(key_pem)
        .map_err(|error| format!("reading the private key: {error}"))?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
        .map_err(|error| format!("making the TLS server: {error}"))?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}
