//! Admits a request that our partner signed, recently, and sent once (RFC 5849 §3.2).

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::request::Parts;

use super::base::base_string;
use super::encode::{Param, query};
use super::sign::{OAuthKeys, unix_seconds};
use super::urls::{PublicUrl, candidates};
use super::{Nonce, NonceError, NonceMemory, WINDOW, header};
use crate::osa::listen::Peer;

/// Longest nonce believed, in bytes.
const LONGEST_NONCE: usize = 256;

/// Why a request is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OAuthError {
    /// It is not signed at all.
    #[error("the call is not signed; sign it with OAuth 1.0a, HMAC-SHA1")]
    Unsigned,
    /// The header cannot be read.
    #[error("cannot read the OAuth authorization: {0}")]
    Malformed(&'static str),
    /// A parameter is not there, or of no use.
    #[error("the OAuth parameter {0} is missing or senseless")]
    Missing(&'static str),
    /// An OAuth parameter is there twice.
    #[error("an OAuth parameter appears twice")]
    Duplicate,
    /// Something we do not do: another method or version, a token.
    #[error("the OAuth parameter {0} is not supported; use version 1.0, HMAC-SHA1 and no token")]
    Unsupported(&'static str),
    /// Another consumer key.
    #[error("the OAuth consumer key is unknown")]
    UnknownKey,
    /// Too old, or from the future.
    #[error("the OAuth timestamp is more than {WINDOW} seconds from our clock; check both clocks")]
    Stale,
    /// The signature is not that of this request.
    #[error("the OAuth signature does not fit; check the secret, and that osa.public_url is what OSA calls")]
    BadSignature,
    /// The same request again.
    #[error("the OAuth nonce was used before")]
    Replayed,
    /// Whether it was sent before cannot be said.
    #[error(transparent)]
    NoMemory(#[from] NonceError),
}

/// Judges incoming requests.
pub struct Verifier {
    /// What OSA and we share.
    pub keys: OAuthKeys,
    /// Our endpoint as OSA knows it.
    pub public_url: Option<PublicUrl>,
    /// What was seen before.
    pub nonces: Arc<dyn NonceMemory>,
}

impl Verifier {
    /// Whether the request with this head, from `peer`, may be believed at `now`. `parts.uri` must be as it arrived,
    /// so do this before a router cuts a prefix off.
    ///
    /// # Errors
    /// Says what is wrong, and nothing about the secret. A nonce counts as used only if the signature is right.
    pub async fn verify(&self, parts: &Parts, peer: &Peer, now: SystemTime) -> Result<(), OAuthError> {
        let claim = Claim::read(parts)?;
        let now = unix_seconds(now);
        if claim.key != self.keys.key() {
            return Err(OAuthError::UnknownKey);
        }
        if claim.timestamp.abs_diff(now) > WINDOW {
            return Err(OAuthError::Stale);
        }
        let urls = candidates(self.public_url.as_ref(), peer, parts);
        if !urls.iter().any(|url| claim.fits(&self.keys, parts.method.as_str(), url)) {
            return Err(OAuthError::BadSignature);
        }
        let nonce = Nonce { key: &claim.key, timestamp: claim.timestamp, nonce: &claim.nonce };
        if self.nonces.first_use(nonce, now).await? { Ok(()) } else { Err(OAuthError::Replayed) }
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { keys, public_url, nonces: _ } = self;
        f.debug_struct("Verifier").field("keys", keys).field("public_url", public_url).finish_non_exhaustive()
    }
}

/// What the request says of itself.
struct Claim {
    key: String,
    timestamp: u64,
    nonce: String,
    signature: Vec<u8>,
    /// All that is signed, of the header and of the query.
    params: Vec<Param>,
}

impl Claim {
    fn read(parts: &Parts) -> Result<Self, OAuthError> {
        let mut params = header::params(&parts.headers)?;
        params.extend(query(parts.uri.query().unwrap_or_default()));
        refuse_duplicates(&params)?;
        let text = |name| text(&params, name).ok_or(OAuthError::Missing(name));
        if !params.iter().any(|(name, _)| name.starts_with(b"oauth_")) {
            return Err(OAuthError::Unsigned);
        }
        supported(&params)?;
        let key = text("oauth_consumer_key")?.to_owned();
        let timestamp =
            text("oauth_timestamp")?.parse().map_err(|_| OAuthError::Missing("oauth_timestamp"))?;
        let nonce = text("oauth_nonce")?.to_owned();
        if nonce.is_empty() || nonce.len() > LONGEST_NONCE || nonce.contains(char::is_control) {
            return Err(OAuthError::Missing("oauth_nonce"));
        }
        let signature =
            STANDARD.decode(text("oauth_signature")?).map_err(|_| OAuthError::Missing("oauth_signature"))?;
        params.retain(|(name, _)| name != b"oauth_signature");
        Ok(Self { key, timestamp, nonce, signature, params })
    }

    fn fits(&self, keys: &OAuthKeys, method: &str, url: &str) -> bool {
        keys.signs(&base_string(method, url, &self.params), &self.signature)
    }
}

fn refuse_duplicates(params: &[Param]) -> Result<(), OAuthError> {
    let mut seen = HashSet::new();
    let mut oauth = params.iter().map(|(name, _)| name).filter(|name| name.starts_with(b"oauth_"));
    if oauth.all(|name| seen.insert(name)) { Ok(()) } else { Err(OAuthError::Duplicate) }
}

fn supported(params: &[Param]) -> Result<(), OAuthError> {
    match text(params, "oauth_signature_method") {
        Some("HMAC-SHA1") => {}
        Some(_) => return Err(OAuthError::Unsupported("oauth_signature_method")),
        None => return Err(OAuthError::Missing("oauth_signature_method")),
    }
    for (name, only) in [("oauth_version", "1.0"), ("oauth_token", "")] {
        let value = params.iter().find(|(n, _)| n == name.as_bytes());
        if value.is_some_and(|(_, value)| value != only.as_bytes()) {
            return Err(OAuthError::Unsupported(name));
        }
    }
    Ok(())
}

fn text<'a>(params: &'a [Param], name: &str) -> Option<&'a str> {
    let (_, value) = params.iter().find(|(n, _)| n == name.as_bytes())?;
    std::str::from_utf8(value).ok()
}
