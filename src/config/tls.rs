//! Certificates and keys that files hold: real PEM, and a key that belongs to its certificate.

use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use super::file::FileRef;
use super::problem::Problem;
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

/// A certificate and its key.
pub(super) fn identity(certificates: &FileRef, key: &FileRef) -> Result<Identity, Problem> {
    let pem = certificates.text()?;
    let chain = chain(certificates, &pem)?;
    let secret = key.secret()?;
    let private = PrivateKeyDer::from_pem_slice(secret.expose().as_bytes())
        .map_err(|_| key.problem("holds no private key in PEM"))?;
    CertifiedKey::from_der(chain, private, &default_provider())
        .map_err(|error| key.problem(format!("does not fit the certificate: {error}")))?;
    Ok(Identity { certificates: pem, key: secret })
}

fn chain(file: &FileRef, pem: &str) -> Result<Vec<CertificateDer<'static>>, Problem> {
    let parsed: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    let chain = parsed.ok().filter(|chain| !chain.is_empty());
    chain.ok_or_else(|| file.problem("holds no certificate in PEM"))
}
