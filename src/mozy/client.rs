//! One credential's door to Mozy: every call passes the gate, is classed, and is told to the observer.

use std::sync::Arc;
use std::time::Instant;

use super::dialect::Dialect;
use super::document::{Document, Limits, Malformed};
use super::ear::{self, Ear};
use super::envelope;
use super::error::{CallError, Failure, SetupError};
use super::hooks::{Gate, Observer, ResultClass};
use super::key::ApiKey;
use super::operation::Operation;
use super::reply::{Answer, Reply};
use super::text::printable;
use super::tls::Tls;
use super::transport::{Body, Timeouts, Transport};
use super::value::{Part, Value, part};

/// One operation with its arguments. Each is a struct named after its method, in the module of its service.
pub trait Request: Sync {
    /// Which operation it is.
    const OPERATION: Operation;
    /// What Mozy returns.
    type Answer;

    /// Every part after `api_key`, in the contract's order.
    fn parts(&self) -> Vec<Part<'_>>;

    /// Reads what the method returned.
    ///
    /// # Errors
    /// What is wrong with the answer.
    fn read(reply: &Reply<'_>) -> Result<Self::Answer, Malformed>;
}

/// What a client is made of, besides the hooks.
#[derive(Clone)]
pub struct Settings {
    /// Addresses and names.
    pub dialect: Dialect,
    /// The credential.
    pub key: ApiKey,
    /// Whom to trust.
    pub tls: Tls,
    /// How long to wait.
    pub timeouts: Timeouts,
    /// How much to read.
    pub limits: Limits,
}

/// A client for one credential. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct Client {
    transport: Arc<Transport>,
    key: ApiKey,
    gate: Arc<dyn Gate>,
    observer: Arc<dyn Observer>,
    fence: Option<Fence>,
    ear: Option<Arc<Ear>>,
}

/// A request as it is sent, and what must not show in what is said of it.
pub(super) struct Written<'a> {
    operation: Operation,
    envelope: Result<String, String>,
    secrets: Vec<&'a str>,
}

/// What is made of an answer: its bytes, and whether only a fault counts.
type Understand<T> = fn(&[u8], bool, &Limits) -> Result<T, Failure>;

/// Whether a write may still be sent. Asked after the gate, right before the write leaves: while it waited for its
/// turn, or while the process stood still, the right to it may have run out.
pub type Fence = Arc<dyn Fn() -> bool + Send + Sync>;

impl Client {
    /// Connects to nothing yet.
    ///
    /// # Errors
    /// [`SetupError`] when the dialect's addresses cannot be used.
    pub fn new(
        settings: Settings,
        gate: Arc<dyn Gate>,
        observer: Arc<dyn Observer>,
    ) -> Result<Self, SetupError> {
        let Settings { dialect, key, tls, timeouts, limits } = settings;
        let transport = Arc::new(Transport::new(dialect, &tls, timeouts, limits)?);
        Ok(Client { transport, key, gate, observer, fence: None, ear: None })
    }

    /// The same client, sending no write once `fence` says no.
    pub fn fenced(&self, fence: Fence) -> Self {
        Client { fence: Some(fence), ..self.clone() }
    }

    /// The same client through another gate.
    pub fn through(&self, gate: Arc<dyn Gate>) -> Self {
        Client { gate, ..self.clone() }
    }

    /// The same client, whose answers `ear` hears.
    pub(super) fn heard_by(&self, ear: Arc<Ear>) -> Self {
        Client { ear: Some(ear), ..self.clone() }
    }

    /// What its ear has heard.
    pub(super) fn ear(&self) -> Option<&Ear> {
        self.ear.as_deref()
    }

    /// A read as it is sent; the key is the only secret in it.
    pub(super) fn write<R: Request>(&self, request: &R) -> Written<'_> {
        let envelope = encode(request, &self.key, self.transport.namespace());
        Written { operation: R::OPERATION, envelope, secrets: vec![self.key.expose()] }
    }

    /// Calls Mozy once for its ear alone: the answer is not understood.
    ///
    /// # Errors
    /// As [`call`](Self::call), but for what is wrong inside an answer.
    pub(super) async fn hear(&self, written: Written<'_>) -> Result<(), CallError> {
        self.ask(written, heard).await
    }

    /// Calls Mozy once. Dropping the future while a write is under way leaves open whether it happened.
    ///
    /// # Errors
    /// [`CallError`], whose class says what may be believed now.
    pub async fn call<R: Request>(&self, request: &R) -> Result<R::Answer, CallError> {
        let parts = keyed(request, &self.key);
        let envelope = envelope::write(R::OPERATION, self.transport.namespace(), &parts);
        let written = Written { operation: R::OPERATION, envelope, secrets: secrets(&parts) };
        self.ask(written, decode::<R>).await
    }

    async fn ask<T>(&self, written: Written<'_>, understand: Understand<T>) -> Result<T, CallError> {
        let operation = written.operation;
        let failed = |failure| CallError { operation, failure };
        let permit = self.gate.enter(operation.is_write()).await;
        let permit = permit.map_err(|closed| failed(closed.into()))?;
        let started = Instant::now();
        let outcome = self.send(written, understand).await;
        drop(permit);
        if let (Some(ear), Err(_)) = (&self.ear, &outcome) {
            ear.miss();
        }
        let class = outcome.as_ref().err().map_or(ResultClass::Done, ResultClass::from);
        self.observer.called(operation, class, started.elapsed());
        outcome.map_err(failed)
    }

    async fn send<T>(&self, written: Written<'_>, understand: Understand<T>) -> Result<T, Failure> {
        if !self.may_send(written.operation) {
            return Err(fenced_off());
        }
        let outcome = self.exchange(written, understand).await;
        // Told before the permit goes back, so that nobody slips in between.
        self.gate.heard(outcome.as_ref().err()).await;
        outcome
    }

    fn may_send(&self, operation: Operation) -> bool {
        !operation.is_write() || self.fence.as_ref().is_none_or(|fence| fence())
    }

    async fn exchange<T>(&self, written: Written<'_>, understand: Understand<T>) -> Result<T, Failure> {
        let Written { operation, envelope, secrets } = written;
        let clean = |failure: Failure| failure.map_texts(|text| printable(text, &secrets));
        let envelope = envelope.map_err(|problem| clean(Failure::Unsendable { problem }))?;
        let call = self.ear().map(|ear| ear::Call::of(ear, &envelope));
        let body = self.transport.post(operation, envelope).await.map_err(clean)?;
        let Body { bytes, fault_expected, turn: _turn } = body;
        let understood = understand(&bytes, fault_expected, self.transport.limits()).map_err(clean)?;
        if let Some(call) = call {
            call.answered(&bytes);
        }
        Ok(understood)
    }
}

/// The envelope of a request, the credential in it: what is sent, byte for byte.
///
/// # Errors
/// Which part SOAP cannot carry.
pub fn encode<R: Request>(request: &R, key: &ApiKey, namespace: &str) -> Result<String, String> {
    envelope::write(R::OPERATION, namespace, &keyed(request, key))
}

/// What an answer to a request says; of an HTTP 500 only a fault counts.
///
/// # Errors
/// [`Failure::Rejected`] with the fault, or what is wrong with the answer.
pub fn decode<R: Request>(bytes: &[u8], fault_expected: bool, limits: &Limits) -> Result<R::Answer, Failure> {
    let garbled = |Malformed(problem)| Failure::garbled(R::OPERATION, problem);
    let document = Document::parse(bytes, limits).map_err(garbled)?;
    match Answer::of(&document).map_err(garbled)? {
        Answer::Fault(fault) => Err(Failure::Rejected { fault }),
        Answer::Reply(_) if fault_expected => {
            Err(Failure::garbled(R::OPERATION, "HTTP 500 without a fault".into()))
        }
        Answer::Reply(reply) => R::read(&reply).map_err(garbled),
    }
}

/// Its parts, the credential first.
fn keyed<'a, R: Request>(request: &'a R, key: &'a ApiKey) -> Vec<Part<'a>> {
    let mut parts = request.parts();
    parts.insert(0, part("api_key", Value::Secret(key.expose())));
    parts
}

/// An answer that is only heard; a fault is none.
fn heard(_bytes: &[u8], fault_expected: bool, _limits: &Limits) -> Result<(), Failure> {
    match fault_expected {
        true => Err(Failure::Unreachable { problem: "a fault came instead of what came before".into() }),
        false => Ok(()),
    }
}

fn fenced_off() -> Failure {
    Failure::Unreachable { problem: "not sent: the lease for it has run out".into() }
}

fn secrets<'a>(parts: &[Part<'a>]) -> Vec<&'a str> {
    let secret = |part: &Part<'a>| if let Value::Secret(text) = part.value { Some(text) } else { None };
    parts.iter().filter_map(secret).collect()
}
