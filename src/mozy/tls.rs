//! Mozy's certificate is checked against the system's roots and, where configured, one more CA file.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use super::error::SetupError;

/// What is trusted. Read once and shared by all credentials.
#[derive(Clone)]
pub struct Tls(ClientConfig);

impl Tls {
    /// The system's roots, and `authority` (PEM) on top of them.
    ///
    /// # Errors
    /// [`SetupError::Authority`] when it holds no certificate.
    pub fn trusting(authority: Option<&str>) -> Result<Self, SetupError> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if let Some(pem) = authority {
            add(&mut roots, pem).map_err(SetupError::Authority)?;
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let builder = versions.map_err(|error| SetupError::Http(error.to_string()))?;
        let mut config = builder.with_root_certificates(roots).with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Tls(config))
    }

    pub(super) fn config(&self) -> ClientConfig {
        self.0.clone()
    }
}

fn add(roots: &mut RootCertStore, pem: &str) -> Result<(), String> {
    let mut found = false;
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        let certificate = certificate.map_err(|error| error.to_string())?;
        roots.add(certificate).map_err(|error| error.to_string())?;
        found = true;
    }
    if found { Ok(()) } else { Err("it holds no certificate in PEM form".into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authority_without_a_certificate_is_refused() {
        let error = Tls::trusting(Some("nothing here\n")).err().unwrap().to_string();
        assert!(error.contains("no certificate"), "{error}");
    }
}
