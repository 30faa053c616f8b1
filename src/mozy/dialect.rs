//! Where each operation is found: Mozy's WSDLs are not public, so every part of the address is configuration.

use url::{Host, Url};

use super::error::SetupError;
use super::operation::Operation;

/// Addresses and names of one Mozy installation (contract, section 1). The default is Mozy's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// `https://api.mozypro.com`. Plain `http` is accepted for loopback addresses only.
    pub base_url: String,
    /// `0.1.50`
    pub version: String,
    /// What follows a service in the address of its WSDL, `/service.wsdl`.
    pub wsdl_suffix: String,
    /// What follows a service in the address that is called, `/api`.
    pub endpoint_suffix: String,
    /// The namespace of the methods, `urn:ActionWebService`.
    pub namespace: String,
    /// SOAPAction, in which `{service}` and `{method}` are filled in: `/{service}/api/{method}`.
    pub soap_action: String,
    /// An APS install's own prefix of all services, which takes the place of base and version.
    pub ws_prefix: Option<String>,
}

impl Default for Dialect {
    fn default() -> Self {
        Dialect {
            base_url: "https://api.mozypro.com".into(),
            version: "0.1.50".into(),
            wsdl_suffix: "/service.wsdl".into(),
            endpoint_suffix: "/api".into(),
            namespace: "urn:ActionWebService".into(),
            soap_action: "/{service}/api/{method}".into(),
            ws_prefix: None,
        }
    }
}

impl Dialect {
    /// Takes over what an APS install brought; empty values mean the configured ones. A suffix that names a
    /// WSDL is that of the WSDL, any other is that of the endpoint.
    pub fn with_install(mut self, ws_prefix: &str, ws_sufix: &str) -> Self {
        let (prefix, suffix) = (ws_prefix.trim(), ws_sufix.trim());
        if !prefix.is_empty() {
            self.ws_prefix = Some(prefix.to_owned());
        }
        if suffix.to_ascii_lowercase().ends_with("wsdl") {
            self.wsdl_suffix = suffix.to_owned();
        } else if !suffix.is_empty() {
            self.endpoint_suffix = suffix.to_owned();
        }
        self
    }

    /// Where `service` is called.
    ///
    /// # Errors
    /// [`SetupError::Address`] when this is no address, or one that secrets may not be sent to.
    pub fn endpoint(&self, service: &str) -> Result<Url, SetupError> {
        checked(self.address(service, &self.endpoint_suffix))
    }

    /// Where a person finds the WSDL of `service`. We never fetch it.
    ///
    /// # Errors
    /// As [`Dialect::endpoint`].
    pub fn wsdl(&self, service: &str) -> Result<Url, SetupError> {
        checked(self.address(service, &self.wsdl_suffix))
    }

    /// The value of the SOAPAction header, quoted as SOAP 1.1 wants it.
    pub(super) fn action(&self, operation: Operation) -> String {
        let action = self.soap_action.replace("{service}", operation.service());
        format!("\"{}\"", action.replace("{method}", operation.method()))
    }

    fn address(&self, service: &str, suffix: &str) -> String {
        format!("{}/{service}/{}", self.prefix(), suffix.trim_start_matches('/'))
    }

    fn prefix(&self) -> String {
        let versioned = |base: &str| format!("{}/api/{}", base.trim_end_matches('/'), self.version);
        let Some(prefix) = &self.ws_prefix else { return versioned(&self.base_url) };
        let prefix = prefix.trim_end_matches('/');
        match Url::parse(prefix) {
            Ok(url) if matches!(url.path(), "" | "/") => versioned(prefix),
            Ok(url) if url.path().ends_with("/api") => format!("{prefix}/{}", self.version),
            _ => prefix.to_owned(),
        }
    }
}

fn checked(address: String) -> Result<Url, SetupError> {
    let refuse =
        |url: &str, problem: &str| Err(SetupError::Address { url: url.into(), problem: problem.into() });
    let url = match Url::parse(&address) {
        Ok(url) => url,
        Err(error) => return refuse(&address, &error.to_string()),
    };
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("(not shown)", "it holds a user name or a password, mozy has neither");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return refuse(&address, "it has a query or a fragment, remove them");
    }
    match (url.scheme(), is_loopback(&url)) {
        ("https", _) | ("http", true) => Ok(url),
        _ => refuse(&address, "use https; plain http is accepted for loopback addresses only"),
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(prefix: &str, suffix: &str) -> String {
        Dialect::default().with_install(prefix, suffix).endpoint("user").unwrap().into()
    }

    #[test]
    fn the_default_is_the_contracts() {
        let dialect = Dialect::default();
        assert_eq!(dialect.endpoint("user").unwrap().as_str(), "https://api.mozypro.com/api/0.1.50/user/api");
        assert_eq!(
            dialect.wsdl("user").unwrap().as_str(),
            "https://api.mozypro.com/api/0.1.50/user/service.wsdl"
        );
        assert_eq!(dialect.action(Operation::UserGroupGet), "\"/user_group/api/Get\"");
    }

    #[test]
    fn an_installs_prefix_may_stop_anywhere() {
        assert_eq!(endpoint("https://m.example", ""), "https://m.example/api/0.1.50/user/api");
        assert_eq!(endpoint("https://m.example/", " "), "https://m.example/api/0.1.50/user/api");
        assert_eq!(endpoint("https://m.example/api/", ""), "https://m.example/api/0.1.50/user/api");
        assert_eq!(endpoint("https://m.example/api/0.2/", ""), "https://m.example/api/0.2/user/api");
        assert_eq!(endpoint("", "/service.wsdl"), "https://api.mozypro.com/api/0.1.50/user/api");
        assert_eq!(endpoint("", "soap"), "https://api.mozypro.com/api/0.1.50/user/soap");
    }

    #[test]
    fn secrets_go_over_tls_or_not_off_this_machine() {
        for fine in ["http://127.0.0.1:1", "http://[::1]:1", "http://localhost:1", "https://m.example"] {
            let dialect = Dialect { base_url: fine.into(), ..Dialect::default() };
            assert!(dialect.endpoint("user").is_ok(), "{fine}");
        }
        for bad in [
            "http://m.example",
            "ftp://127.0.0.1",
            "m.example",
            "",
            "https://u:hush@m.example",
            "https://m?x",
        ] {
            let dialect = Dialect { base_url: bad.into(), ..Dialect::default() };
            let error = dialect.endpoint("user").expect_err(bad).to_string();
            assert!(!error.contains("hush"), "{error}");
        }
    }
}
