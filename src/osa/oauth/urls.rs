//! Which URL did the caller sign? The public one, the one a trusted proxy names, or the one that arrived; no other.

use std::str::FromStr;

use http::HeaderMap;
use http::request::Parts;
use url::Url;

use super::base::base_url;
use crate::osa::listen::Peer;

/// Our endpoint as OSA knows it: scheme, host, port, and perhaps a path before the service's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    scheme: String,
    authority: String,
    prefix: String,
}

/// A text that is no public URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a public url; it must be http(s)://host[:port][/path] without user, query or fragment")]
pub struct PublicUrlError;

impl PublicUrl {
    /// The path before the service's name, `""` or `/like/this`. A router must serve both with and without it.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    fn of(&self, path: &str) -> Option<String> {
        let has_prefix = path.strip_prefix(&self.prefix).is_some_and(|rest| rest.starts_with('/'));
        let prefix = if has_prefix { "" } else { &self.prefix };
        base_url(&self.scheme, &self.authority, &format!("{prefix}{path}"))
    }
}

impl FromStr for PublicUrl {
    type Err = PublicUrlError;

    fn from_str(text: &str) -> Result<Self, PublicUrlError> {
        let url = Url::parse(text).map_err(|_| PublicUrlError)?;
        let bare = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
        let host = url.host_str().filter(|_| bare && url.password().is_none()).ok_or(PublicUrlError)?;
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        let prefix = url.path().trim_end_matches('/').to_owned();
        let public = Self { scheme: url.scheme().to_owned(), authority: format!("{host}{port}"), prefix };
        public.of("/").map(|_| public).ok_or(PublicUrlError)
    }
}

/// The URLs (without query) that the caller may have signed, likeliest first.
pub(super) fn candidates(public: Option<&PublicUrl>, peer: &Peer, parts: &Parts) -> Vec<String> {
    let path = parts.uri.path();
    let scheme = if peer.tls { "https" } else { "http" };
    let host = parts.uri.authority().map(|a| a.as_str()).or_else(|| header(&parts.headers, "host"));
    let forwarded = || {
        let named = |name| header(&parts.headers, name);
        let (proto, by) = (named("x-forwarded-proto"), named("x-forwarded-host"));
        proto.or(by)?;
        base_url(proto.unwrap_or(scheme), by.or(host)?, path)
    };
    let trusted = peer.addr.ip().to_canonical().is_loopback();
    let mut urls: Vec<String> = [
        public.and_then(|public| public.of(path)),
        trusted.then(forwarded).flatten(),
        host.and_then(|host| base_url(scheme, host, path)),
    ]
    .into_iter()
    .flatten()
    .collect();
    urls.dedup();
    urls
}

/// The first of a comma-separated list: what the outermost proxy saw.
fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()?.split(',').next().map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn urls(
        public: Option<&str>,
        from: &str,
        tls: bool,
        headers: &[(&str, &str)],
        path: &str,
    ) -> Vec<String> {
        let public = public.map(|text| text.parse().unwrap());
        let mut request = http::Request::builder().uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let parts = request.body(()).unwrap().into_parts().0;
        let peer = Peer { addr: from.parse().unwrap(), tls, certificate: None };
        candidates(public.as_ref(), &peer, &parts)
    }

    const FORWARDED: [(&str, &str); 3] =
        [("host", "Inside:6308"), ("x-forwarded-proto", "https"), ("x-forwarded-host", "Outside.example, b")];

    #[test]
    fn only_a_proxy_on_the_loopback_may_say_who_we_are() {
        let trusted = urls(None, "127.0.0.1:5", false, &FORWARDED, "/mozyPro?x=1");
        assert_eq!(trusted, ["https://outside.example/mozyPro", "http://inside:6308/mozyPro"]);
        let stranger = urls(None, "10.0.0.1:5", false, &FORWARDED, "/mozyPro");
        assert_eq!(stranger, ["http://inside:6308/mozyPro"]);
        let mapped = urls(None, "[::ffff:127.0.0.1]:5", false, &FORWARDED[..2], "/mozyPro");
        assert_eq!(mapped, ["https://inside:6308/mozyPro", "http://inside:6308/mozyPro"]);
    }

    #[test]
    fn the_public_url_comes_first_and_its_prefix_is_there_once() {
        let public = Some("HTTPS://Osa.Example:443/mozy/");
        for path in ["/mozyPro/7", "/mozy/mozyPro/7"] {
            let found = urls(public, "10.0.0.1:5", true, &[("host", "h")], path);
            assert_eq!(found, ["https://osa.example/mozy/mozyPro/7".into(), format!("https://h{path}")]);
        }
        assert_eq!(urls(Some("http://h"), "10.0.0.1:5", false, &[("host", "h")], "/a"), ["http://h/a"]);
    }

    #[test]
    fn senseless_public_urls_are_refused() {
        for text in
            ["", "mozy", "ftp://h", "https://u@h", "https://:p@h", "https://h?q", "https://h/#f", "data:x"]
        {
            assert_eq!(text.parse::<PublicUrl>(), Err(PublicUrlError), "{text}");
        }
    }
}
