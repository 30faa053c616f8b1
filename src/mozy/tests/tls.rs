//! Only a server whose certificate we trust gets to see the key.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::server::{XML, client, http, read_request, settings, soap};
use crate::mozy::{Failure, Settings, Tls, user};

/// A CA, and a server on a real port with a certificate by it for `name`. Counts the requests that it could read.
async fn server(name: &str) -> (String, String, Arc<AtomicUsize>) {
    let mut ca = CertificateParams::new(Vec::new()).unwrap();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca_key = KeyPair::generate().unwrap();
    let ca_pem = ca.self_signed(&ca_key).unwrap().pem();
    let key = KeyPair::generate().unwrap();
    let issuer = Issuer::from_params(&ca, &ca_key);
    let certificate = CertificateParams::new(vec![name.into()]).unwrap().signed_by(&key, &issuer).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let config = config.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key).unwrap();
    let (url, read) = listen(TlsAcceptor::from(Arc::new(config))).await;
    (url, ca_pem, read)
}

async fn listen(acceptor: TlsAcceptor) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let read = Arc::new(AtomicUsize::new(0));
    let count = read.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            if !read_request(&mut stream).await.is_empty() {
                count.fetch_add(1, Ordering::SeqCst);
            }
            let body = soap("<DeleteResponse><return>1</return></DeleteResponse>");
            stream.write_all(&http("200 OK", XML, &body)).await.unwrap_or_default();
            stream.shutdown().await.unwrap_or_default();
        }
    });
    (url, read)
}

fn trusting(url: &str, ca: &str) -> Settings {
    Settings { tls: Tls::trusting(Some(ca)).unwrap(), ..settings(url) }
}

#[tokio::test]
async fn a_known_ca_is_trusted() {
    let (url, ca, read) = server("localhost").await;
    let rows = client(trusting(&url, &ca)).call(&user::Delete { id: 1 }).await;
    assert_eq!(rows, Ok(Some(1)));
    assert_eq!(read.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_unknown_ca_and_a_wrong_name_are_not() {
    let (url, _, read) = server("localhost").await;
    let (elsewhere, ca, read_elsewhere) = server("elsewhere.example").await;
    for settings in [settings(&url), trusting(&elsewhere, &ca)] {
        let error = client(settings).call(&user::Delete { id: 1 }).await.expect_err("no trust");
        assert!(
            matches!(&error.failure, Failure::Unreachable { problem } if problem.contains("certificate")),
            "{error}"
        );
        assert!(error.certainly_not_done());
    }
    assert_eq!(read.load(Ordering::SeqCst) + read_elsewhere.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_handshake_that_never_ends_is_not_delivered() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut settings = settings(&format!("https://{}", silent.local_addr().unwrap()));
    settings.timeouts.connect = std::time::Duration::from_millis(100);
    let error = client(settings).call(&user::Delete { id: 1 }).await.expect_err("a timeout");
    assert!(matches!(error.failure, Failure::Unreachable { .. }), "{error}");
    assert!(error.certainly_not_done());
}
