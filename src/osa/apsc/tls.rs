//! Our side of TLS to the controller: we show the instance's certificate, and believe the delivered one only.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

use super::ApscError;
use crate::osa::certificate::{Identity, Pinned};
use crate::osa::tls::provider;

/// TLS that shows `identity` if there is one and believes `controller`; without one, whom this system believes.
pub(super) fn client_config(
    identity: Option<Identity>,
    controller: Option<Pinned>,
) -> Result<ClientConfig, ApscError> {
    let provider = provider();
    let algorithms = provider.signature_verification_algorithms;
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let builder = match controller {
        Some(pinned) => {
            let verifier = Arc::new(OnlyPinned { pinned, algorithms });
            builder.dangerous().with_custom_certificate_verifier(verifier)
        }
        None => builder.with_root_certificates(system_roots()?),
    };
    match identity {
        Some(Identity { chain, key }) => Ok(builder.with_client_auth_cert(chain, key)?),
        None => Ok(builder.with_no_client_auth()),
    }
}

fn system_roots() -> Result<RootCertStore, ApscError> {
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if added > 0 {
        return Ok(roots);
    }
    let advice = "no controller certificate was delivered, and this system has no certificate authorities; \
                  install ca-certificates";
    Err(ApscError::Unusable(advice.into()))
}

/// Believes one certificate, for as long as it is valid, whatever host shows it.
#[derive(Debug)]
struct OnlyPinned {
    pinned: Pinned,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for OnlyPinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if !self.pinned.is(end_entity) {
            return Err(Error::General("its certificate is not the one the install delivered".into()));
        }
        let valid = self.pinned.valid_at_unix(now);
        valid.map_err(|error| Error::General(error.to_string()))?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
