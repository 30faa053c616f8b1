//! Mozy's certificate is checked against the system's roots and, where configured, one more CA file.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use super::error::SetupError;

/// What is trusted. Read once and shared by all credentials.
#[derive(Clone)]
pub struct Tls(ClientConfig);

impl Tls {
    /// Reads the system's roots, and `ca_file` (PEM) on top of them.
    ///
    /// # Errors
    /// [`SetupError::CaFile`] when the file cannot be read or holds no certificate.
    pub fn load(ca_file: Option<&Path>) -> Result<Self, SetupError> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if let Some(path) = ca_file {
            let problem = |problem: String| SetupError::CaFile { path: path.display().to_string(), problem };
            add(&mut roots, path).map_err(problem)?;
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

fn add(roots: &mut RootCertStore, path: &Path) -> Result<(), String> {
    let certificates = CertificateDer::pem_file_iter(path).map_err(|error| error.to_string())?;
    let mut found = false;
    for certificate in certificates {
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
    fn a_useless_ca_file_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let empty = folder.path().join("empty.pem");
        std::fs::write(&empty, "nothing here\n").unwrap();
        for path in [empty, folder.path().join("missing.pem")] {
            let error = Tls::load(Some(&path)).err().unwrap().to_string();
            assert!(error.contains(path.to_str().unwrap()), "{error}");
        }
    }
}
