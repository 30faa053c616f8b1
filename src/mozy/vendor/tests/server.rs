//! A Mozy that answers every call by a script and keeps what it was asked.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use tokio::net::TcpListener;
use tokio::sync::RwLock;
use tokio::task::JoinHandle;

use crate::domain::PartnerId;
use crate::mozy::vendor::Mozy;
use crate::mozy::{ApiKey, Client, Dialect, Limits, Settings, Timeouts, Tls};

/// Longer than any answer takes, on any machine.
const PATIENCE: Duration = Duration::from_secs(20);

pub(super) type Reply = (StatusCode, String);

pub(super) struct Server {
    url: String,
    asked: Arc<Mutex<Vec<(String, String)>>>,
    /// While it is held for writing, calls are received and not answered.
    pub(super) hold: Arc<RwLock<()>>,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// `answer` is given `service.Method` and the envelope.
    pub(super) async fn start(answer: impl Fn(&str, &str) -> Reply + Clone + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (asked, hold) = (Arc::<Mutex<Vec<_>>>::default(), Arc::new(RwLock::new(())));
        let (log, held) = (asked.clone(), hold.clone());
        let handler = move |headers: HeaderMap, body: String| async move {
            let operation = operation(&headers);
            log.lock().unwrap().push((operation.clone(), body.clone()));
            let _answering = held.read().await;
            let (status, text) = answer(&operation, &body);
            (status, [("content-type", "text/xml; charset=utf-8")], text)
        };
        let task = tokio::spawn(async move {
            axum::serve(listener, Router::new().fallback(handler)).await.unwrap();
        });
        Server { url, asked, hold, task }
    }

    /// A server that answers everything but the probe of partner 5 with `reply`.
    pub(super) async fn well(reply: Reply) -> Self {
        Self::start(move |operation, body| if is_probe(operation, body) { root() } else { reply.clone() })
            .await
    }

    pub(super) fn client(&self) -> Client {
        client(&self.url)
    }

    /// With partner 5 as the root partner.
    pub(super) fn mozy(&self) -> Mozy {
        Mozy::new(self.client(), Some(PartnerId(5)), Some(77))
    }

    /// What was asked, in order.
    pub(super) fn operations(&self) -> Vec<String> {
        self.asked.lock().unwrap().iter().map(|(operation, _)| operation.clone()).collect()
    }

    /// Waits until so many calls were received.
    pub(super) async fn received(&self, calls: usize) {
        let enough = async {
            while self.asked.lock().unwrap().len() < calls {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, enough).await.unwrap();
    }

    /// The last call: `service.Method` and all its parts that are not nil, as `name=value`.
    pub(super) fn last(&self) -> (String, String) {
        let (operation, body) = self.asked.lock().unwrap().last().unwrap().clone();
        (operation, parts(&body))
    }
}

pub(super) fn client(url: &str) -> Client {
    let settings = Settings {
        dialect: Dialect { base_url: url.into(), ..Dialect::default() },
        key: ApiKey::new("HushHushKey").unwrap(),
        tls: Tls::trusting(None).unwrap(),
        timeouts: Timeouts { connect: PATIENCE, read: PATIENCE, total: PATIENCE, idle: PATIENCE },
        limits: Limits::default(),
    };
    Client::new(settings, Arc::new(()), Arc::new(())).unwrap()
}

fn operation(headers: &HeaderMap) -> String {
    let action = headers["soapaction"].to_str().unwrap();
    action.trim_matches(['"', '/']).replace("/api/", ".")
}

fn parts(body: &str) -> String {
    let (_, parts) = body.split_once("</api_key>").unwrap();
    let lines = parts.replace("><", ">\n<").replace(">\n</", "></");
    let leaf = |line: &str| {
        let (open, rest) = line.split_once('>')?;
        let (text, _) = rest.split_once("</")?;
        let name = open.trim_start_matches('<').split(' ').next()?;
        (!open.contains("nil=")).then(|| format!("{name}={text}"))
    };
    lines.lines().filter_map(leaf).collect::<Vec<_>>().join(" ")
}

pub(super) fn is_probe(operation: &str, body: &str) -> bool {
    operation == "partner.Get" && parts(body) == "id=5"
}

fn soap(content: &str) -> String {
    format!(
        r#"<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"
            xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><s:Body>{content}</s:Body></s:Envelope>"#
    )
}

pub(super) fn returns(content: &str) -> Reply {
    (
        StatusCode::OK,
        soap(&format!("<n:AnyResponse xmlns:n=\"urn:n\"><return>{content}</return></n:AnyResponse>")),
    )
}

/// A whole page of results.
pub(super) fn found(items: &[&str]) -> Reply {
    let results: String = items.iter().map(|item| format!("<item>{item}</item>")).collect();
    returns(&format!("<size>{}</size><results>{results}</results>", items.len()))
}

pub(super) fn fault(text: &str) -> Reply {
    let fault =
        format!("<s:Fault><faultcode>s:Server</faultcode><faultstring>{text}</faultstring></s:Fault>");
    (StatusCode::INTERNAL_SERVER_ERROR, soap(&fault))
}

pub(super) fn html(status: StatusCode) -> Reply {
    (status, "<html><body>out of order</body></html>".into())
}

/// The root partner, as the probe finds it.
pub(super) fn root() -> Reply {
    found(&["<id>5</id><name>Root</name><status>active</status>"])
}
