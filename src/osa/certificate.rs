//! Certificates as an install delivers them: ours with its key, and the controller's, which is pinned byte for byte.

use std::fmt;
use std::time::SystemTime;

use rustls::CertificateError::{Expired, ExpiredContext, NotValidYet, NotValidYetContext};
use rustls::RootCertStore;
use rustls::client::verify_server_cert_signed_by_trust_anchor;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::ParsedCertificate;

/// Why a certificate cannot be used. Never quotes the PEM text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// The text holds no certificate.
    #[error("the PEM text holds no certificate; it needs a BEGIN CERTIFICATE section")]
    NoCertificate,
    /// The text holds no private key.
    #[error("the PEM text holds no private key; it needs an unencrypted BEGIN PRIVATE KEY section")]
    NoKey,
    /// A section is damaged.
    #[error("the PEM text cannot be read; a section is damaged or cut off")]
    Unreadable,
    /// Not an X.509 certificate that can be judged.
    #[error("the certificate cannot be read as X.509 version 3")]
    NotX509,
    /// Its time is over.
    #[error("the certificate has expired; install a new one")]
    Expired,
    /// Its time has not come.
    #[error("the certificate is not valid yet; check the clocks")]
    NotYetValid,
}

/// The certificates in `pem`, leaf first, in the order they stand.
///
/// # Errors
/// If there is none, or a section is damaged.
pub fn chain(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, CertificateError> {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|_| CertificateError::Unreadable)?;
    if chain.is_empty() { Err(CertificateError::NoCertificate) } else { Ok(chain) }
}

/// Who we are: a certificate chain and its private key (`aps.x509.self`).
pub struct Identity {
    pub(super) chain: Vec<CertificateDer<'static>>,
    pub(super) key: PrivateKeyDer<'static>,
}

impl Identity {
    /// Reads a text that holds both, in either order, which is how APS delivers it.
    ///
    /// # Errors
    /// If one of them is missing or damaged.
    pub fn from_pem(pem: &[u8]) -> Result<Self, CertificateError> {
        Self::from_parts(pem, pem)
    }

    /// Reads the chain and the key from texts of their own.
    ///
    /// # Errors
    /// If one of them is missing or damaged.
    pub fn from_parts(certificate: &[u8], key: &[u8]) -> Result<Self, CertificateError> {
        let chain = chain(certificate)?;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|error| match error {
            rustls::pki_types::pem::Error::NoItemsFound => CertificateError::NoKey,
            _ => CertificateError::Unreadable,
        })?;
        Ok(Self { chain, key })
    }
}

impl Clone for Identity {
    fn clone(&self) -> Self {
        Self { chain: self.chain.clone(), key: self.key.clone_key() }
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(…)")
    }
}

/// The controller's certificate (`aps.x509.controller`): as its client when it calls us, as its server when we call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pinned(CertificateDer<'static>);

impl Pinned {
    /// Reads the first certificate of `pem`.
    ///
    /// # Errors
    /// If there is none, or it is damaged.
    pub fn from_pem(pem: &[u8]) -> Result<Self, CertificateError> {
        Ok(Self(chain(pem)?.swap_remove(0)))
    }

    /// Whether `der` is this very certificate, byte for byte. Names and issuers do not matter.
    pub fn is(&self, der: &[u8]) -> bool {
        self.0.as_ref() == der
    }

    /// Whether it may be believed at `now`.
    ///
    /// # Errors
    /// If it has expired, is not valid yet, or cannot be read.
    pub fn valid_at(&self, now: SystemTime) -> Result<(), CertificateError> {
        let since_epoch = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        self.valid_at_unix(UnixTime::since_unix_epoch(since_epoch))
    }

    /// As [`Self::valid_at`]. A path check judges the time of the leaf before all else, and nothing else of its
    /// verdict matters here: the certificate is known, so nobody needs to vouch for it.
    pub(super) fn valid_at_unix(&self, now: UnixTime) -> Result<(), CertificateError> {
        let parsed = ParsedCertificate::try_from(&self.0).map_err(|_| CertificateError::NotX509)?;
        let roots = RootCertStore::empty();
        let algorithms = rustls::crypto::ring::default_provider().signature_verification_algorithms.all;
        match verify_server_cert_signed_by_trust_anchor(&parsed, &roots, &[], now, algorithms) {
            Err(rustls::Error::InvalidCertificate(Expired | ExpiredContext { .. })) => {
                Err(CertificateError::Expired)
            }
            Err(rustls::Error::InvalidCertificate(NotValidYet | NotValidYetContext { .. })) => {
                Err(CertificateError::NotYetValid)
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::osa::testing::TestCertificate;

    #[test]
    fn certificate_and_key_are_found_in_either_order() {
        let ours = TestCertificate::new();
        for pem in [format!("{}{}", ours.certificate, ours.key), format!("{}{}", ours.key, ours.certificate)]
        {
            let identity = Identity::from_pem(pem.as_bytes()).unwrap();
            assert_eq!(identity.chain[0].as_ref(), ours.der);
            assert!(!format!("{identity:?}").contains("PRIVATE"));
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let ours = TestCertificate::new();
        let error = Identity::from_pem(ours.certificate.as_bytes()).unwrap_err();
        assert_eq!(error, CertificateError::NoKey);
        assert_eq!(Identity::from_pem(ours.key.as_bytes()).unwrap_err(), CertificateError::NoCertificate);
        assert_eq!(Pinned::from_pem(b"nothing").unwrap_err(), CertificateError::NoCertificate);
        let cut = &ours.certificate[..ours.certificate.len() / 2];
        assert!(Pinned::from_pem(cut.as_bytes()).is_err());
    }

    #[test]
    fn only_the_very_certificate_is_it() {
        let (one, other) = (TestCertificate::new(), TestCertificate::new());
        let pinned = Pinned::from_pem(one.certificate.as_bytes()).unwrap();
        assert!(pinned.is(&one.der));
        assert!(!pinned.is(&other.der));
        assert!(!pinned.is(&one.der[..one.der.len() - 1]));
    }

    #[test]
    fn time_is_judged_also_for_a_certificate_authority() {
        for ca in [false, true] {
            let judge = |from, to| {
                let certificate = TestCertificate::between(from, to, ca);
                Pinned::from_pem(certificate.certificate.as_bytes()).unwrap().valid_at(SystemTime::now())
            };
            assert_eq!(judge(2000, 2001), Err(CertificateError::Expired));
            assert_eq!(judge(3000, 3001), Err(CertificateError::NotYetValid));
            assert_eq!(judge(2000, 3000), Ok(()));
        }
    }
}
