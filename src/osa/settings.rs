//! What the endpoint is told once, when the daemon starts.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::apsc::Timeouts;
use super::certificate::Pinned;
use super::oauth::{NonceMemory, OAuthKeys, PublicUrl};
use super::observe::Observer;

/// How OSA and we prove to each other who we are: one way per daemon (contract §4).
#[derive(Clone)]
pub enum Auth {
    /// By the certificates that an install delivers.
    MutualTls,
    /// By signatures.
    OAuth {
        /// What OSA and we share.
        keys: Box<OAuthKeys>,
        /// Which requests were seen before; several daemons share one.
        nonces: Arc<dyn NonceMemory>,
    },
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MutualTls => f.write_str("MutualTls"),
            Self::OAuth { keys, .. } => f.debug_struct("OAuth").field("keys", keys).finish_non_exhaustive(),
        }
    }
}

/// When OSA is to ask again about what was answered 202.
#[derive(Debug, Clone, Copy)]
pub struct Retry {
    /// While it is simply being done.
    pub expected: Duration,
    /// While something stands in the way.
    pub blocked: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self { expected: Duration::from_secs(2), blocked: Duration::from_secs(15) }
    }
}

/// The settings of the endpoint and of the way back.
#[derive(Clone)]
pub struct Settings {
    /// How both sides prove who they are.
    pub auth: Auth,
    /// Our endpoint as OSA knows it; its path may stand before the service's name, and signatures cover it.
    pub public_url: Option<PublicUrl>,
    /// Whether an instance that no install brought is served, with the configured credentials.
    pub serve_default: bool,
    /// Where it is set, only its holder may install, and the default instance is served to it under mutual TLS.
    pub controller_certificate: Option<Pinned>,
    /// `osa.model`: whether an instance that does not say sells through resellers.
    pub reseller: bool,
    /// When OSA is to ask again.
    pub retry: Retry,
    /// `osa.task_patience`: how long OSA waits for what it does not tell us itself.
    pub patience: Duration,
    /// How long one call to OSA may take.
    pub timeouts: Timeouts,
    /// Told of each call from and to OSA.
    pub observer: Observer,
}
