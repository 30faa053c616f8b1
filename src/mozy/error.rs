//! A failed call always says whether Mozy certainly did not do it, or whether it may have.

use std::time::Duration;

use super::operation::Operation;

/// A call that did not succeed. Nothing in it, printed or not, holds a secret of the request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{operation}: {failure}")]
pub struct CallError {
    /// What was being done.
    pub operation: Operation,
    /// Why it failed, and so what may be believed now.
    pub failure: Failure,
}

/// The classes of failure. They follow from the operation and from where the exchange broke, never from a
/// fault's text (contract, section 3, "Faults").
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Mozy answered with a SOAP fault.
    #[error("rejected by mozy: {fault}")]
    Rejected {
        /// The fault string: one line, at most [`MAX_TEXT`] characters.
        fault: String,
    },
    /// The request certainly never arrived; or it was a read and no whole answer came.
    #[error("mozy cannot be reached: {problem}")]
    Unreachable {
        /// What broke.
        problem: String,
    },
    /// HTTP 429 or 503: pause the credential.
    #[error("mozy asks for fewer calls{}", match retry_after {
        Some(wait) => format!(", again after {} s", wait.as_secs()),
        None => String::new(),
    })]
    Throttled {
        /// How long Mozy asks us to wait, at most a day; none when it does not say.
        retry_after: Option<Duration>,
        /// A write answered by 503, which may come from a gateway behind which the write went through.
        maybe_happened: bool,
    },
    /// HTTP 401 or 403: the API key is wrong, or calls from this address are refused.
    #[error("denied by mozy with HTTP {status}, check the api key and the addresses allowed to use it")]
    Denied {
        /// 401 or 403.
        status: u16,
    },
    /// A write was sent and no answer came that can be relied on. It may even land later.
    #[error("it may have happened, no reliable answer came: {problem}")]
    MaybeHappened {
        /// What broke.
        problem: String,
    },
    /// A read was answered with something that is not an answer of Mozy's API.
    #[error("the answer cannot be read: {problem}")]
    Unreadable {
        /// What is wrong with it.
        problem: String,
    },
    /// The request cannot be written as SOAP and was not sent.
    #[error("the request cannot be sent: {problem}")]
    Unsendable {
        /// Which part is wrong, and how.
        problem: String,
    },
}

/// Texts that come from outside are cut to this many characters.
pub const MAX_TEXT: usize = 500;

impl CallError {
    /// True when nothing changed at Mozy because of this call. A read changes nothing.
    pub fn certainly_not_done(&self) -> bool {
        !matches!(
            self.failure,
            Failure::MaybeHappened { .. } | Failure::Throttled { maybe_happened: true, .. }
        )
    }
}

impl Failure {
    /// The exchange broke after the request may have been sent.
    pub(super) fn cut(operation: Operation, problem: String) -> Self {
        match operation.is_write() {
            true => Failure::MaybeHappened { problem },
            false => Failure::Unreachable { problem },
        }
    }

    /// Something came back that is not a reliable answer.
    pub(super) fn garbled(operation: Operation, problem: String) -> Self {
        match operation.is_write() {
            true => Failure::MaybeHappened { problem },
            false => Failure::Unreadable { problem },
        }
    }

    /// The texts in it, each passed through `clean`.
    pub(super) fn map_texts(mut self, clean: impl Fn(&str) -> String) -> Self {
        match &mut self {
            Failure::Rejected { fault: text }
            | Failure::Unreachable { problem: text }
            | Failure::MaybeHappened { problem: text }
            | Failure::Unreadable { problem: text }
            | Failure::Unsendable { problem: text } => *text = clean(text),
            Failure::Throttled { .. } | Failure::Denied { .. } => {}
        }
        self
    }
}

/// Why a client could not be made.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// A URL that cannot be used.
    #[error("mozy's address {url:?} cannot be used: {problem}")]
    Address {
        /// The address as far as it was put together.
        url: String,
        /// What is wrong and what is allowed.
        problem: String,
    },
    /// An API key that no header or envelope can carry. The key itself is not shown.
    #[error("the api key is unusable, it must be 1 to 256 printable ascii characters without spaces")]
    Key,
    /// The CA file.
    #[error("mozy.ca_file cannot be used: {0}")]
    Authority(String),
    /// TLS or HTTP could not be set up.
    #[error("setting up the connection to mozy: {0}")]
    Http(String),
}
