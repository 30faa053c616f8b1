//! The gate behind a real endpoint, with certificates and with signatures.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use reqwest::header::AUTHORIZATION;
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

use super::*;
use crate::domain::Secret;
use crate::osa::answer::Answer;
use crate::osa::apsc::{Access, Apsc, ApscError, Behalf, Timeouts};
use crate::osa::certificate::Identity;
use crate::osa::listen::Endpoint;
use crate::osa::oauth::{Nonces, OAuthKeys};
use crate::osa::testing::{TestCertificate, http, serve, serve_plain};
use crate::osa::tls::server_config;

/// A router that answers whoever is admitted.
fn guarded(gate: Gate, delivered: Option<Pinned>) -> Router {
    let gate = Arc::new(gate);
    Router::new().fallback(move |request: Request| {
        let (gate, delivered) = (gate.clone(), delivered.clone());
        async move {
            let parts = request.into_parts().0;
            gate.admit(&parts, delivered.as_ref(), SystemTime::now()).await.map(|()| Answer::Found(json!({})))
        }
    })
}

fn pinned(certificate: &TestCertificate) -> Pinned {
    Pinned::from_pem(certificate.certificate.as_bytes()).unwrap()
}

fn identity(certificate: &TestCertificate) -> Identity {
    Identity::from_pem(certificate.both().as_bytes()).unwrap()
}

struct Tls {
    ours: TestCertificate,
    address: SocketAddr,
}

impl Tls {
    async fn serve(delivered: Option<&TestCertificate>) -> Self {
        let ours = TestCertificate::new();
        let tcp = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = Endpoint::tls(tcp, server_config(identity(&ours)).unwrap());
        let address = serve(endpoint, guarded(Gate::MutualTls, delivered.map(pinned)));
        Self { ours, address }
    }

    /// Calls in as a controller that shows `shown`; why it was refused.
    async fn refusal(&self, shown: Option<&TestCertificate>) -> Option<String> {
        let access =
            Access { identity: shown.map(identity), controller: Some(pinned(&self.ours)), oauth: None };
        let uri = format!("https://{}", self.address).parse().unwrap();
        let caller = Apsc::new(&uri, None, access, Timeouts::default()).unwrap();
        match caller.resource::<Value>(Uuid::nil(), &Behalf::default()).await {
            Ok(_) => None,
            Err(ApscError::Refused { status: 403, message }) => Some(message),
            Err(other) => panic!("{other}"),
        }
    }
}

#[tokio::test]
async fn only_the_delivered_certificate_opens() {
    let (controller, other) = (TestCertificate::new(), TestCertificate::new());
    let served = Tls::serve(Some(&controller)).await;
    assert_eq!(served.refusal(Some(&controller)).await, None);
    let stranger = served.refusal(Some(&other)).await.unwrap();
    assert!(stranger.contains("not the one the install delivered"), "{stranger}");
    let nobody = served.refusal(None).await.unwrap();
    assert!(nobody.contains("shows no client certificate"), "{nobody}");
    let unknown = Tls::serve(None).await.refusal(Some(&controller)).await.unwrap();
    assert!(unknown.contains("install it first"), "{unknown}");
}

#[tokio::test]
async fn an_expired_certificate_opens_nothing() {
    let controller = TestCertificate::between(2000, 2001, true);
    let refusal = Tls::serve(Some(&controller)).await.refusal(Some(&controller)).await.unwrap();
    assert!(refusal.contains("expired"), "{refusal}");
}

#[tokio::test]
async fn a_signature_opens_once() {
    let keys = OAuthKeys::new("osa", &Secret::new("s3cret"));
    let public_url = Some("https://osa.example/mozy".parse().unwrap());
    let verifier = Verifier { keys: keys.clone(), public_url, nonces: Arc::new(Nonces::default()) };
    let address = serve_plain(guarded(Gate::OAuth(Box::new(verifier)), None)).await;
    // One moment for all: what is signed a second later is no replay.
    let now = SystemTime::now();
    let ask = async |signed: &str, nonce: &str, ago: u64| {
        let url = Url::parse(signed).unwrap();
        let then = now - Duration::from_secs(ago);
        let signature = keys.authorization("GET", &url, then, nonce).unwrap();
        let request = http().get(format!("http://{address}/mozyPro?a=1")).header(AUTHORIZATION, signature);
        let request =
            request.header("x-forwarded-host", "proxy.example").header("x-forwarded-proto", "https");
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(ask("https://osa.example/mozy/mozyPro?a=1", "1", 0).await, 200);
    assert_eq!(ask("https://osa.example/mozy/mozyPro?a=1", "1", 0).await, 401, "a replay");
    assert_eq!(ask("https://proxy.example/mozyPro?a=1", "2", 0).await, 200, "as the proxy says");
    assert_eq!(ask(&format!("http://{address}/mozyPro?a=1"), "3", 0).await, 200, "as it arrived");
    assert_eq!(ask("https://elsewhere.example/mozyPro?a=1", "4", 0).await, 401);
    assert_eq!(ask("https://osa.example/mozy/mozyPro?a=2", "5", 0).await, 401);
    assert_eq!(ask("https://osa.example/mozy/mozyPro?a=1", "6", 400).await, 401, "too old");
    let unsigned = http().get(format!("http://{address}/mozyPro")).send().await.unwrap();
    assert_eq!(
        (unsigned.status().as_u16(), &unsigned.headers()["www-authenticate"]),
        (401, &"OAuth".parse().unwrap())
    );
}

#[tokio::test]
async fn a_full_memory_is_not_a_forgery() {
    let keys = OAuthKeys::new("osa", &Secret::new("s3cret"));
    let verifier = Verifier { keys: keys.clone(), public_url: None, nonces: Arc::new(Nonces::new(0)) };
    let address = serve_plain(guarded(Gate::OAuth(Box::new(verifier)), None)).await;
    let url = Url::parse(&format!("http://{address}/mozyPro")).unwrap();
    let signature = keys.authorization("GET", &url, SystemTime::now(), "n").unwrap();
    let answer = http().get(url).header(AUTHORIZATION, signature).send().await.unwrap();
    assert_eq!(answer.status(), 503);
}
