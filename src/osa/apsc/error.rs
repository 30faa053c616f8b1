//! Why the controller did not give what we asked for. Never shows a URL or a secret.

use serde::Deserialize;

use crate::osa::certificate::CertificateError;
use crate::osa::error::printable;

/// Longest message of the controller's that is kept, in characters.
const LONGEST_MESSAGE: usize = 300;

/// A call to the controller that failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApscError {
    /// What an install delivered, or the address, cannot be used; calling again does not help.
    #[error("cannot call the controller: {0}")]
    Unusable(String),
    /// It did not answer: no connection, a wrong or expired certificate, a timeout.
    #[error("the controller does not answer: {0}")]
    Unreachable(String),
    /// It answered itself, in its own form, that there is no such thing.
    #[error("the controller knows no such resource")]
    NotFound,
    /// It answered with an error.
    #[error("the controller refused with {status}: {message}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// What it said, shortened.
        message: String,
    },
    /// It answered with something that cannot be understood.
    #[error("the controller's answer cannot be read: {0}")]
    Unreadable(String),
}

impl From<CertificateError> for ApscError {
    fn from(error: CertificateError) -> Self {
        Self::Unusable(error.to_string())
    }
}

impl From<rustls::Error> for ApscError {
    fn from(error: rustls::Error) -> Self {
        Self::Unusable(error.to_string())
    }
}

impl From<serde_json::Error> for ApscError {
    fn from(error: serde_json::Error) -> Self {
        Self::Unreadable(printable(&error.to_string(), LONGEST_MESSAGE))
    }
}

impl From<reqwest::Error> for ApscError {
    /// Keeps the causes, which say more than reqwest itself does.
    fn from(error: reqwest::Error) -> Self {
        let error = error.without_url();
        let mut text = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(error) = cause {
            text = format!("{text}: {error}");
            cause = error.source();
        }
        Self::Unreachable(printable(&text, LONGEST_MESSAGE))
    }
}

impl ApscError {
    /// The error that an answer with this status and body means. A 404 may be the page of whatever stands before the
    /// controller, which knows of no resources: then it says nothing about them.
    pub(super) fn answered(status: u16, body: &[u8]) -> Self {
        match (status, message(body)) {
            (404, Some(_)) => Self::NotFound,
            (_, said) => {
                let said = said.as_deref().unwrap_or("no reason given");
                Self::Refused { status, message: printable(said, LONGEST_MESSAGE) }
            }
        }
    }

    /// Whether the same question may be answered a moment later.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable(_) => true,
            Self::Refused { status, .. } => matches!(status, 400 | 429 | 500..),
            Self::Unusable(_) | Self::NotFound | Self::Unreadable(_) => false,
        }
    }

    /// Whether it may be answered so for ever: by nobody who is away, busy or in trouble himself.
    pub fn may_last(&self) -> bool {
        matches!(self, Self::Refused { status: 400, .. }) || !self.is_passing()
    }
}

/// Whether an answer says that our transaction is over.
pub(super) fn lost_transaction(status: u16, body: &[u8]) -> bool {
    status >= 400 && String::from_utf8_lossy(body).to_ascii_lowercase().contains("transaction not found")
}

/// `{"error","message"}` or `{"code","type","message"}`; HTML pages and the like are none and are not quoted.
fn message(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Said {
        #[serde(default, alias = "type")]
        error: Option<serde_json::Value>,
        #[serde(default)]
        message: Option<serde_json::Value>,
    }
    let text = |value: Option<serde_json::Value>| value.and_then(|v| v.as_str().map(str::to_owned));
    let Said { error, message } = serde_json::from_slice(body).ok()?;
    let said: Vec<_> = [text(error), text(message)].into_iter().flatten().collect();
    (!said.is_empty()).then(|| said.join(": "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_an_error_are_understood_and_pages_are_not_quoted() {
        for (body, message) in [
            (r#"{"error":"APS::Hosting","message":"no such type"}"#, "APS::Hosting: no such type"),
            (r#"{"code":500,"type":"T","message":"m\r\nn"}"#, "T: m  n"),
            (r#"{"message":"only"}"#, "only"),
            (r#"{"message":7}"#, "no reason given"),
            ("<html>secret</html>", "no reason given"),
        ] {
            let expected = ApscError::Refused { status: 500, message: message.into() };
            assert_eq!(ApscError::answered(500, body.as_bytes()), expected);
        }
        let own = br#"{"error":"APS::Util::ObjectNotFound","message":"no resource"}"#;
        assert_eq!(ApscError::answered(404, own), ApscError::NotFound);
        for gateways in ["<html>nginx</html>", "", "{}"] {
            let other = ApscError::Refused { status: 404, message: "no reason given".into() };
            assert_eq!(ApscError::answered(404, gateways.as_bytes()), other);
        }
    }
}
