//! What a call may end in instead of an answer.

use std::fmt;

use super::disturb::FaultKind;

/// Why a call failed. Clients see only the text; tests look at the cause.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cause {
    /// Nothing of that id or search is within the key's reach.
    NotFound,
    /// The name or e-mail belongs to another.
    Taken,
    /// A part is missing or senseless.
    Invalid,
    /// A rule of Mozy forbids it.
    Refused,
    /// There are not that many free keys or undistributed GB.
    Short,
    /// The api key is unknown.
    BadKey,
    /// An injected fault: the caller got no answer of ours. The change may have happened.
    Disturbed(FaultKind),
}

/// A SOAP fault, or in process also a disturbance of the line.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// Why, for tests.
    pub cause: Cause,
    /// The `faultstring`.
    pub text: String,
}

impl Fault {
    /// A fault of that cause with that text.
    pub fn new(cause: Cause, text: impl Into<String>) -> Fault {
        Fault { cause, text: text.into() }
    }

    /// `NotFound` of a kind of thing.
    pub(super) fn missing(what: &str) -> Fault {
        Fault::new(Cause::NotFound, format!("could not find {what}"))
    }

    /// `Invalid` with that text.
    pub(super) fn invalid(text: impl Into<String>) -> Fault {
        Fault::new(Cause::Invalid, text)
    }

    /// `Refused` with that text.
    pub(super) fn refused(text: impl Into<String>) -> Fault {
        Fault::new(Cause::Refused, text)
    }

    /// `Short` with that text.
    pub(super) fn short(text: impl Into<String>) -> Fault {
        Fault::new(Cause::Short, text)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

impl std::error::Error for Fault {}
