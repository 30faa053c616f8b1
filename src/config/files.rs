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

/// The value, or its default with the problems noted, so that reading goes on.
fn noted<T: Default>(read: std::result::Result<T, impl Into<Problems>>, problems: &mut Vec<Problem>) -> T {
    read.unwrap_or_else(|found| {
        problems.extend(found.into().0);
        T::default()
    })
}

#[cfg(test)]
mod tests {
    use std::fs::write;
    use std::path::Path;

    use rcgen::{CertifiedKey, generate_simple_self_signed};
    use tempfile::TempDir;

    use super::*;
    use crate::config::Environment;

    const TEXT: &str = include_str!("../../deploy/mozyd.toml");
    const KEY: &str = "0a0b0c0d0e0f101112131415161718190a0b0c0d0e0f10111213141516171819";
    const URL: &str = "postgres://mozyd:hunter2@localhost/mozyd";

    /// A folder with every file that the shipped configuration names.
    fn folder() -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        write(folder.path().join("database-url"), format!("{URL}\n")).unwrap();
        write(folder.path().join("secrets-key"), format!("  {KEY}\n")).unwrap();
        write(folder.path().join("osa-tls-cert"), cert.pem()).unwrap();
        write(folder.path().join("osa-tls-key"), signing_key.serialize_pem()).unwrap();
        folder
    }

    fn load(folder: &Path, text: &str, credentials: Option<&Path>) -> Result<Files> {
        let credentials = credentials.map(|path| ("CREDENTIALS_DIRECTORY", path.to_str().unwrap()));
        let environment: Environment = credentials.into_iter().collect();
        Config::parse(&folder.join("mozyd.toml"), text, &environment)?.files()
    }

    #[test]
    fn files_stand_beside_the_configuration() {
        let folder = folder();
        let files = load(folder.path(), TEXT, None).unwrap();
        assert_eq!(files.database_url.expose(), URL);
        assert_eq!(files.secrets_key.expose()[..4], [10, 11, 12, 13]);
        assert!(files.osa_identity.is_some() && files.mozy_api_key.is_none() && files.admin_token.is_none());
        assert!(!format!("{files:?}").contains("hunter2"));
    }

    #[test]
    fn credentials_come_first_unless_the_name_has_a_slash() {
        let (folder, credentials) = (folder(), tempfile::tempdir().unwrap());
        write(credentials.path().join("database-url"), "postgres://credential").unwrap();
        let files = load(folder.path(), TEXT, Some(credentials.path())).unwrap();
        assert_eq!(files.database_url.expose(), "postgres://credential");
        let slash = TEXT.replace("\"database-url\"", "\"./database-url\"");
        let files = load(folder.path(), &slash, Some(credentials.path())).unwrap();
        assert_eq!(files.database_url.expose(), URL);
    }

    #[test]
    fn everything_wrong_is_said_at_once_and_no_content_repeated() {
        let (folder, other) = (folder(), folder());
        let place = |name: &str| folder.path().join(name);
        write(place("database-url"), "mysql://mozyd:hunter2@localhost").unwrap();
        write(place("secrets-key"), "swordfish").unwrap();
        write(place("mozy-api-key"), "swordfish").unwrap();
        std::fs::copy(other.path().join("osa-tls-key"), place("osa-tls-key")).unwrap();
        let text = TEXT.replace("#api_key_file", "api_key_file").replace("#token_file", "token_file");
        let found = load(folder.path(), &text, None).unwrap_err().to_string();
        for expected in [
            "database.url_file: the file ",
            "database-url is no database address",
            "secrets-key holds no key; allowed are 32 bytes in hex or base64",
            "mozy-api-key holds no API key; allowed are 64 letters and digits",
            "osa-tls-key does not fit the certificate",
            "admin-token cannot be read: No such file",
        ] {
            assert!(found.contains(expected), "no `{expected}` in:\n{found}");
        }
        assert!(!found.contains("swordfish") && !found.contains("hunter2"), "{found}");
    }

    #[test]
    fn a_file_is_bounded_and_not_empty() {
        let folder = folder();
        write(folder.path().join("secrets-key"), " \n").unwrap();
        assert!(load(folder.path(), TEXT, None).unwrap_err().to_string().contains("secrets-key is empty"));
        write(folder.path().join("secrets-key"), "a".repeat(1024 * 1024 + 1)).unwrap();
        assert!(load(folder.path(), TEXT, None).unwrap_err().to_string().contains("is larger than 1 MiB"));
    }
}
