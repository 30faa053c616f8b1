//! Why a call ends before its work is done: OSA is to come again, or it hears an error (contract §3).

use axum::response::{IntoResponse, Response};

use super::answer::Answer;
use super::error::ApsError;
use crate::domain::Reason;
use crate::ports::desk::DeskError;
use crate::ports::panel::PanelError;

/// How a call ends.
pub(super) type Outcome = Result<Answer, Early>;

/// A call that ends early.
#[derive(Debug)]
pub(super) enum Early {
    /// Nothing is wrong; it cannot go on just now.
    Pending(Answer),
    /// It is answered with an error.
    Error(ApsError),
}

impl<E: Into<ApsError>> From<E> for Early {
    fn from(error: E) -> Self {
        Self::Error(error.into())
    }
}

impl IntoResponse for Early {
    fn into_response(self) -> Response {
        match self {
            Self::Pending(answer) => answer.into_response(),
            Self::Error(error) => error.into_response(),
        }
    }
}

impl From<DeskError> for ApsError {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::Refused { reason, message } => Self::refusal(reason.as_str(), message),
            DeskError::NotFound(_) => Self::not_found(error.to_string()),
            DeskError::Unavailable(cause) => no_database(&*cause),
        }
    }
}

impl From<PanelError> for ApsError {
    fn from(error: PanelError) -> Self {
        let message = error.to_string();
        match error {
            PanelError::VendorUnreachable(_) => {
                Self::unavailable(Reason::VendorUnreachable.as_str(), message)
            }
            // Until there is an account at Mozy, there is nothing that a link could lead to.
            PanelError::NoControlPanel(_) | PanelError::NotProvisioned(_) => {
                Self::refusal(Reason::NoControlPanel.as_str(), message)
            }
            PanelError::NotFound(_) => Self::not_found(message),
            PanelError::Unavailable(cause) => no_database(&*cause),
        }
    }
}

fn no_database(cause: &(dyn std::error::Error + 'static)) -> ApsError {
    tracing::error!(error = cause, "the database cannot be used; OSA was told to call again");
    ApsError::database()
}
