//! How a simulated OSA is set up.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

/// How OSA and the application prove to each other who they are (contract section 4).
#[derive(Clone, Debug, Default)]
pub enum Auth {
    /// Plain HTTP without proof, on loopback only: for the lab.
    #[default]
    Open,
    /// TLS with certificates on both sides.
    MutualTls,
    /// OAuth 1.0a, the same key and secret both ways.
    OAuth(OAuthKey),
}

/// The consumer key and secret of OAuth 1.0a.
#[derive(Clone)]
pub struct OAuthKey {
    /// `oauth_consumer_key`.
    pub key: String,
    /// The secret.
    pub secret: String,
}

impl fmt::Debug for OAuthKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OAuthKey({})", self.key)
    }
}

/// The options of a simulated OSA. The defaults are OSA's own pace on any free loopback port.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the application calls OSA.
    pub controller: SocketAddr,
    /// Where `/_sim/` is served, always plain HTTP on loopback; nowhere if none.
    pub control: Option<SocketAddr>,
    /// Proof of identity, both ways.
    pub auth: Auth,
    /// Whether the controller speaks TLS; mutual TLS does anyway.
    pub tls: bool,
    /// All waiting of OSA is multiplied by this: 0.01 makes a minute 0.6 s.
    pub time_scale: f64,
    /// No poll waits longer than this, after scaling.
    pub max_poll: Duration,
    /// How long the application may take to answer one call.
    pub call_timeout: Duration,
    /// How long the fault `Timeout` keeps the application waiting.
    pub hang: Duration,
    /// The page of a listing that names no limit, and the most that a limit may ask for.
    pub page_size: usize,
    /// How many calls and how many ended tasks are remembered.
    pub remember: usize,
    /// Of the faults.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
        Self {
            controller: anywhere,
            control: Some(anywhere),
            auth: Auth::Open,
            tls: false,
            time_scale: 1.0,
            max_poll: Duration::from_secs(3600),
            call_timeout: Duration::from_secs(60),
            hang: Duration::from_secs(60),
            page_size: 1000,
            remember: 20_000,
            seed: 1,
        }
    }
}

impl Options {
    /// Whether the controller speaks TLS.
    pub fn speaks_tls(&self) -> bool {
        self.tls || matches!(self.auth, Auth::MutualTls)
    }

    /// How long OSA really waits where it means to wait `meant`.
    pub(super) fn pace(&self, meant: Duration) -> Duration {
        let scaled = meant.as_secs_f64() * self.time_scale.max(0.0);
        Duration::try_from_secs_f64(scaled).map_or(self.max_poll, |wait| wait.min(self.max_poll))
    }
}
