//! The text that is signed: method, URL and sorted parameters (RFC 5849 §3.4.1).

use std::fmt::Write;

use http::uri::Authority;

use super::encode::{Param, encode};

/// The signature base string. `url` comes from [`base_url`], `params` are decoded and without `oauth_signature`.
pub(super) fn base_string(method: &str, url: &str, params: &[Param]) -> String {
    let mut encoded: Vec<_> = params.iter().map(|(name, value)| (encode(name), encode(value))).collect();
    encoded.sort_unstable();
    let mut normalized = String::new();
    for (name, value) in &encoded {
        let separator = if normalized.is_empty() { "" } else { "&" };
        // Writing to a string cannot fail.
        let _ = write!(normalized, "{separator}{name}={value}");
    }
    format!("{}&{}&{}", encode(method), encode(url), encode(normalized))
}

/// Scheme and host in lower case, no default port, the path as it stands; `None` if that makes no URL.
pub(super) fn base_url(scheme: &str, authority: &str, path: &str) -> Option<String> {
    let scheme = scheme.to_ascii_lowercase();
    let default = match scheme.as_str() {
        "http" => 80,
        "https" => 443,
        _ => return None,
    };
    let authority: Authority = authority.parse().ok().filter(|a: &Authority| !a.as_str().contains('@'))?;
    let host = authority.host().to_ascii_lowercase();
    match authority.port_u16().filter(|port| *port != default) {
        Some(port) => Some(format!("{scheme}://{host}:{port}{path}")),
        None => Some(format!("{scheme}://{host}{path}")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::encode::query;
    use super::*;

    /// RFC 5849 §3.4.1.1, the form-encoded body given as parameters.
    #[test]
    fn the_specifications_base_string() {
        let url = base_url("http", "EXAMPLE.COM:80", "/request").unwrap();
        let oauth = "oauth_consumer_key=9djdj82h48djs9d2&oauth_token=kkk9d7dh3k39sjv7\
                     &oauth_signature_method=HMAC-SHA1&oauth_timestamp=137131201&oauth_nonce=7d8f3e4a";
        let all = format!("b5=%3D%253D&a3=a&c%40=&a2=r%20b&{oauth}&c2&a3=2+q");
        let params: Vec<_> = query(&all).collect();
        assert_eq!(
            base_string("POST", &url, &params),
            "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540\
             %3D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method\
             %3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7"
        );
    }

    #[test]
    fn urls_are_normalized() {
        for (scheme, authority, path, url) in [
            ("HTTP", "Example.COM:80", "/r%20v/X", Some("http://example.com/r%20v/X")),
            ("https", "www.example.net:8080", "/", Some("https://www.example.net:8080/")),
            ("https", "h:443", "", Some("https://h")),
            ("https", "[::1]:443", "/p", Some("https://[::1]/p")),
            ("http", "h:443", "/p", Some("http://h:443/p")),
            ("ftp", "h", "/p", None),
            ("https", "user@h", "/p", None),
            ("https", "", "/p", None),
            ("https", "h/other", "/p", None),
        ] {
            assert_eq!(base_url(scheme, authority, path).as_deref(), url, "{scheme} {authority}");
        }
    }
}
