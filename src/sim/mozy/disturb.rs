//! Fault injection: which rule strikes which call, decided by its own seeded dice.

use serde::{Deserialize, Serialize};

use super::{dice::Dice, fault::Fault, operation::Operation};

/// What goes wrong. Milliseconds of `Latency` and `SlowDrip` are real ones, the others the simulator's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[allow(missing_docs)]
pub enum FaultKind {
    /// The answer takes longer. Over HTTP only.
    Latency { ms: u64 },
    /// The connection is reset before a byte is read; without `operation` also each new connection.
    ConnectionRefused,
    /// The handshake is cut; without `operation` each new connection, otherwise like `ConnectionRefused`.
    TlsFailure,
    /// The request is read and the connection cut; nothing happened.
    CutBefore,
    /// The call does its work, then the connection is cut.
    AnswerLost,
    /// The answer never comes; the call does its work after so many milliseconds.
    LateCommit { ms: u64 },
    /// A bare HTTP answer instead of ours; `committed` says whether the call did its work all the same.
    Status {
        code: u16,
        #[serde(default)]
        retry_after: Option<RetryAfter>,
        #[serde(default)]
        html: bool,
        #[serde(default)]
        committed: bool,
    },
    /// The call does its work; the answer's XML ends half-way.
    TruncatedXml,
    /// The call does its work; the right answer comes as `text/html`.
    WrongContentType,
    /// The call does its work; the answer comes sixteen bytes every so many milliseconds.
    SlowDrip { ms: u64 },
    /// A Get sees the world as it was that long ago.
    StaleRead { ms: u64 },
    /// A free key goes to another picker: just before `UpdateLicenses`, or right after `GetLicenses` listed it.
    KeyTaken,
}

/// The `Retry-After` header's two forms, in seconds from now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetryAfter {
    /// `Retry-After: 5`.
    Seconds(u32),
    /// `Retry-After: Fri, 31 Dec 1999 23:59:59 GMT`.
    Date(u32),
}

impl FaultKind {
    /// A bare answer of that status; nothing happened.
    pub const fn status(code: u16) -> FaultKind {
        FaultKind::Status { code, retry_after: None, html: false, committed: false }
    }

    /// HTTP 429.
    pub const fn throttled(retry_after: Option<RetryAfter>) -> FaultKind {
        FaultKind::Status { code: 429, retry_after, html: false, committed: false }
    }

    /// An HTML page with that status; nothing happened.
    pub const fn html(code: u16) -> FaultKind {
        FaultKind::Status { code, retry_after: None, html: true, committed: false }
    }

    /// This address may not call: an HTML page with 403.
    pub const fn ip_refused() -> FaultKind {
        FaultKind::html(403)
    }

    /// Whether the call still does its work at once.
    pub(super) fn lets_it_happen(&self) -> bool {
        match self {
            FaultKind::Status { committed, .. } => *committed,
            FaultKind::ConnectionRefused | FaultKind::TlsFailure | FaultKind::CutBefore => false,
            FaultKind::LateCommit { .. } => false,
            _ => true,
        }
    }

    fn is_of_line(&self) -> bool {
        !matches!(self, FaultKind::Latency { .. } | FaultKind::StaleRead { .. } | FaultKind::KeyTaken)
    }

    fn fits(&self, operation: &Operation) -> bool {
        match self {
            FaultKind::KeyTaken => {
                operation.service == "resource"
                    && ["UpdateLicenses", "GetLicenses"].contains(&operation.method)
            }
            FaultKind::StaleRead { .. } => !operation.writes,
            _ => true,
        }
    }

    fn strikes_connections(&self) -> bool {
        matches!(self, FaultKind::ConnectionRefused | FaultKind::TlsFailure)
    }
}

/// One rule of injection. JSON: `{"operation": "user.Create", "kind": "answer_lost", "probability": 0.1}`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultRule {
    /// `service.Method`, or `reads`, or `writes`; without one, every call.
    #[serde(default)]
    pub operation: Option<String>,
    /// What goes wrong.
    pub kind: FaultKind,
    /// 0 never to 1 always.
    #[serde(default = "always")]
    pub probability: f64,
    /// How often it may still strike; without a number, without end.
    #[serde(default)]
    pub remaining: Option<u32>,
    /// The seed of its dice.
    #[serde(default)]
    pub seed: u64,
}

fn always() -> f64 {
    1.0
}

impl FaultRule {
    /// Strikes every call.
    pub fn always(kind: FaultKind) -> FaultRule {
        FaultRule { operation: None, kind, probability: 1.0, remaining: None, seed: 0 }
    }

    /// Strikes the next call of that operation, once.
    pub fn once(operation: &str, kind: FaultKind) -> FaultRule {
        FaultRule { operation: Some(operation.to_owned()), remaining: Some(1), ..FaultRule::always(kind) }
    }

    fn names(&self, operation: &Operation) -> bool {
        match self.operation.as_deref() {
            None => true,
            Some("reads") => !operation.writes,
            Some("writes") => operation.writes,
            Some(name) => operation.is_named(name),
        }
    }

    fn is_known(&self) -> bool {
        let known = |name: &str| matches!(name, "reads" | "writes") || Operation::find(name).is_ok();
        self.operation.as_deref().is_none_or(known) && (0.0..=1.0).contains(&self.probability)
    }
}

/// What was drawn for one call.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Disturbance {
    /// Added to the answer's time.
    pub latency_ms: u64,
    /// A Get looks back that far.
    pub stale_ms: Option<u64>,
    /// Another picker takes the key.
    pub key_taken: bool,
    /// What happens to the answer itself.
    pub line: Option<FaultKind>,
}

impl Disturbance {
    fn suffer(&mut self, kind: FaultKind) {
        match kind {
            FaultKind::Latency { ms } => self.latency_ms = self.latency_ms.saturating_add(ms),
            FaultKind::StaleRead { ms } => self.stale_ms = Some(ms),
            FaultKind::KeyTaken => self.key_taken = true,
            line => self.line = Some(line),
        }
    }
}

/// The rules in force, each with its dice.
#[derive(Debug, Default)]
pub(super) struct Rules(Vec<(FaultRule, Dice)>);

impl Rules {
    pub fn add(&mut self, rule: FaultRule) -> Result<(), Fault> {
        if !rule.is_known() {
            return Err(Fault::invalid("a fault rule needs a known operation and a probability from 0 to 1"));
        }
        let dice = Dice::new(rule.seed);
        self.0.push((rule, dice));
        Ok(())
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }

    pub fn list(&self) -> Vec<FaultRule> {
        self.0.iter().map(|(rule, _)| rule.clone()).collect()
    }

    /// What strikes this call: any number of side effects, at most one fault of the line.
    pub fn draw(&mut self, operation: &Operation) -> Disturbance {
        let mut drawn = Disturbance::default();
        for (rule, dice) in &mut self.0 {
            let kind = rule.kind;
            let is_late = kind.is_of_line() && drawn.line.is_some();
            if !is_late && rule.names(operation) && kind.fits(operation) && strikes(rule, dice) {
                drawn.suffer(kind);
            }
        }
        drawn
    }

    /// Whether a new connection is cut before it says anything.
    pub fn draw_connection(&mut self) -> bool {
        let unfiltered = |rule: &FaultRule| rule.operation.is_none() && rule.kind.strikes_connections();
        self.0.iter_mut().any(|(rule, dice)| unfiltered(rule) && strikes(rule, dice))
    }
}

fn strikes(rule: &mut FaultRule, dice: &mut Dice) -> bool {
    if rule.remaining == Some(0) || !dice.hit(rule.probability) {
        return false;
    }
    rule.remaining = rule.remaining.map(|left| left - 1);
    true
}
