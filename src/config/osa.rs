//! `[osa]`: our endpoint as OSA sees it, and how the two prove who they are.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use super::file::FileRef;
use super::problem::{Problem, Problems};
use super::reader::{Choice, Section};
use super::secret::Secret;
use super::tls::{self, Identity};
use super::value;

/// How OSA and we authenticate; osa-aps2.md section 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Auth {
    /// Certificates on both sides.
    MutualTls,
    /// OAuth 1.0a with one key and secret both ways.
    Oauth,
}

impl Choice for Auth {
    const ALL: &'static [(&'static str, Self)] = &[("mutual-tls", Auth::MutualTls), ("oauth", Auth::Oauth)];
}

/// What an install without an `orderType` means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Model {
    /// Each subscription is a partner of its own.
    Direct,
    /// Subscriptions of a reseller's customers are groups in the reseller's partner.
    Reseller,
}

impl Choice for Model {
    const ALL: &'static [(&'static str, Self)] = &[("direct", Model::Direct), ("reseller", Model::Reseller)];
}

/// `[osa]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Osa {
    /// Where our endpoint listens.
    pub listen: SocketAddr,
    /// Our endpoint as OSA knows it, without a slash at its end; empty means as the caller's Host says.
    pub public_url: String,
    pub(super) tls_cert_file: Option<FileRef>,
    pub(super) tls_key_file: Option<FileRef>,
    pub(super) controller_cert_file: Option<FileRef>,
    /// Which of the two ways.
    pub auth: Auth,
    /// The OAuth key, which is a name and no secret.
    pub oauth_key: Option<String>,
    pub(super) oauth_secret_file: Option<FileRef>,
    /// How long an operation that waits for Mozy is answered 202.
    pub task_patience: Duration,
    /// The model where an install does not say.
    pub model: Model,
}

impl Osa {
    pub(super) fn read(section: &mut Section<'_>) -> Self {
        let minute = Duration::from_secs(60);
        let here = SocketAddr::from((Ipv4Addr::LOCALHOST, 6308));
        let osa = Osa {
            listen: section.address("listen", here),
            public_url: section.optional_text("public_url", value::web_address).unwrap_or_default(),
            tls_cert_file: section.file("tls_cert_file"),
            tls_key_file: section.file("tls_key_file"),
            controller_cert_file: section.file("controller_cert_file"),
            auth: section.choice("auth", Auth::MutualTls),
            oauth_key: section.optional_text("oauth_key", value::word),
            oauth_secret_file: section.file("oauth_secret_file"),
            task_patience: section.duration("task_patience", 10 * minute, minute / 60..=1440 * minute),
            model: section.choice("model", Model::Direct),
        };
        osa.require_files(section);
        osa
    }

    fn require_files(&self, section: &mut Section<'_>) {
        let tls = section.is_set("tls_cert_file") || section.is_set("tls_key_file");
        let reason = match self.auth {
            Auth::MutualTls => "osa.auth = mutual-tls needs it",
            Auth::Oauth if !self.listen.ip().is_loopback() => {
                "listening without TLS is allowed for loopback addresses only"
            }
            Auth::Oauth => "a certificate and its key go together",
        };
        if tls || self.auth == Auth::MutualTls || !self.listen.ip().is_loopback() {
            section.require("tls_cert_file", reason);
            section.require("tls_key_file", reason);
        }
        if self.auth == Auth::Oauth {
            section.require("oauth_key", "osa.auth = oauth needs it");
            section.require("oauth_secret_file", "osa.auth = oauth needs it");
        }
    }

    /// Our server certificate and its key, if we serve TLS.
    pub fn identity(&self) -> Result<Option<Identity>, Problems> {
        match (&self.tls_cert_file, &self.tls_key_file) {
            (Some(certificates), Some(key)) => tls::identity(certificates, key).map(Some),
            _ => Ok(None),
        }
    }

    /// The controller's certificate (PEM). Where it is set, only its holder may install, and the default instance
    /// is served to it under mutual TLS.
    pub fn controller_certificate(&self) -> Result<Option<String>, Problem> {
        self.controller_cert_file.as_ref().map(tls::certificates).transpose()
    }

    /// The OAuth secret, if there is one.
    pub fn oauth_secret(&self) -> Result<Option<Secret>, Problem> {
        self.oauth_secret_file.as_ref().map(FileRef::secret).transpose()
    }
}
