//! What Mozy answered is taken for what was asked only as far as it says so itself; what it does not say is no default.

use std::fmt::Display;

use crate::domain::partner::Status;
use crate::domain::{LicenceKind, Presence};
use crate::mozy::words::{self, Detail, LicenseType};
use crate::ports::VendorError;

/// What a part of an answer is about: its kind and its id.
pub(super) struct About<I>(pub &'static str, pub I);

impl<I: Display> About<I> {
    /// What a reconciler must not guess.
    pub(super) fn require<T>(&self, field: &str, value: Option<T>) -> Result<T, VendorError> {
        let Self(kind, id) = self;
        value.ok_or_else(|| unclear(format!("{kind} {id} came without its {field}")))
    }

    /// None when it is deleted, and so not there; none in that when the word is new to us.
    pub(super) fn status(&self, said: Option<words::Status>) -> Result<Option<Option<Status>>, VendorError> {
        Ok(match self.require("status", said)? {
            words::Status::Active => Some(Some(Status::Active)),
            words::Status::Suspended => Some(Some(Status::Suspended)),
            words::Status::Deleted => None,
            words::Status::Other => Some(None),
        })
    }

    /// The one-time address among the details. Its text goes nowhere else.
    pub(super) fn link(&self, details: Vec<Detail>) -> Result<String, VendorError> {
        let named = details.iter().position(|detail| detail.key == LOGIN_HREF).unwrap_or(0);
        let detail = details.into_iter().nth(named).filter(|detail| !detail.value.trim().is_empty());
        self.require(LOGIN_HREF, detail.map(|detail| detail.value))
    }
}

/// The detail that makes Mozy tell a one-time address.
pub(super) const LOGIN_HREF: &str = "login_href";

/// An answer that leaves us knowing nothing.
pub(super) fn unclear(problem: String) -> VendorError {
    VendorError::Unreachable(format!("incomplete answer: {problem}"))
}

/// All that `read` takes for what was asked.
pub(super) fn all<T, U>(
    found: Vec<T>,
    read: impl Fn(T) -> Result<Option<U>, VendorError>,
) -> Result<Vec<U>, VendorError> {
    found.into_iter().filter_map(|item| read(item).transpose()).collect()
}

/// The one that was asked for by name. An answer about others only does not say that it is absent.
pub(super) fn one<T, U>(
    found: Vec<T>,
    asked: impl Fn(&T) -> bool,
    read: impl FnOnce(T) -> Result<Option<U>, VendorError>,
) -> Result<Presence<U>, VendorError> {
    if found.is_empty() {
        return Ok(Presence::Absent);
    }
    let Some(item) = found.into_iter().find(asked) else {
        return Err(unclear("it is about others than the one that was asked for".to_owned()));
    };
    Ok(read(item)?.map_or(Presence::Absent, Presence::Present))
}

/// How to search for a name: a Mozy that keeps names in lower case may find them by that only, though we know them as OSA
/// writes them.
pub(super) fn spellings(name: &str) -> Vec<String> {
    let lower = name.to_lowercase();
    if lower == name { vec![lower] } else { vec![name.to_owned(), lower] }
}

/// A text; an empty one says as little as none.
pub(super) fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

pub(super) fn kind(word: LicenseType) -> LicenceKind {
    match word {
        LicenseType::Desktop => LicenceKind::Desktop,
        LicenseType::Server => LicenceKind::Server,
    }
}

pub(super) fn license_type(kind: LicenceKind) -> LicenseType {
    match kind {
        LicenceKind::Desktop => LicenseType::Desktop,
        LicenceKind::Server => LicenseType::Server,
    }
}
