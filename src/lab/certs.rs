//! Certificates for both simulators and the daemon: an authority of the lab's own, and self-signed ones as APS
//! controllers commonly have.

use std::fmt;

use anyhow::{Context, Result};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    IsCa, KeyPair, KeyUsagePurpose,
};

/// A certificate and its private key, both PEM.
#[derive(Clone)]
pub struct Identity {
    /// The certificate (not the chain).
    pub cert_pem: String,
    /// The private key, PKCS #8.
    pub key_pem: String,
}

impl Identity {
    /// Certificate and key in one text, the form of `aps.x509.self`.
    pub fn bundle(&self) -> String {
        format!("{}{}", self.cert_pem, self.key_pem)
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("cert_pem", &self.cert_pem).finish_non_exhaustive()
    }
}

/// When a certificate is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// Now and for decades.
    Now,
    /// Until the year 2000.
    Expired,
}

/// A certificate authority.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    /// An authority that calls itself `name`.
    pub fn new(name: &str) -> Result<Self> {
        let mut params = params(name, &[], Validity::Now)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate()?);
        Ok(Self { issuer: issuer.context("making a certificate authority")? })
    }

    /// The authority's certificate, for whoever is to trust it.
    pub fn cert_pem(&self) -> String {
        self.issuer.pem()
    }

    /// A certificate for `name`, good for a server under `hosts` (names and IP addresses) and for a client.
    pub fn leaf(&self, name: &str, hosts: &[&str], validity: Validity) -> Result<Identity> {
        let key = KeyPair::generate()?;
        let cert = leaf_params(name, hosts, validity)?.signed_by(&key, &self.issuer);
        let cert_pem = cert.context("signing a certificate")?.pem();
        Ok(Identity { cert_pem, key_pem: key.serialize_pem() })
    }
}

/// A certificate for `name` that nobody but itself vouches for.
pub fn self_signed(name: &str, hosts: &[&str], validity: Validity) -> Result<Identity> {
    let key = KeyPair::generate()?;
    let cert_pem =
        leaf_params(name, hosts, validity)?.self_signed(&key).context("signing a certificate")?.pem();
    Ok(Identity { cert_pem, key_pem: key.serialize_pem() })
}

fn leaf_params(name: &str, hosts: &[&str], validity: Validity) -> Result<CertificateParams> {
    let mut params = params(name, hosts, validity)?;
    params.extended_key_usages =
        vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    Ok(params)
}

fn params(name: &str, hosts: &[&str], validity: Validity) -> Result<CertificateParams> {
    let hosts: Vec<String> = hosts.iter().map(ToString::to_string).collect();
    let mut params = CertificateParams::new(hosts).context("naming the hosts of a certificate")?;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    if validity == Validity::Expired {
        params.not_before = rcgen::date_time_ymd(1999, 1, 1);
        params.not_after = rcgen::date_time_ymd(2000, 1, 1);
    }
    Ok(params)
}

#[cfg(test)]
mod tests;
