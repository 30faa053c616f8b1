//! Nobody gets in but the controller of the instance that the call names (contract §4).

use std::time::SystemTime;

use axum::extract::ConnectInfo;
use axum::http::request::Parts;

use super::certificate::Pinned;
use super::error::ApsError;
use super::listen::Peer;
use super::oauth::{OAuthError, Verifier};

/// How callers prove who they are: one way per daemon.
#[derive(Debug)]
pub enum Gate {
    /// By the certificate that the install delivered.
    MutualTls,
    /// By a signature.
    OAuth(Box<Verifier>),
}

impl Gate {
    /// Whether the verdict hangs on what is known of the instance. A signature is judged once: its nonce is used then.
    pub fn asks_the_instance(&self) -> bool {
        matches!(self, Self::MutualTls)
    }

    /// Whether the call with this head comes from the controller. `delivered` is the controller certificate of the
    /// instance, in an install the one in its body; `None` if the instance has none.
    ///
    /// # Errors
    /// 403 without the right certificate, 401 without the right signature, as without a database if a replay cannot be
    /// ruled out.
    pub async fn admit(
        &self,
        parts: &Parts,
        delivered: Option<&Pinned>,
        now: SystemTime,
    ) -> Result<(), ApsError> {
        let Some(ConnectInfo(peer)) = parts.extensions.get::<ConnectInfo<Peer>>() else {
            return Err(ApsError::forbidden("cannot tell who calls; the connection is unknown"));
        };
        match self {
            Self::MutualTls => shows(peer, delivered, now),
            Self::OAuth(verifier) => verifier.verify(parts, peer, now).await.map_err(refused),
        }
    }
}

fn shows(peer: &Peer, delivered: Option<&Pinned>, now: SystemTime) -> Result<(), ApsError> {
    let delivered = delivered.ok_or_else(|| {
        ApsError::forbidden("no controller certificate is known for this instance; install it first")
    })?;
    let Some(shown) = &peer.certificate else {
        return Err(ApsError::forbidden("the call shows no client certificate; use that of the controller"));
    };
    if !delivered.is(shown) {
        return Err(ApsError::forbidden("the client certificate is not the one the install delivered"));
    }
    delivered.valid_at(now).map_err(|error| ApsError::forbidden(format!("the client's: {error}")))
}

fn refused(error: OAuthError) -> ApsError {
    match error {
        OAuthError::NoMemory(_) => ApsError::database(),
        error => ApsError::unauthorized(error.to_string()),
    }
}

#[cfg(test)]
mod tests;
