//! OAuth 1.0a, two-legged, HMAC-SHA1 (RFC 5849): one key and secret sign both ways (contract §4).
//!
//! [`Verifier`] admits an incoming request, [`OAuthKeys::authorization`] signs an outgoing one. The body is never
//! in the base string, because APS bodies are JSON and not form-encoded (RFC 5849 §3.4.1.3.1).

mod base;
mod encode;
mod header;
mod nonce;
mod sign;
mod urls;
mod verify;

#[cfg(test)]
mod tests;

pub use nonce::{Nonce, NonceError, NonceMemory, Nonces};
pub use sign::OAuthKeys;
pub use urls::{PublicUrl, PublicUrlError};
pub use verify::{OAuthError, Verifier};

/// How far a timestamp may be from our clock, in seconds, either way.
pub const WINDOW: u64 = 300;
