//! Signs what we send, and checks signatures with the same key.

use std::fmt;
use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use ring::hmac::{self, HMAC_SHA1_FOR_LEGACY_USE_ONLY};
use url::Url;

use super::base::{base_string, base_url};
use super::encode::{Param, encode, query};
use super::header;
use crate::domain::Secret;

/// The consumer key and secret that OSA and we share.
#[derive(Clone)]
pub struct OAuthKeys {
    key: String,
    signer: hmac::Key,
}

impl OAuthKeys {
    /// Takes the key as it is sent, and the secret as it never is.
    pub fn new(key: impl Into<String>, secret: &Secret) -> Self {
        // The empty token secret after the ampersand is what makes it two-legged.
        let material = format!("{}&", encode(secret.expose()));
        Self { key: key.into(), signer: hmac::Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, material.as_bytes()) }
    }

    /// The consumer key.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The `Authorization` header for one request; sign again for each try, since a nonce serves once.
    /// `None` if `url` is not HTTP.
    pub fn authorization(
        &self,
        method: &str,
        url: &Url,
        now: SystemTime,
        nonce: &str,
    ) -> Option<HeaderValue> {
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        let base = base_url(url.scheme(), &format!("{}{port}", url.host_str()?), url.path())?;
        let mut oauth = self.protocol_params(unix_seconds(now), nonce);
        let all: Vec<Param> = oauth.iter().cloned().chain(query(url.query().unwrap_or_default())).collect();
        let signature = hmac::sign(&self.signer, base_string(method, &base, &all).as_bytes());
        oauth.push((b"oauth_signature".to_vec(), STANDARD.encode(signature).into_bytes()));
        let mut value = HeaderValue::from_str(&header::write(&oauth)).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    fn protocol_params(&self, timestamp: u64, nonce: &str) -> Vec<Param> {
        [
            ("oauth_consumer_key", self.key.as_str()),
            ("oauth_nonce", nonce),
            ("oauth_signature_method", "HMAC-SHA1"),
            ("oauth_timestamp", &timestamp.to_string()),
            ("oauth_version", "1.0"),
        ]
        .map(|(name, value)| (name.into(), value.into()))
        .to_vec()
    }

    /// Whether `signature` (decoded) signs `base`, in constant time.
    pub(super) fn signs(&self, base: &str, signature: &[u8]) -> bool {
        hmac::verify(&self.signer, base.as_bytes(), signature).is_ok()
    }
}

impl fmt::Debug for OAuthKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuthKeys").field("key", &self.key).finish_non_exhaustive()
    }
}

pub(super) fn unix_seconds(now: SystemTime) -> u64 {
    now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs()
}
