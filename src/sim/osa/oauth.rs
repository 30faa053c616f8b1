//! OAuth 1.0a, two-legged, HMAC-SHA1 (RFC 5849): calls are signed, and signatures are verified.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::Utc;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use ring::hmac;
use url::Url;
use uuid::Uuid;

use super::options::OAuthKey;

/// RFC 5849 section 3.6: everything but the unreserved characters.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// How far the two clocks may be apart, seconds.
const SKEW: i64 = 300;

/// The `Authorization` header for a call; the body is not part of what is signed.
pub(super) fn sign(key: &OAuthKey, method: &str, url: &Url) -> String {
    let mut params = vec![
        ("oauth_consumer_key".to_owned(), key.key.clone()),
        ("oauth_nonce".to_owned(), Uuid::new_v4().simple().to_string()),
        ("oauth_signature_method".to_owned(), "HMAC-SHA1".to_owned()),
        ("oauth_timestamp".to_owned(), Utc::now().timestamp().to_string()),
        ("oauth_version".to_owned(), "1.0".to_owned()),
    ];
    let signature = hmac::sign(&hmac_key(key), base_string(method, url, &params).as_bytes());
    params.push(("oauth_signature".to_owned(), STANDARD.encode(signature)));
    let fields: Vec<String> =
        params.iter().map(|(n, v)| format!("{}=\"{}\"", escape(n), escape(v))).collect();
    format!("OAuth {}", fields.join(", "))
}

/// The nonces seen lately: each may be used once.
#[derive(Default)]
pub(super) struct Nonces(Mutex<HashSet<(i64, String)>>);

impl Nonces {
    /// Whether a header is a valid signature of this call; else why not.
    pub fn verify(&self, key: &OAuthKey, method: &str, url: &Url, header: &str) -> Result<(), &'static str> {
        let mut params = parse(header).ok_or("the authorization header is not OAuth")?;
        let signature = take(&mut params, "oauth_signature").ok_or("the signature is missing")?;
        let signature = STANDARD.decode(signature).map_err(|_| "the signature is not base64")?;
        self.consistent(key, &params)?;
        hmac::verify(&hmac_key(key), base_string(method, url, &params).as_bytes(), &signature)
            .map_err(|_| "the signature is wrong")?;
        self.fresh(&params)
    }

    fn consistent(&self, key: &OAuthKey, params: &[(String, String)]) -> Result<(), &'static str> {
        if get(params, "oauth_consumer_key") != Some(&key.key) {
            return Err("the consumer key is unknown");
        }
        if get(params, "oauth_signature_method") != Some("HMAC-SHA1") {
            return Err("the signature method is not HMAC-SHA1");
        }
        match get(params, "oauth_version") {
            None | Some("1.0") => Ok(()),
            Some(_) => Err("the version is not 1.0"),
        }
    }

    fn fresh(&self, params: &[(String, String)]) -> Result<(), &'static str> {
        let timestamp: i64 =
            get(params, "oauth_timestamp").and_then(|t| t.parse().ok()).ok_or("the timestamp is missing")?;
        let nonce = get(params, "oauth_nonce").filter(|n| !n.is_empty()).ok_or("the nonce is missing")?;
        let now = Utc::now().timestamp();
        if timestamp.abs_diff(now) > SKEW.unsigned_abs() {
            return Err("the timestamp is too old or too new");
        }
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.retain(|(used, _)| used.abs_diff(now) <= SKEW.unsigned_abs());
        match seen.insert((timestamp, nonce.to_owned())) {
            true => Ok(()),
            false => Err("the nonce was used before"),
        }
    }
}

fn hmac_key(key: &OAuthKey) -> hmac::Key {
    // Two-legged: there is no token, so its secret is empty.
    let secret = format!("{}&", escape(&key.secret));
    hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret.as_bytes())
}

/// RFC 5849 section 3.4.1.
fn base_string(method: &str, url: &Url, params: &[(String, String)]) -> String {
    let mut pairs: Vec<(String, String)> = url
        .query_pairs()
        .map(|(name, value)| (escape(&name), escape(&value)))
        .chain(params.iter().filter(|(name, _)| name != "realm").map(|(n, v)| (escape(n), escape(v))))
        .collect();
    pairs.sort();
    let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let host = url.host_str().unwrap_or_default();
    // The Url type has lower-cased scheme and host and dropped a default port already.
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let base = format!("{}://{host}{port}{}", url.scheme(), url.path());
    format!("{}&{}&{}", method.to_ascii_uppercase(), escape(&base), escape(&pairs.join("&")))
}

fn parse(header: &str) -> Option<Vec<(String, String)>> {
    let (scheme, fields) = header.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("oauth").then_some(())?;
    fields.split(',').map(field).collect()
}

fn field(text: &str) -> Option<(String, String)> {
    let (name, value) = text.trim().split_once('=')?;
    let value = value.strip_prefix('"')?.strip_suffix('"')?;
    Some((unescape(name)?, unescape(value)?))
}

fn take(params: &mut Vec<(String, String)>, name: &str) -> Option<String> {
    let at = params.iter().position(|(n, _)| n == name)?;
    Some(params.swap_remove(at).1)
}

fn get<'a>(params: &'a [(String, String)], name: &str) -> Option<&'a str> {
    params.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
}

fn escape(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}

fn unescape(text: &str) -> Option<String> {
    percent_decode_str(text).decode_utf8().ok().map(|text| text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(key: &str, secret: &str) -> OAuthKey {
        OAuthKey { key: key.to_owned(), secret: secret.to_owned() }
    }

    #[test]
    fn the_example_of_the_specification_comes_out() {
        let url = Url::parse("https://photos.example.net/initiate").unwrap();
        let params: Vec<(String, String)> = [
            ("realm", "Photos"),
            ("oauth_consumer_key", "dpf43f3p2l4k3l03"),
            ("oauth_signature_method", "HMAC-SHA1"),
            ("oauth_timestamp", "137131200"),
            ("oauth_nonce", "wIjqoS"),
            ("oauth_callback", "http://printer.example.com/ready"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec();
        let key = hmac_key(&key("dpf43f3p2l4k3l03", "kd94hf93k423kf44"));
        let signature = hmac::sign(&key, base_string("post", &url, &params).as_bytes());
        assert_eq!(STANDARD.encode(signature), "74KNZJeDHnMBp0EMJ9ZHt/XKycU=");
    }

    #[test]
    fn the_base_string_sorts_what_is_escaped() {
        let url =
            Url::parse("HTTP://EXAMPLE.com:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b&c2&a3=2+q").unwrap();
        assert_eq!(
            base_string("GET", &url, &[]),
            "GET&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D\
             %26c%2540%3D%26c2%3D"
        );
    }

    #[test]
    fn what_is_signed_verifies_once_and_only_for_that_call() {
        let (key, nonces) = (key("k&y", "s=cret"), Nonces::default());
        let url = Url::parse("http://127.0.0.1:9/aps/2/resources/x?implementing(http://a/b/1.0),limit(0,2)");
        let url = url.unwrap();
        let header = sign(&key, "GET", &url);
        assert_eq!(nonces.verify(&key, "PUT", &url, &header), Err("the signature is wrong"));
        assert_eq!(nonces.verify(&key, "GET", &url, &header), Ok(()));
        assert_eq!(nonces.verify(&key, "GET", &url, &header), Err("the nonce was used before"));
        let other = OAuthKey { secret: "other".to_owned(), ..key.clone() };
        let header = sign(&other, "GET", &url);
        assert_eq!(nonces.verify(&key, "GET", &url, &header), Err("the signature is wrong"));
        assert_eq!(nonces.verify(&key, "GET", &url, "Basic x"), Err("the authorization header is not OAuth"));
    }

    #[test]
    fn an_old_timestamp_is_refused() {
        let params = [("oauth_timestamp", "137131200"), ("oauth_nonce", "n")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(Nonces::default().fresh(&params), Err("the timestamp is too old or too new"));
    }
}
