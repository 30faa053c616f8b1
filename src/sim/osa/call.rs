//! One call to the application: headers, proof of identity, faults, the book.

use std::time::{Duration, Instant};

use chrono::Utc;
use reqwest::{Method, RequestBuilder, Response};
use serde_json::Value;
use url::Url;
use uuid::Uuid;

use super::faults::{Fault, Side};
use super::instance::Instance;
use super::log::Call;
use super::oauth;
use super::options::Auth;
use super::sim::OsaSim;
use super::task::{Note, Phase};

/// No answer of the application is read beyond this.
const LONGEST_ANSWER: usize = 1 << 20;

/// The longest wait that an application may ask for.
const LONGEST_RETRY: u64 = 86_400;

/// A call that is to be made.
#[derive(Clone)]
pub(super) struct Ask<'a> {
    pub instance: &'a Instance,
    pub method: Method,
    /// Below the endpoint, with the query.
    pub path: &'a str,
    pub body: Option<Value>,
    /// The body holds globals or keys: neither it nor the answer is written down.
    pub secret: bool,
    pub transaction: Uuid,
    pub actor: Uuid,
    pub phase: Phase,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Reply {
    pub status: Option<u16>,
    pub info: Option<String>,
    pub retry_after: Option<u64>,
    pub body: Value,
    pub error: Option<String>,
    pub fault: Option<Fault>,
}

impl Reply {
    /// How long to wait before asking again, if the application is not done.
    pub fn pending(&self) -> Option<Duration> {
        let seconds = self.retry_after.unwrap_or(30).min(LONGEST_RETRY);
        (self.status == Some(202)).then(|| Duration::from_secs(seconds))
    }

    /// Why the operation failed, if it did.
    pub fn failure(&self) -> Option<String> {
        match self.status {
            Some(200 | 201 | 202 | 204) => None,
            Some(status) => Some(format!("the application answered {status}: {}", said(&self.body))),
            None => Some(self.error.clone().unwrap_or_else(|| "the application did not answer".to_owned())),
        }
    }

    /// The same for a person to read on the task.
    pub fn note(&self, phase: Phase, stray: bool) -> Note {
        Note {
            at: Utc::now(),
            phase,
            status: self.status,
            info: self.info.clone(),
            retry_after: self.retry_after,
            error: self.failure(),
            fault: self.fault,
            stray,
        }
    }

    fn failed(error: &str) -> Self {
        Self { error: Some(error.to_owned()), ..Self::default() }
    }

    fn answered(status: u16, message: &str) -> Self {
        Self { status: Some(status), body: Value::String(message.to_owned()), ..Self::default() }
    }
}

fn said(body: &Value) -> String {
    match body.get("message").and_then(Value::as_str) {
        Some(message) => message.to_owned(),
        None => body.to_string().chars().take(500).collect(),
    }
}

impl OsaSim {
    /// Calls the application once.
    pub(super) async fn call(&self, ask: Ask<'_>) -> Reply {
        let started = Instant::now();
        let fault = self.faults.any(Side::ToApp, &ON_CALLS);
        let mut reply = match fault {
            Some(Fault::Refused) => Reply::failed("connection refused"),
            Some(Fault::BadRequest) => Reply::answered(400, "bad request, says a proxy on the way"),
            Some(Fault::Forbidden) => Reply::answered(403, "forbidden, says a proxy on the way"),
            _ => self.send(&ask, fault).await,
        };
        match fault {
            Some(Fault::Timeout) => reply = Reply::failed("no answer within the time allowed"),
            Some(Fault::ServerError) => reply = Reply::answered(503, "unavailable, says a proxy on the way"),
            _ => {}
        }
        reply.fault = fault;
        self.log.add(entry(&ask, &reply, started));
        reply
    }

    async fn send(&self, ask: &Ask<'_>, fault: Option<Fault>) -> Reply {
        let expired = fault == Some(Fault::ExpiredCertificate);
        let client = if expired { &ask.instance.expired } else { &ask.instance.client };
        let Ok(url) = Url::parse(&format!("{}/{}", ask.instance.endpoint, ask.path)) else {
            return Reply::failed("the endpoint of the instance is not a URL");
        };
        let request = self.headers(client.request(ask.method.clone(), url.clone()), ask, &url);
        let request = match &ask.body {
            Some(body) => request.json(body),
            None => request,
        };
        match request.send().await {
            Ok(response) => read(response).await,
            Err(error) => Reply::failed(&chain(error.without_url())),
        }
    }

    fn headers(&self, request: RequestBuilder, ask: &Ask<'_>, url: &Url) -> RequestBuilder {
        // Both spellings are seen in the field: every other transaction has the slash.
        let slash = if ask.transaction.as_u128() & 1 == 1 { "/" } else { "" };
        let request = request
            .header("APS-Controller-URI", format!("{}{slash}", self.controller_url()))
            .header("APS-Instance-ID", ask.instance.id.to_string())
            .header("APS-Transaction-ID", ask.transaction.to_string())
            .header("APS-Request-Phase", ask.phase.name())
            .header("APS-Identity-ID", ask.actor.to_string())
            .header("APS-Actor-ID", ask.actor.to_string());
        match &self.options.auth {
            Auth::OAuth(key) => request.header("Authorization", oauth::sign(key, ask.method.as_str(), url)),
            Auth::Open | Auth::MutualTls => request,
        }
    }
}

/// The faults that may strike any call, the ones that keep it from arriving first.
const ON_CALLS: [Fault; 6] = [
    Fault::Refused,
    Fault::BadRequest,
    Fault::Forbidden,
    Fault::ExpiredCertificate,
    Fault::Timeout,
    Fault::ServerError,
];

async fn read(mut response: Response) -> Reply {
    let header = |name| response.headers().get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
    let mut reply = Reply {
        status: Some(response.status().as_u16()),
        info: header("APS-Info"),
        retry_after: header("APS-Retry-Timeout").and_then(|seconds| seconds.parse().ok()),
        ..Reply::default()
    };
    let mut bytes = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if bytes.len() + chunk.len() <= LONGEST_ANSWER => bytes.extend_from_slice(&chunk),
            Ok(Some(_)) => return Reply::failed("the answer is longer than 1 MiB"),
            Ok(None) => break,
            Err(error) => return Reply::failed(&chain(error.without_url())),
        }
    }
    reply.body = parsed(&bytes);
    reply
}

/// JSON where it is that, else the text.
fn parsed(bytes: &[u8]) -> Value {
    match bytes {
        [] => Value::Null,
        bytes => serde_json::from_slice(bytes)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(bytes).into_owned())),
    }
}

fn chain(error: reqwest::Error) -> String {
    let error = anyhow::Error::new(error);
    format!("{error:#}")
}

fn entry(ask: &Ask<'_>, reply: &Reply, started: Instant) -> Call {
    Call {
        at: Utc::now(),
        side: Side::ToApp,
        method: ask.method.to_string(),
        path: format!("/{}", ask.path),
        phase: Some(ask.phase.name()),
        transaction: Some(ask.transaction.to_string()),
        acting_as: None,
        body: if ask.secret { Value::Null } else { ask.body.clone().unwrap_or_default() },
        status: reply.status,
        answer: if ask.secret { Value::Null } else { reply.body.clone() },
        error: reply.error.clone(),
        fault: reply.fault,
        millis: started.elapsed().as_millis().try_into().unwrap_or(u64::MAX),
        instance: Some(ask.instance.id),
    }
}
