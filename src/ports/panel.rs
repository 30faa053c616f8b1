//! The panel: the few things that are made at Mozy while a person waits, bounded by `mozy.timeout`.

use crate::domain::{InstanceId, SubscriptionId, UserId};

/// Why it could not be done.
#[derive(Debug, thiserror::Error)]
pub enum PanelError {
    /// Mozy cannot be reached, in whole words; the numbers stay as they were.
    #[error("{0}")]
    VendorUnreachable(String),
    /// There is no control panel for this one.
    #[error("{0}")]
    NoControlPanel(String),
    /// There is nothing at Mozy yet.
    #[error("{0} is not provisioned at Mozy yet")]
    NotProvisioned(String),
    /// It is not known.
    #[error("{0} is not known here")]
    NotFound(String),
    /// The database cannot be used.
    #[error("the database cannot be used")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What a person waits for.
pub trait Panel: Send + Sync {
    /// One fresh observation of a subscription; its numbers are stored when this returns.
    fn refresh(&self, id: SubscriptionId) -> impl Future<Output = Result<(), PanelError>> + Send;

    /// A one-time link for the subscription's admin.
    fn admin_link(&self, id: SubscriptionId) -> impl Future<Output = Result<String, PanelError>> + Send;

    /// A one-time link for a user.
    fn user_link(&self, id: UserId) -> impl Future<Output = Result<String, PanelError>> + Send;

    /// Whether an e-mail address is free for a root admin, as far as our key can see: advice.
    fn email_available(
        &self,
        instance: InstanceId,
        email: &str,
    ) -> impl Future<Output = Result<bool, PanelError>> + Send;
}
