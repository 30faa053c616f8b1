//! What can go wrong with the store, and which of it is the database's fault.

use super::seal::SealError;
use crate::domain::SubscriptionId;
use crate::ports::LedgerError;
use crate::ports::desk::DeskError;

/// Why the store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No connection: the database is away, or all of the pool is in use for too long.
    #[error("connecting to the database failed: {0}")]
    Connect(String),
    /// The database said nothing for too long; whether it committed is unknown.
    #[error("the database did not answer {operation} within {within:?}")]
    Silent {
        /// What was being done.
        operation: &'static str,
        /// For how long.
        within: std::time::Duration,
    },
    /// A statement failed; whether its transaction was committed may be unknown.
    #[error("the database refused a statement")]
    Database(#[from] diesel::result::Error),
    /// Another worker holds the subscription; nothing was written.
    #[error("the lease of subscription {0} was lost to another worker")]
    LeaseLost(SubscriptionId),
    /// A secret cannot be sealed or opened.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// Something stored cannot be understood: it was written by another version, or by hand.
    #[error("{what} cannot be read: {why}")]
    Corrupt {
        /// What.
        what: &'static str,
        /// Why.
        why: String,
    },
    /// The schema could not be brought up to date.
    #[error("migrating the database failed: {0}")]
    Migrate(String),
    /// `database.url` makes no sense.
    #[error("the database's address is not usable: {0}")]
    Address(String),
}

impl From<diesel::result::Error> for DeskError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Unavailable(error.into())
    }
}

impl From<StoreError> for DeskError {
    fn from(error: StoreError) -> Self {
        Self::Unavailable(error.into())
    }
}

impl From<StoreError> for LedgerError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::LeaseLost(id) => Self::LeaseLost(id),
            other => Self::Unavailable(other.into()),
        }
    }
}

/// Whether an error counts against the database (`database_errors_total`), rather than against what was asked.
pub(super) trait Fault {
    /// True for the database's own.
    fn is_fault(&self) -> bool;
}

impl Fault for StoreError {
    fn is_fault(&self) -> bool {
        !matches!(self, Self::LeaseLost(_))
    }
}

impl Fault for DeskError {
    fn is_fault(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}
