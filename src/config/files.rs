//! Everything the configuration's files hold, read in one go so that all that is wrong is said at once.

use super::problem::{Problem, Problems};
use super::secret::Secret;
use super::tls::Identity;
use super::{Config, Result};

/// The content of every file that the configuration names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    /// Where PostgreSQL is.
    pub database_url: Secret,
    /// The sealing key.
    pub secrets_key: Secret<[u8; 32]>,
    /// The default instance's API key.
    pub mozy_api_key: Option<Secret>,
    /// Certificates (PEM) to check Mozy's with; none means the system's.
    pub mozy_ca: Option<String>,
    /// Our server certificate.
    pub osa_identity: Option<Identity>,
    /// The controller's certificate (PEM).
    pub osa_controller_certificate: Option<String>,
    /// The OAuth secret.
    pub osa_oauth_secret: Option<Secret>,
    /// The bearer token of `/api`.
    pub admin_token: Option<Secret>,
}

impl Config {
    /// Reads every file. A verb that needs but one asks that section for it instead.
    pub fn files(&self) -> Result<Files> {
        let mut problems = Vec::new();
        let files = Files {
            database_url: noted(self.database.url(), &mut problems),
            secrets_key: noted(self.secrets.key(), &mut problems),
            mozy_api_key: noted(self.mozy.api_key(), &mut problems),
            mozy_ca: noted(self.mozy.ca(), &mut problems),
            osa_identity: noted(self.osa.identity(), &mut problems),
            osa_controller_certificate: noted(self.osa.controller_certificate(), &mut problems),
            osa_oauth_secret: noted(self.osa.oauth_secret(), &mut problems),
            admin_token: noted(self.admin.token(), &mut problems),
        };
        Problems::none_or(files, problems)
    }
}

fn noted<T: Default>(read: std::result::Result<T, Problem>, problems: &mut Vec<Problem>) -> T {
    read.unwrap_or_else(|problem| {
        problems.push(problem);
        T::default()
    })
}
