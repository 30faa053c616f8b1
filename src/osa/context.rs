//! What the headers of a call say: for which instance, by which controller, in which transaction (contract §1).

use axum::http::{HeaderMap, HeaderName};
use url::Url;
use uuid::Uuid;

use super::error::ApsError;
use super::route::aps_id;

/// Longest header we keep, in bytes.
const LONGEST: usize = 1024;

const CONTROLLER: HeaderName = HeaderName::from_static("aps-controller-uri");
/// Key of everything.
pub(super) const INSTANCE: HeaderName = HeaderName::from_static("aps-instance-id");
const PHASE: HeaderName = HeaderName::from_static("aps-request-phase");
const IDENTITY: HeaderName = HeaderName::from_static("aps-identity-id");
const ACTOR: HeaderName = HeaderName::from_static("aps-actor-id");
/// Echoed when we call back.
pub(super) const TRANSACTION: HeaderName = HeaderName::from_static("aps-transaction-id");

/// Whether OSA asks for the first time, or polls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    /// For the first time.
    Sync,
    /// Again, after we answered 202.
    Async,
    /// It does not say.
    Absent,
}

/// The context of a call. Nothing in it is proof of who calls; see [`super::gate`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallContext {
    /// The instance: key of everything.
    pub instance: Option<Uuid>,
    /// Where to call back.
    pub controller: Option<Url>,
    /// To echo when we call back.
    pub transaction: Option<String>,
    /// First time or poll.
    pub phase: Phase,
    /// On whose behalf, as OSA says.
    pub identity: Option<String>,
    /// Who started it, as OSA says.
    pub actor: Option<String>,
}

impl CallContext {
    /// Reads the headers.
    ///
    /// # Errors
    /// 400 naming the header that is senseless, too long, or there twice.
    pub fn read(headers: &HeaderMap) -> Result<Self, ApsError> {
        Ok(Self {
            instance: text(headers, &INSTANCE)?.map(instance).transpose()?,
            controller: text(headers, &CONTROLLER)?.map(controller_url).transpose()?,
            transaction: text(headers, &TRANSACTION)?.map(str::to_owned),
            phase: phase(text(headers, &PHASE)?)?,
            identity: text(headers, &IDENTITY)?.map(str::to_owned),
            actor: text(headers, &ACTOR)?.map(str::to_owned),
        })
    }
}

/// Whether `url` may be called: HTTPS, or plain HTTP on this very machine.
pub(super) fn is_controller(url: &Url) -> bool {
    let loopback = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    let scheme = url.scheme() == "https" || url.scheme() == "http" && loopback;
    let bare = url.username().is_empty() && url.password().is_none();
    scheme && bare && url.query().is_none() && url.fragment().is_none()
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, ApsError> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let text = value.to_str().ok().map(str::trim).filter(|text| text.len() <= LONGEST);
    match text {
        Some(text) if values.next().is_none() => Ok(Some(text).filter(|text| !text.is_empty())),
        _ => Err(ApsError::bad_request(format!(
            "header {name}: must be there once, in {LONGEST} ASCII characters"
        ))),
    }
}

fn instance(text: &str) -> Result<Uuid, ApsError> {
    aps_id(text).ok_or_else(|| ApsError::bad_request(format!("header {INSTANCE}: {text:?} is not a UUID")))
}

fn controller_url(text: &str) -> Result<Url, ApsError> {
    let wanted = "an https url without user, query or fragment (http on a loopback address only)";
    let refused = || ApsError::bad_request(format!("header {CONTROLLER}: must be {wanted}"));
    Url::parse(text).ok().filter(is_controller).ok_or_else(refused)
}

fn phase(text: Option<&str>) -> Result<Phase, ApsError> {
    match text.map(str::to_ascii_lowercase).as_deref() {
        None => Ok(Phase::Absent),
        Some("sync") => Ok(Phase::Sync),
        Some("async") => Ok(Phase::Async),
        Some(other) => {
            Err(ApsError::bad_request(format!("header {PHASE}: {other:?} is neither sync nor async")))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(headers: &[(&str, &str)]) -> Result<CallContext, ApsError> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        }
        CallContext::read(&map)
    }

    #[test]
    fn a_call_says_where_it_comes_from() {
        let context = read(&[
            ("APS-Controller-URI", "https://osa.example:6308/"),
            ("APS-Instance-ID", "0A1B2C3D-0000-4000-8000-00000000000F"),
            ("APS-Transaction-ID", " 17 "),
            ("APS-Request-Phase", "Async"),
            ("APS-Identity-ID", "me"),
            ("APS-Actor-ID", ""),
        ])
        .unwrap();
        assert_eq!(context.instance.unwrap().to_string(), "0a1b2c3d-0000-4000-8000-00000000000f");
        assert_eq!(context.controller.unwrap().as_str(), "https://osa.example:6308/");
        assert_eq!(context.transaction.as_deref(), Some("17"));
        assert_eq!(context.phase, Phase::Async);
        assert_eq!((context.identity.as_deref(), context.actor), (Some("me"), None));
    }

    #[test]
    fn nothing_said_is_nothing_known() {
        let context = read(&[]).unwrap();
        assert_eq!((context.instance, context.phase), (None, Phase::Absent));
    }

    #[test]
    fn a_senseless_header_is_named() {
        let long = "x".repeat(LONGEST + 1);
        for (name, value) in [
            ("aps-instance-id", "17"),
            ("aps-instance-id", "{0a1b2c3d-0000-4000-8000-00000000000f}"),
            ("aps-controller-uri", "osa"),
            ("aps-controller-uri", "http://osa.example"),
            ("aps-controller-uri", "http://127.0.0.1.example"),
            ("aps-controller-uri", "https://u:p@osa.example"),
            ("aps-controller-uri", "https://osa.example/?a"),
            ("aps-request-phase", "later"),
            ("aps-transaction-id", long.as_str()),
        ] {
            let error = read(&[(name, value)]).unwrap_err();
            assert_eq!(error.status(), 400);
            assert!(error.to_string().contains(name), "{error}");
        }
        let twice = read(&[("aps-transaction-id", "1"), ("aps-transaction-id", "1")]);
        assert!(twice.unwrap_err().to_string().contains("once"));
        for loopback in ["http://127.0.0.1:1/", "http://[::1]:1", "http://localhost:8080"] {
            assert!(read(&[("aps-controller-uri", loopback)]).is_ok(), "{loopback}");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_headers_never_panic(value in prop::collection::vec(any::<u8>(), 0..64)) {
            if let Ok(value) = http::HeaderValue::from_bytes(&value) {
                for name in [INSTANCE, CONTROLLER, PHASE, TRANSACTION] {
                    let _ = CallContext::read(&HeaderMap::from_iter([(name, value.clone())]));
                }
            }
        }
    }
}
