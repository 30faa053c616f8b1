//! `[mozy]`: where Mozy's API is, how hard we may use it, and the default instance.

use std::time::Duration;

use super::file::FileRef;
use super::problem::Problem;
use super::reader::Section;
use super::secret::Secret;
use super::tls;
use super::value;

/// `[mozy]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mozy {
    /// `https://HOST`, without a slash at its end.
    pub base_url: String,
    /// The dialect, a part of every address.
    pub version: String,
    /// The namespace of every call.
    pub namespace: String,
    /// What the description of a service ends in.
    pub wsdl_suffix: String,
    /// What the endpoint of a service ends in.
    pub endpoint_suffix: String,
    pub(super) api_key_file: Option<FileRef>,
    /// The default instance's root partner.
    pub root_partner_id: Option<i64>,
    /// The default instance's role for new partners.
    pub root_role_id: Option<i64>,
    pub(super) ca_file: Option<FileRef>,
    /// Calls in flight per credential, over all daemons.
    pub max_concurrency: u32,
    /// Calls a second per credential, over all daemons.
    pub requests_per_second: u32,
    /// How long one whole call may take.
    pub timeout: Duration,
    /// How long Mozy may take to show a write that may have happened; before that it does not count as not done.
    pub settle: Duration,
}

impl Mozy {
    pub(super) fn read(section: &mut Section<'_>) -> Self {
        let second = Duration::from_secs(1);
        let brief = Duration::from_millis(1);
        Mozy {
            base_url: section.text("base_url", "https://api.mozypro.com", value::web_address),
            version: section.text("version", "0.1.50", value::word),
            namespace: section.text("namespace", "urn:ActionWebService", value::word),
            wsdl_suffix: section.text("wsdl_suffix", "/service.wsdl", value::suffix),
            endpoint_suffix: section.text("endpoint_suffix", "/api", value::suffix),
            api_key_file: section.file("api_key_file"),
            root_partner_id: section.optional_integer("root_partner_id", 1..=i64::MAX),
            root_role_id: section.optional_integer("root_role_id", 1..=i64::MAX),
            ca_file: section.file("ca_file"),
            max_concurrency: section.integer("max_concurrency", 8, 1..=1024),
            requests_per_second: section.integer("requests_per_second", 20, 1..=100_000),
            timeout: section.duration("timeout", 30 * second, brief..=600 * second),
            settle: section.duration("settle", 60 * second, brief..=3600 * second),
        }
    }

    /// The API key of the default instance, if one is configured.
    pub fn api_key(&self) -> Result<Option<Secret>, Problem> {
        let Some(file) = &self.api_key_file else { return Ok(None) };
        let key = file.text()?;
        if key.len() != 64 || !key.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(file.problem("holds no API key; allowed are 64 letters and digits"));
        }
        Ok(Some(Secret::new(key)))
    }

    /// The certificates (PEM) that Mozy's own is checked with; none means the system's.
    pub fn ca(&self) -> Result<Option<String>, Problem> {
        self.ca_file.as_ref().map(tls::certificates).transpose()
    }
}
