//! How a lab is set up.

use anyhow::{Context, Result};
use clap::ValueEnum;
use serde_json::{Value, json};

use crate::sim::mozy::Switches;

/// How OSA and mozyd prove to each other who they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Auth {
    /// TLS with certificates on both sides.
    #[default]
    MutualTls,
    /// OAuth 1.0a over plain HTTP on loopback.
    #[value(name = "oauth")]
    OAuth,
}

impl Auth {
    /// Both.
    pub const ALL: [Self; 2] = [Self::MutualTls, Self::OAuth];

    /// As the configuration writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Auth::MutualTls => "mutual-tls",
            Auth::OAuth => "oauth",
        }
    }
}

/// What a lab may be told.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Proof of identity between OSA and mozyd.
    pub auth: Auth,
    /// The seed of both simulators.
    pub seed: u64,
    /// What nobody knows about Mozy.
    pub switches: Switches,
    /// A database that is there already; without one, the lab starts a PostgreSQL of its own.
    pub database_url: Option<String>,
    /// Further keys of `mozyd.toml`, as `section.key`; they outdo the lab's own.
    pub settings: Vec<(String, toml::Value)>,
    /// Variables that mozyd finds in its environment.
    pub environment: Vec<(String, String)>,
}

impl Options {
    /// With one more key of `mozyd.toml`.
    pub fn setting(mut self, key: &str, value: impl Into<toml::Value>) -> Self {
        self.settings.push((key.to_owned(), value.into()));
        self
    }
}

/// Switches at their defaults but for those given as `name=value`, where the value is a word or JSON.
pub fn switches(given: &[String]) -> Result<Switches> {
    let mut all = json!({});
    for one in given {
        let (name, value) =
            one.split_once('=').with_context(|| format!("reading --switch {one}: say name=value"))?;
        all[name] = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
    }
    serde_json::from_value(all).context("reading the switches")
}

/// The names of all switches, each with its default.
pub fn names() -> Vec<String> {
    match json!(Switches::default()) {
        Value::Object(all) => {
            all.iter().map(|(name, value)| format!("{name}={}", value.as_str().unwrap_or("?"))).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::mozy::switches::{FaultHttpStatus, ReadYourWrites};

    #[test]
    fn a_switch_is_a_word_or_json() {
        let given = ["fault_http_status=ok".to_owned(), r#"read_your_writes={"after_ms":200}"#.to_owned()];
        let switches = switches(&given).unwrap();
        assert_eq!(switches.fault_http_status, FaultHttpStatus::Ok);
        assert_eq!(switches.read_your_writes, ReadYourWrites::AfterMs(200));
    }

    #[test]
    fn an_unknown_switch_is_refused_and_the_known_ones_are_named() {
        let error = format!("{:#}", switches(&["light=on".to_owned()]).unwrap_err());
        assert!(error.contains("light") && error.contains("update_return"), "{error}");
        assert!(switches(&["update_return".to_owned()]).is_err());
    }

    #[test]
    fn every_switch_is_named_with_its_default() {
        assert!(names().contains(&"update_return=rows_changed".to_owned()), "{:?}", names());
    }
}
