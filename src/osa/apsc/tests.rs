//! The client against a controller of the test's own making, over real sockets and real TLS.

mod answers;
mod trust;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::json;

use super::*;
use crate::domain::Secret;
use crate::osa::listen::{Endpoint, Peer};
use crate::osa::testing::{TestCertificate, serve, serve_plain, shown};
use crate::osa::tls::{provider, server_config};

const ID: Uuid = Uuid::from_u128(0x0a1b_2c3d_0000_4000_8000_0000_0000_000f);

/// A call that reached the controller.
#[derive(Clone)]
struct Heard {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
    certificate: Option<Arc<[u8]>>,
}

impl Heard {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

/// All calls that reached it, in their order.
type Calls = Arc<Mutex<Vec<Heard>>>;

/// A controller that answers its n-th call, from 0, with what `answer` says.
fn controller<A: IntoResponse>(
    answer: impl Fn(usize, &Heard) -> A + Clone + Send + Sync + 'static,
) -> (Router, Calls) {
    let calls = Calls::default();
    let heard = calls.clone();
    let handle = move |ConnectInfo(peer): ConnectInfo<Peer>,
                       method: Method,
                       uri: Uri,
                       headers: HeaderMap,
                       body: Bytes| {
        let heard = heard.clone();
        let answer = answer.clone();
        async move {
            let call = Heard { method, uri, headers, body, certificate: peer.certificate };
            let mut calls = heard.lock().unwrap();
            calls.push(call.clone());
            answer(calls.len() - 1, &call).into_response()
        }
    };
    (Router::new().fallback(handle), calls)
}

async fn serve_tls(certificate: &TestCertificate, router: Router) -> SocketAddr {
    let tcp = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let identity = Identity::from_pem(certificate.both().as_bytes()).unwrap();
    serve(Endpoint::tls(tcp, server_config(identity).unwrap()), router)
}

async fn plain(router: Router) -> Apsc {
    client(&format!("http://{}", serve_plain(router).await), Access::default())
}

fn client(uri: &str, access: Access) -> Apsc {
    Apsc::new(&uri.parse().unwrap(), Some(ID), access, Timeouts::default()).unwrap()
}

fn pinned(certificate: &TestCertificate) -> Option<Pinned> {
    Some(Pinned::from_pem(certificate.certificate.as_bytes()).unwrap())
}

fn json(value: Value) -> Response {
    axum::Json(value).into_response()
}

fn subscription() -> Response {
    json(json!({"subscriptionId": 7}))
}
