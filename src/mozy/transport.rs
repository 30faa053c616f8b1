//! One POST, one answer: nothing is repeated, followed or guessed, and every way to fail has its class.

use std::error::Error as _;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use chrono::Utc;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::{Response, StatusCode, redirect, retry};
use tokio::sync::{Semaphore, SemaphorePermit};
use url::Url;

use super::dialect::Dialect;
use super::document::Limits;
use super::error::{Failure, SetupError};
use super::operation::Operation;
use super::retry_after;
use super::text::shorten;
use super::tls::Tls;

/// How long to wait for what. Whichever of the first three ends first ends the call.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// Until the connection stands, TLS included. Past it nothing was sent.
    pub connect: Duration,
    /// Between two pieces of the answer, and before the first.
    pub read: Duration,
    /// The whole call.
    pub total: Duration,
    /// How long a connection is kept for the next call. Shorter than the peer keeps it: a write on a connection
    /// that is being closed leaves a doubt.
    pub idle: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        let total = Duration::from_secs(30);
        Timeouts { connect: Duration::from_secs(10), read: total, total, idle: Duration::from_secs(3) }
    }
}

/// An answer of more bytes is large. What is made of it costs several times as much memory, so few are there at once;
/// more wait for their turn, each within its own time.
const LARGE: usize = 1 << 20;

/// Large answers that are read and understood at once, over all credentials.
static LARGE_ONES: Semaphore = Semaphore::const_new(2);

/// The only content types an answer may have.
const ANSWERS: [&str; 3] = ["text/xml", "application/xml", "application/soap+xml"];

/// The wire of one credential.
pub(super) struct Transport {
    http: reqwest::Client,
    namespace: String,
    /// Where each operation is called, and how it is named there, in their order.
    doors: Vec<(Url, String)>,
    limits: Limits,
}

/// A body that claims to be an answer.
pub(super) struct Body {
    pub(super) bytes: Bytes,
    /// HTTP 500: only a fault counts.
    pub(super) fault_expected: bool,
    /// The turn of a large one, until it is understood.
    pub(super) turn: Option<SemaphorePermit<'static>>,
}

impl Transport {
    pub(super) fn new(
        dialect: Dialect,
        tls: &Tls,
        timeouts: Timeouts,
        limits: Limits,
    ) -> Result<Self, SetupError> {
        let door =
            |operation: &Operation| Ok((dialect.endpoint(operation.service())?, dialect.action(*operation)));
        let doors = Operation::ALL.iter().map(door).collect::<Result<_, SetupError>>()?;
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls.config())
            .user_agent(concat!("mozyd/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(timeouts.connect)
            .read_timeout(timeouts.read)
            .timeout(timeouts.total)
            .pool_idle_timeout(timeouts.idle)
            .http1_only()
            .no_gzip()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .build()
            .map_err(|error| SetupError::Http(chain(error)))?;
        Ok(Transport { http, namespace: dialect.namespace, doors, limits })
    }

    pub(super) fn namespace(&self) -> &str {
        &self.namespace
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Sends `envelope` and returns what came back, if it may be an answer.
    pub(super) async fn post(&self, operation: Operation, envelope: String) -> Result<Body, Failure> {
        let Some((url, action)) = self.doors.get(operation as usize) else {
            return Err(Failure::Unsendable { problem: format!("{operation} has no address") });
        };
        let request = self.http.post(url.clone()).body(envelope).header(ACCEPT, "text/xml");
        let request = request.header(CONTENT_TYPE, "text/xml; charset=utf-8");
        let sent = request.header("SOAPAction", action).send().await;
        let response = sent.map_err(|error| not_sent(operation, error))?;
        if let Some(failure) = refusal(operation, response.status(), response.headers()) {
            return Err(failure);
        }
        let fault_expected = response.status() != StatusCode::OK;
        self.read(operation, response, fault_expected).await
    }

    async fn read(
        &self,
        operation: Operation,
        mut response: Response,
        fault_expected: bool,
    ) -> Result<Body, Failure> {
        let (mut bytes, mut turn) = (Bytes::new(), None);
        loop {
            if bytes.len() > LARGE && turn.is_none() {
                // Nobody closes it.
                turn = LARGE_ONES.acquire().await.ok();
            }
            match response.chunk().await {
                Ok(None) => return Ok(Body { bytes, fault_expected, turn }),
                Ok(Some(chunk)) if bytes.len() + chunk.len() <= self.limits.bytes => {
                    bytes = joined(bytes, chunk);
                }
                Ok(Some(_)) => {
                    let problem = format!("it is larger than {} bytes", self.limits.bytes);
                    return Err(Failure::garbled(operation, problem));
                }
                Err(error) => return Err(Failure::cut(operation, chain(error))),
            }
        }
    }
}

/// Most answers come in one piece, which is not copied.
fn joined(bytes: Bytes, chunk: Bytes) -> Bytes {
    if bytes.is_empty() {
        return chunk;
    }
    let mut bytes = BytesMut::from(bytes);
    bytes.extend_from_slice(&chunk);
    bytes.freeze()
}

/// Only a connection that never stood is a request that certainly never arrived.
fn not_sent(operation: Operation, error: reqwest::Error) -> Failure {
    match (error.is_connect(), error.is_builder()) {
        (true, _) => Failure::Unreachable { problem: chain(error) },
        (_, true) => Failure::Unsendable { problem: chain(error) },
        _ => Failure::cut(operation, chain(error)),
    }
}

/// What the status and the headers already say. A fault is believed with HTTP 200 or 500 only: with another
/// status it may come from a gateway that does not know how the call went on.
fn refusal(operation: Operation, status: StatusCode, headers: &HeaderMap) -> Option<Failure> {
    match status.as_u16() {
        200 | 500 => {
            wrong_type(headers).map(|problem| Failure::garbled(operation, format!("HTTP {status} {problem}")))
        }
        code @ (401 | 403) => Some(Failure::Denied { status: code }),
        code @ (429 | 503) => {
            let wait = headers
                .get(RETRY_AFTER)
                .and_then(|value| retry_after::parse(value.to_str().ok()?, Utc::now()));
            Some(Failure::Throttled {
                retry_after: wait,
                maybe_happened: code == 503 && operation.is_write(),
            })
        }
        _ => Some(Failure::garbled(operation, format!("HTTP {status}"))),
    }
}

fn wrong_type(headers: &HeaderMap) -> Option<String> {
    let Some(header) = headers.get(CONTENT_TYPE) else { return Some("without a content type".into()) };
    let header = String::from_utf8_lossy(header.as_bytes());
    let kind = header.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let known = ANSWERS.contains(&kind.as_str());
    (!known).then(|| format!("with content type {:?} instead of xml", shorten(&kind, 60)))
}

/// An error with its sources, and without the address.
fn chain(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
