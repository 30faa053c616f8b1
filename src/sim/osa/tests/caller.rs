//! How a test calls OSA back, as an application would.

use std::sync::Arc;

use reqwest::{Client, Method, Response};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use uuid::Uuid;

use super::*;

/// A client for callbacks over plain HTTP.
pub fn plain() -> Client {
    Client::builder().tls_backend_preconfigured(config("", None)).no_proxy().build().unwrap()
}

/// A client that trusts exactly this controller certificate and shows what an install delivered as `self`.
pub fn tls(controller: &str, own: Option<&str>) -> Client {
    Client::builder().tls_backend_preconfigured(config(controller, own)).no_proxy().build().unwrap()
}

fn config(controller: &str, own: Option<&str>) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(controller.as_bytes()) {
        roots.add(certificate.unwrap()).unwrap();
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let builder = builder.with_root_certificates(roots);
    match own {
        Some(pem) => {
            let certificate = CertificateDer::from_pem_slice(pem.as_bytes()).unwrap();
            let key = PrivateKeyDer::from_pem_slice(pem.as_bytes()).unwrap();
            builder.with_client_auth_cert(vec![certificate], key).unwrap()
        }
        None => builder.with_no_client_auth(),
    }
}

/// A callback and what is sent with it.
pub struct Ask<'a> {
    pub client: &'a Client,
    pub acting_as: Option<Uuid>,
    pub transaction: Option<&'a str>,
    pub authorization: Option<String>,
}

impl Ask<'_> {
    pub async fn send(
        &self,
        osa: &OsaSim,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> reqwest::Result<Response> {
        let mut request = self.client.request(method, format!("{}/aps/2/{path}", osa.controller_url()));
        for (name, value) in [
            ("APS-Resource-ID", self.acting_as.map(|id| id.to_string())),
            ("APS-Transaction-ID", self.transaction.map(str::to_owned)),
            ("Authorization", self.authorization.clone()),
        ] {
            if let Some(value) = value {
                request = request.header(name, value);
            }
        }
        match body {
            Some(body) => request.json(&body).send().await,
            None => request.send().await,
        }
    }

    pub async fn get(&self, osa: &OsaSim, path: &str) -> (u16, Value) {
        let response = self.send(osa, Method::GET, path, None).await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    pub async fn put(&self, osa: &OsaSim, path: &str, body: Value) -> (u16, Value) {
        let response = self.send(osa, Method::PUT, path, Some(body)).await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }
}

/// Acting for a resource, without proof.
pub fn acting(client: &Client, acting_as: Option<Uuid>) -> Ask<'_> {
    Ask { client, acting_as, transaction: None, authorization: None }
}
