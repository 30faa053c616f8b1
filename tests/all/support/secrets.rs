//! Every secret of a lab, to be looked for wherever something is written or said (design, rule 16).

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;

use anyhow::{Context, Result, ensure};
use mozyd::lab::postgres::Server;
use mozyd::lab::{Lab, Options};
use uuid::Uuid;

use super::Run;

/// The files with secrets that a configuration names; one of the last two, by how OSA proves who it is.
const FILES: [&str; 5] = [
    "database.url_file",
    "secrets.key_file",
    "admin.token_file",
    "osa.oauth_secret_file",
    "osa.tls_key_file",
];

/// Secrets by what they are; each must be found nowhere.
pub struct Secrets(BTreeMap<String, String>);

/// A lab that has every secret there is: PostgreSQL wants no password here, and the daemon is given one all the same;
/// the operator's API wants a token. All is said that the daemon ever says.
pub fn with_every_secret(options: Options) -> Result<Options> {
    let random = || Uuid::new_v4().simple().to_string();
    let url = options.database_url.as_ref().context("a lab with a database of its own has no password")?;
    let joint = if url.contains('?') { '&' } else { '?' };
    let database_url = Some(format!("{url}{joint}password={}", random()));
    let token = Run::join().dir().join(format!("token-{}", random()));
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&token);
    file.and_then(|mut file| file.write_all(random().as_bytes())).context("writing the operator's token")?;
    let options = Options { database_url, ..options };
    Ok(options.setting("admin.token_file", token.display().to_string()).setting("log.level", "trace"))
}

impl Secrets {
    /// All of a lab.
    pub fn of(lab: &Lab) -> Result<Self> {
        let mut secrets = Self([("the API key".to_owned(), lab.mozy().api_key())].into());
        for file in FILES {
            if let Some(secret) = named(lab, file)? {
                secrets.add(file, secret);
            }
        }
        ensure!(secrets.0.len() == FILES.len(), "a secret is missing: {:?}", secrets.0.keys());
        for (nth, pem) in lab.osa().private_keys().iter().enumerate() {
            secrets.add(&format!("the private key of instance {nth}"), bare(pem).to_owned());
        }
        secrets.add("a private key", "PRIVATE KEY-----".to_owned());
        ensure!(secrets.0.values().all(|secret| secret.len() >= 8), "{:?}", secrets.0.keys());
        Ok(secrets)
    }

    /// One more.
    pub fn add(&mut self, what: &str, secret: String) {
        self.0.insert(what.to_owned(), secret);
    }

    /// Which of them stand in a text.
    pub fn in_text(&self, text: &str) -> Vec<&str> {
        let found = self.0.iter().filter(|(_, secret)| text.contains(secret.as_str()));
        found.map(|(what, _)| what.as_str()).collect()
    }
}

/// The secret in a file that the configuration names, if it names one.
fn named(lab: &Lab, key: &str) -> Result<Option<String>> {
    let config: toml::Table = fs::read_to_string(lab.mozyd().config())?.parse()?;
    let (section, key) = key.split_once('.').context("section.key")?;
    let Some(path) = config.get(section).and_then(|section| section.get(key)?.as_str()) else {
        return Ok(None);
    };
    let content = fs::read_to_string(path).with_context(|| format!("reading {path}"))?;
    let secret = match content.split_once("password=") {
        Some((_, password)) => password,
        None => bare(&content),
    };
    Ok(Some(secret.trim().to_owned()))
}

/// The first line that tells something.
fn bare(pem: &str) -> &str {
    pem.lines().find(|line| !line.starts_with("-----")).unwrap_or_default()
}

/// All that a database holds, as statements.
pub fn dump(url: &str) -> Result<String> {
    let server = Server::find()?.context("PostgreSQL's programs are not installed")?;
    let output = server.program("pg_dump").arg("--inserts").arg(url).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    ensure!(text.contains("INSERT INTO public.subscriptions"), "the dump has no subscriptions");
    Ok(text)
}
