//! Certificates and keys that files hold: real PEM, and a key that belongs to its certificate.

use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use super::file::FileRef;
use super::problem::{Problem, Problems};
use super::secret::Secret;

/// A certificate chain and its key, both PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The certificate first, then those above it.
    pub certificates: String,
    /// The private key.
    pub key: Secret,
}

/// The PEM text of a file with at least one certificate.
pub(super) fn certificates(file: &FileRef) -> Result<String, Problem> {
    let pem = file.text()?;
    chain(file, &pem).map(|_| pem)
}

/// A certificate and its key; where neither can be read, both are named.
pub(super) fn identity(certificates: &FileRef, key: &FileRef) -> Result<Identity, Problems> {
    let pem = certificates.text().and_then(|pem| Ok((chain(certificates, &pem)?, pem)));
    let secret = key.secret().and_then(|secret| Ok((private_key(key, &secret)?, secret)));
    let ((chain, pem), (private, secret)) = match (pem, secret) {
        (Ok(pem), Ok(secret)) => (pem, secret),
        (pem, secret) => return Err(Problems(pem.err().into_iter().chain(secret.err()).collect())),
    };
    CertifiedKey::from_der(chain, private, &default_provider())
        .map_err(|error| key.problem(format!("does not fit the certificate: {error}")))?;
    Ok(Identity { certificates: pem, key: secret })
}

fn private_key(file: &FileRef, pem: &Secret) -> Result<PrivateKeyDer<'static>, Problem> {
    let parsed = PrivateKeyDer::from_pem_slice(pem.expose().as_bytes());
    parsed.map_err(|_| file.problem("holds no private key in PEM"))
}

fn chain(file: &FileRef, pem: &str) -> Result<Vec<CertificateDer<'static>>, Problem> {
    let parsed: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    let chain = parsed.ok().filter(|chain| !chain.is_empty());
    chain.ok_or_else(|| file.problem("holds no certificate in PEM"))
}
