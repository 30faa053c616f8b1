//! The words that several kinds share: what a licence is for, what state something is in, and details.

use super::document::Malformed;
use super::element::Element;

/// What a licence or a pool is for. Mozy has other types too (`GrandFathered`); they are not ours and read as none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LicenseType {
    /// `Desktop`, which also pays for sync.
    Desktop,
    /// `Server`
    Server,
}

impl LicenseType {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            LicenseType::Desktop => "Desktop",
            LicenseType::Server => "Server",
        }
    }

    pub(super) fn known(word: &str) -> Option<Self> {
        [LicenseType::Desktop, LicenseType::Server].into_iter().find(|kind| kind.as_str() == word)
    }
}

/// The state of a partner, a group or a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// `active`
    Active,
    /// `suspended`: this very object; what suspends its parent does not show here.
    Suspended,
    /// `deleted`, which some servers still tell of.
    Deleted,
    /// A word that is new to us.
    Other,
}

impl Status {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Status::Active => "active",
            Status::Suspended => "suspended",
            Status::Deleted => "deleted",
            Status::Other => "",
        }
    }

    pub(super) fn read(word: &str) -> Option<Self> {
        let known = [Status::Active, Status::Suspended, Status::Deleted];
        Some(known.into_iter().find(|status| status.as_str() == word).unwrap_or(Status::Other))
    }
}

/// A detail of an admin, a user or a machine. The value of `login_href` lets anybody in, so `Debug` shows none.
#[derive(Clone, PartialEq, Eq)]
pub struct Detail {
    /// Such as `login_href`.
    pub key: String,
    /// Its value.
    pub value: String,
}

impl std::fmt::Debug for Detail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Detail").field("key", &self.key).finish_non_exhaustive()
    }
}

impl Detail {
    pub(super) fn read(element: Element<'_>) -> Result<Self, Malformed> {
        let mut detail = Detail { key: String::new(), value: String::new() };
        for field in element.children()? {
            let field = field?;
            match field.name() {
                "key" => detail.key = field.text()?.unwrap_or_default(),
                "value" => detail.value = field.text()?.unwrap_or_default(),
                _ => {}
            }
        }
        Ok(detail)
    }
}
