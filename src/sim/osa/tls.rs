//! The certificates of OSA and of its instances, and TLS that proves who holds them.

use std::io;
use std::sync::Arc;

use rcgen::{CertificateParams, DnType, KeyPair, date_time_ymd};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, DistinguishedName, Error, ServerConfig,
    SignatureScheme,
};

/// A self-signed certificate and its key.
pub(super) struct Identity {
    certificate: CertificateDer<'static>,
    certificate_pem: String,
    key: KeyPair,
}

impl Identity {
    /// For this name and host, valid now.
    pub fn new(name: &str, host: &str) -> io::Result<Self> {
        Self::made(name, host, false)
    }

    /// The same, but it expired long ago.
    pub fn expired(name: &str, host: &str) -> io::Result<Self> {
        Self::made(name, host, true)
    }

    fn made(name: &str, host: &str, expired: bool) -> io::Result<Self> {
        let mut params =
            CertificateParams::new(vec![host.to_owned(), "localhost".to_owned()]).map_err(broken)?;
        params.distinguished_name.push(DnType::CommonName, name);
        if expired {
            (params.not_before, params.not_after) = (date_time_ymd(2014, 1, 1), date_time_ymd(2015, 1, 1));
        }
        let key = KeyPair::generate().map_err(broken)?;
        let made = params.self_signed(&key).map_err(broken)?;
        Ok(Self { certificate: made.der().clone(), certificate_pem: made.pem(), key })
    }

    /// The certificate, PEM.
    pub fn certificate_pem(&self) -> &str {
        &self.certificate_pem
    }

    /// The certificate and its private key, PEM: what `aps.x509.self` carries.
    pub fn whole_pem(&self) -> String {
        format!("{}{}", self.certificate_pem, self.key_pem())
    }

    /// The private key alone, PEM.
    pub fn key_pem(&self) -> String {
        self.key.serialize_pem()
    }

    /// Whether this is the certificate that was presented.
    pub fn is(&self, presented: &CertificateDer<'_>) -> bool {
        self.certificate == *presented
    }

    fn chain(&self) -> Vec<CertificateDer<'static>> {
        vec![self.certificate.clone()]
    }

    fn key(&self) -> rustls::pki_types::PrivateKeyDer<'static> {
        PrivatePkcs8KeyDer::from(self.key.serialize_der()).into()
    }

    /// TLS of the controller. With `mutual` the caller must present a certificate; whose it is, the door asks.
    pub fn server(&self, mutual: bool) -> io::Result<Arc<ServerConfig>> {
        let builder = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(broken)?;
        let builder = match mutual {
            true => builder.with_client_cert_verifier(Arc::new(AnyHolder::new())),
            false => builder.with_no_client_auth(),
        };
        let config = builder.with_single_cert(self.chain(), self.key()).map_err(broken)?;
        Ok(Arc::new(config))
    }

    /// TLS of calls to the application: we present this certificate, and the application must have `pinned`
    /// if that is given, else any certificate whose key it holds.
    pub fn client(&self, pinned: Option<CertificateDer<'static>>) -> io::Result<ClientConfig> {
        ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(broken)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Pinned { to: pinned, holder: AnyHolder::new() }))
            .with_client_auth_cert(self.chain(), self.key())
            .map_err(broken)
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// Any certificate is good whose private key the peer proves to hold.
#[derive(Debug)]
struct AnyHolder {
    algorithms: WebPkiSupportedAlgorithms,
}

impl AnyHolder {
    fn new() -> Self {
        Self { algorithms: ring::default_provider().signature_verification_algorithms }
    }
}

impl ClientCertVerifier for AnyHolder {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// Exactly one certificate is good, or any if none is named.
#[derive(Debug)]
struct Pinned {
    to: Option<CertificateDer<'static>>,
    holder: AnyHolder,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        presented: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match &self.to {
            Some(pinned) if pinned != presented => {
                Err(CertificateError::ApplicationVerificationFailure.into())
            }
            _ => Ok(ServerCertVerified::assertion()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        ClientCertVerifier::verify_tls12_signature(&self.holder, message, cert, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        ClientCertVerifier::verify_tls13_signature(&self.holder, message, cert, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        ClientCertVerifier::supported_verify_schemes(&self.holder)
    }
}

/// An error of a library that makes it impossible to start.
pub(super) fn broken(error: impl std::error::Error + Send + Sync + 'static) -> io::Error {
    io::Error::other(error)
}
