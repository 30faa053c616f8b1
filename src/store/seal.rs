//! Sealing: secrets lie in the database encrypted, each bound to the very column and row it was written to.

use crate::domain::Secret;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use std::fmt;
use std::sync::Arc;
use uuid::Uuid;

/// The form of what is sealed: this byte, the nonce, then the secret with its tag.
const VERSION: u8 = 1;

/// Why a secret could not be sealed or opened. Never says anything of the secret or the key.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// There is no key.
    #[error("{0} cannot be sealed or opened: set secrets.key_file")]
    NoKey(Place),
    /// The key does not fit, or what is stored was changed.
    #[error("{0} cannot be opened: it was sealed with another key than secrets.key_file, or changed since")]
    WrongKey(Place),
    /// The system gives no random numbers, or the secret is too long.
    #[error("{0} cannot be sealed")]
    Failed(Place),
}

/// Where a secret lies: sealed for one place, it opens in no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Whose.
    pub instance: Uuid,
    /// Which column of `instances`.
    pub column: &'static str,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of instance {}", self.column, self.instance)
    }
}

/// Seals and opens, with the key that systemd handed over. Prints nothing of it.
#[derive(Clone)]
pub struct Sealer(Arc<LessSafeKey>);

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer(…)")
    }
}

impl Sealer {
    /// A sealer with this key; `None` unless it has 32 bytes.
    pub fn new(key: &[u8]) -> Option<Self> {
        let key = UnboundKey::new(&CHACHA20_POLY1305, key).ok()?;
        Some(Self(Arc::new(LessSafeKey::new(key))))
    }

    /// The sealed form of a secret.
    pub fn seal(&self, place: Place, secret: &Secret) -> Result<Vec<u8>, SealError> {
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).map_err(|_| SealError::Failed(place))?;
        let mut body = secret.expose().as_bytes().to_vec();
        let sealed =
            self.0.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad(place), &mut body);
        sealed.map_err(|_| SealError::Failed(place))?;
        Ok([&[VERSION], nonce.as_slice(), &body].concat())
    }

    /// The secret in its sealed form.
    pub fn open(&self, place: Place, sealed: &[u8]) -> Result<Secret, SealError> {
        self.try_open(place, sealed).ok_or(SealError::WrongKey(place))
    }

    fn try_open(&self, place: Place, sealed: &[u8]) -> Option<Secret> {
        let (&VERSION, rest) = sealed.split_first()? else { return None };
        let (nonce, body) = rest.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut body = body.to_vec();
        let text = self.0.open_in_place(nonce, aad(place), &mut body).ok()?;
        Some(Secret::new(std::str::from_utf8(text).ok()?))
    }
}

fn aad(place: Place) -> Aad<Vec<u8>> {
    Aad::from([place.instance.as_bytes().as_slice(), place.column.as_bytes()].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Place = Place { instance: Uuid::from_u128(7), column: "api_key" };

    #[test]
    fn a_secret_opens_with_its_key_in_its_place_only() {
        let (ours, other) = (Sealer::new(&[1; 32]).unwrap(), Sealer::new(&[2; 32]).unwrap());
        let sealed = ours.seal(PLACE, &Secret::new("s3cret")).unwrap();
        assert_eq!(ours.open(PLACE, &sealed).unwrap().expose(), "s3cret");
        assert!(other.open(PLACE, &sealed).is_err());
        assert!(ours.open(Place { column: "identity", ..PLACE }, &sealed).is_err());
        assert!(ours.open(Place { instance: Uuid::nil(), ..PLACE }, &sealed).is_err());
        assert_ne!(sealed, ours.seal(PLACE, &Secret::new("s3cret")).unwrap(), "a nonce was used twice");
    }

    #[test]
    fn what_was_changed_does_not_open_and_says_nothing_of_the_secret() {
        let sealer = Sealer::new(&[1; 32]).unwrap();
        let sealed = sealer.seal(PLACE, &Secret::new("s3cret")).unwrap();
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            let error = sealer.open(PLACE, &changed).unwrap_err().to_string();
            assert!(error.contains("secrets.key_file") && !error.contains("s3cret"));
            assert!(sealer.open(PLACE, &sealed[..at]).is_err());
        }
        assert!(Sealer::new(&[1; 31]).is_none());
    }
}
