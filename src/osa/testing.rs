//! Certificates and a served router for the tests of this floor.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::serve::Listener;
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair, date_time_ymd};
use rustls::sign::{CertifiedKey, SingleCertAndKey};

use super::certificate::Identity;
use super::listen::{Endpoint, Peer};
use super::tls::provider;

/// A self-signed certificate as PEM, its key as PEM, and the certificate as DER.
pub(super) struct TestCertificate {
    pub certificate: String,
    pub key: String,
    pub der: Vec<u8>,
}

impl TestCertificate {
    pub fn new() -> Self {
        Self::between(2000, 3000, false)
    }

    pub fn between(from: i32, to: i32, ca: bool) -> Self {
        let mut params = CertificateParams::new(vec!["osa.invalid".to_owned()]).unwrap();
        params.not_before = date_time_ymd(from, 1, 1);
        params.not_after = date_time_ymd(to, 1, 1);
        params.is_ca = if ca { IsCa::Ca(BasicConstraints::Unconstrained) } else { IsCa::NoCa };
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        Self { certificate: certificate.pem(), key: key.serialize_pem(), der: certificate.der().to_vec() }
    }

    /// As APS delivers `aps.x509.self`.
    pub fn both(&self) -> String {
        format!("{}{}", self.certificate, self.key)
    }
}

/// Shows `certificate` and signs with the key of `holder`, as client or server.
pub(super) fn shown(certificate: &TestCertificate, holder: &TestCertificate) -> Arc<SingleCertAndKey> {
    let identity = |of: &TestCertificate| Identity::from_pem(of.both().as_bytes()).unwrap();
    let key = provider().key_provider.load_private_key(identity(holder).key).unwrap();
    Arc::new(CertifiedKey::new(identity(certificate).chain, key).into())
}

/// Serves `router` on `endpoint` until the test ends.
pub(super) fn serve(endpoint: Endpoint, router: Router) -> SocketAddr {
    let address = endpoint.local_addr().unwrap().addr;
    let service = router.into_make_service_with_connect_info::<Peer>();
    tokio::spawn(async move { axum::serve(endpoint, service).await });
    address
}

/// Serves `router` without TLS on a free port of the loopback.
pub(super) async fn serve_plain(router: Router) -> SocketAddr {
    let tcp = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    serve(Endpoint::plain(tcp).unwrap(), router)
}

/// A client that speaks plain HTTP.
pub(super) fn http() -> reqwest::Client {
    let config = rustls::ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    reqwest::Client::builder().tls_backend_preconfigured(config).no_proxy().build().unwrap()
}

/// A client that believes `served` at `address`, as `osa.invalid`, and shows `shown`.
pub(super) fn https(
    served: &TestCertificate,
    address: SocketAddr,
    shown: Option<&TestCertificate>,
) -> reqwest::Client {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(served.der.clone().into()).unwrap();
    let config = rustls::ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    let config = match shown {
        Some(certificate) => config.with_client_cert_resolver(self::shown(certificate, certificate)),
        None => config.with_no_client_auth(),
    };
    let http = reqwest::Client::builder().tls_backend_preconfigured(config).no_proxy();
    http.resolve("osa.invalid", address).build().unwrap()
}
