//! The certificates hold in real handshakes, and fail in them when they should.

use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::*;

fn roots(pem: &str) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()).unwrap();
    roots
}

fn chain(identity: &Identity) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
    let bundle = identity.bundle();
    let certs = CertificateDer::pem_slice_iter(bundle.as_bytes()).collect::<Result<_, _>>().unwrap();
    (certs, PrivateKeyDer::from_pem_slice(bundle.as_bytes()).unwrap())
}

/// One TLS exchange in which both ends must show themselves; `trusted` is what both trust.
async fn handshake(server: &Identity, client: &Identity, trusted: &str, host: &str) -> std::io::Result<()> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots(trusted)), provider.clone());
    let (certs, key) = chain(server);
    let server =
        ServerConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions().unwrap();
    let server =
        server.with_client_cert_verifier(verifier.build().unwrap()).with_single_cert(certs, key).unwrap();
    let (certs, key) = chain(client);
    let client = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let client = client.with_root_certificates(roots(trusted)).with_client_auth_cert(certs, key).unwrap();

    let (near, far) = duplex(16 * 1024);
    let answer = async {
        let mut tls = TlsAcceptor::from(Arc::new(server)).accept(far).await?;
        tls.write_all(b"!").await?;
        tls.shutdown().await
    };
    let ask = async {
        let host = ServerName::try_from(host.to_string()).unwrap();
        TlsConnector::from(Arc::new(client)).connect(host, near).await?.read_u8().await
    };
    tokio::try_join!(answer, ask).map(|_| ())
}

#[tokio::test]
async fn leaves_of_one_authority_trust_each_other() {
    let ca = Authority::new("lab").unwrap();
    let server = ca.leaf("mozy", &["localhost", "127.0.0.1"], Validity::Now).unwrap();
    let client = ca.leaf("mozyd", &[], Validity::Now).unwrap();
    handshake(&server, &client, &ca.cert_pem(), "localhost").await.unwrap();
    handshake(&server, &client, &ca.cert_pem(), "127.0.0.1").await.unwrap();
    assert!(handshake(&server, &client, &ca.cert_pem(), "elsewhere.example").await.is_err());
}

#[tokio::test]
async fn expired_and_foreign_certificates_are_refused() {
    let (ca, other) = (Authority::new("lab").unwrap(), Authority::new("other").unwrap());
    let good = ca.leaf("mozy", &["localhost"], Validity::Now).unwrap();
    let expired = ca.leaf("mozy", &["localhost"], Validity::Expired).unwrap();
    let foreign = other.leaf("mozyd", &[], Validity::Now).unwrap();
    assert!(handshake(&expired, &good, &ca.cert_pem(), "localhost").await.is_err());
    assert!(handshake(&good, &foreign, &ca.cert_pem(), "localhost").await.is_err());
}

#[tokio::test]
async fn a_self_signed_certificate_vouches_for_itself() {
    let own = self_signed("controller", &["127.0.0.1"], Validity::Now).unwrap();
    handshake(&own, &own, &own.cert_pem, "127.0.0.1").await.unwrap();
}

#[test]
fn keys_are_not_printed() {
    let own = self_signed("controller", &[], Validity::Now).unwrap();
    assert!(!format!("{own:?}").contains("PRIVATE KEY"));
}
