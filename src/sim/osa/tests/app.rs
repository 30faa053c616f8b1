//! A tiny application: answers what the script says, else what is customary, and remembers what it was asked.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::body::{Body, to_bytes};
use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::serve::{IncomingStream, Listener};
use axum::{Router, serve};
use rustls::ServerConfig;
use rustls::pki_types::CertificateDer;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;

/// One request.
#[derive(Clone, Debug)]
pub struct Seen {
    pub at: Instant,
    pub method: String,
    pub path: String,
    pub headers: HeaderMap,
    pub body: Value,
    pub certificate: Option<CertificateDer<'static>>,
}

impl Seen {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// One answer.
#[derive(Clone)]
pub struct Say {
    status: u16,
    retry: Option<&'static str>,
    info: Option<&'static str>,
    body: Value,
    after: Duration,
    word: Option<Arc<Notify>>,
}

impl Say {
    pub fn status(status: u16) -> Self {
        Self { status, retry: None, info: None, body: Value::Null, after: Duration::ZERO, word: None }
    }

    pub fn later(retry: &'static str, info: &'static str) -> Self {
        Self { retry: Some(retry), info: Some(info), ..Self::status(202) }
    }

    pub fn with(self, body: Value) -> Self {
        Self { body, ..self }
    }

    pub fn after(self, after: Duration) -> Self {
        Self { after, ..self }
    }

    /// Not before the test gives its word.
    pub fn on(self, word: &Arc<Notify>) -> Self {
        Self { word: Some(Arc::clone(word)), ..self }
    }
}

#[derive(Default)]
struct Desk {
    seen: Vec<Seen>,
    script: VecDeque<Say>,
}

/// The application.
#[derive(Clone)]
pub struct App {
    desk: Arc<Mutex<Desk>>,
    url: String,
}

impl App {
    pub async fn plain() -> Self {
        Self::start(None).await
    }

    pub async fn start(tls: Option<Arc<ServerConfig>>) -> Self {
        let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let url = format!("{scheme}://{}/aps", tcp.local_addr().unwrap());
        let app = Self { desk: Arc::default(), url };
        let router = Router::new().fallback(answer).with_state(app.clone());
        let listener = Gate { tcp, tls: tls.map(TlsAcceptor::from) };
        let serving = serve(listener, router.into_make_service_with_connect_info::<Shown>());
        tokio::spawn(async move { serving.await });
        app
    }

    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// The next answers, in this order, whatever is asked.
    pub fn script(&self, says: impl IntoIterator<Item = Say>) {
        self.desk.lock().unwrap().script.extend(says);
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.desk.lock().unwrap().seen.clone()
    }

    pub fn lines(&self) -> Vec<String> {
        self.seen().iter().map(Seen::line).collect()
    }

    pub fn forget(&self) {
        self.desk.lock().unwrap().seen.clear();
    }
}

async fn answer(
    State(app): State<App>,
    ConnectInfo(Shown(cert)): ConnectInfo<Shown>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    let say = {
        let mut desk = app.desk.lock().unwrap();
        desk.seen.push(Seen {
            at: Instant::now(),
            method: parts.method.to_string(),
            path: parts.uri.to_string().trim_start_matches("/aps").to_owned(),
            headers: parts.headers,
            body: serde_json::from_slice(&body).unwrap_or_default(),
            certificate: cert,
        });
        desk.script.pop_front().unwrap_or_else(|| customary(parts.method.as_str()))
    };
    tokio::time::sleep(say.after).await;
    if let Some(word) = &say.word {
        word.notified().await;
    }
    response(&say)
}

fn customary(method: &str) -> Say {
    match method {
        "POST" => Say::status(201).with(json!({})),
        "DELETE" => Say::status(204),
        _ => Say::status(200).with(json!({})),
    }
}

fn response(say: &Say) -> Response {
    let mut response = Response::builder().status(StatusCode::from_u16(say.status).unwrap());
    for (name, value) in [("APS-Retry-Timeout", say.retry), ("APS-Info", say.info)] {
        if let Some(value) = value {
            response = response.header(name, value);
        }
    }
    let body = if say.body.is_null() { Body::empty() } else { Body::from(say.body.to_string()) };
    response.body(body).unwrap()
}

/// The certificate that the caller showed.
#[derive(Clone, Debug)]
struct Shown(Option<CertificateDer<'static>>);

impl Connected<IncomingStream<'_, Gate>> for Shown {
    fn connect_info(stream: IncomingStream<'_, Gate>) -> Self {
        stream.remote_addr().clone()
    }
}

struct Gate {
    tcp: TcpListener,
    tls: Option<TlsAcceptor>,
}

pub trait AnyStream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> AnyStream for T {}

impl Listener for Gate {
    type Io = Box<dyn AnyStream>;
    type Addr = Shown;

    async fn accept(&mut self) -> (Self::Io, Shown) {
        loop {
            let (tcp, _) = self.tcp.accept().await.unwrap();
            let Some(tls) = &self.tls else { return (Box::new(tcp), Shown(None)) };
            let Ok(stream) = tls.accept(tcp).await else { continue };
            let chain = stream.get_ref().1.peer_certificates();
            let shown = chain.and_then(|chain| chain.first()).map(|c| c.clone().into_owned());
            return (Box::new(stream), Shown(shown));
        }
    }

    fn local_addr(&self) -> io::Result<Shown> {
        Ok(Shown(None))
    }
}
