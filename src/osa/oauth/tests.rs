//! Signing and verifying together: what we sign we believe, and a changed byte we do not.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::header::{AUTHORIZATION, HOST};
use http::request::Parts;
use proptest::prelude::*;
use url::Url;

use super::*;
use crate::domain::Secret;
use crate::osa::listen::Peer;

const NOW: u64 = 1_760_000_000;

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

fn keys() -> OAuthKeys {
    OAuthKeys::new("osa", &Secret::new("s3cret & more"))
}

fn verifier() -> Verifier {
    Verifier { keys: keys(), public_url: None, nonces: Arc::new(Nonces::default()) }
}

fn peer() -> Peer {
    Peer { addr: "192.0.2.1:40000".parse().unwrap(), tls: true, certificate: None }
}

fn verify(verifier: &Verifier, parts: &Parts, now: u64) -> Result<(), OAuthError> {
    futures_util::FutureExt::now_or_never(verifier.verify(parts, &peer(), at(now))).expect("answers at once")
}

/// A request as it arrives: its path and query, and perhaps its authorization.
fn arrived(method: &str, target: &str, authorization: Option<&[u8]>) -> Parts {
    let mut request = http::Request::builder().method(method).uri(target).header(HOST, "osa.example:6308");
    if let Some(value) = authorization {
        request = request.header(AUTHORIZATION, value);
    }
    request.body(()).unwrap().into_parts().0
}

fn signed(method: &str, target: &str, nonce: &str) -> Parts {
    let url = Url::parse(&format!("https://osa.example:6308{target}")).unwrap();
    let value = keys().authorization(method, &url, at(NOW), nonce).unwrap();
    arrived(method, target, Some(value.as_bytes()))
}

/// RFC 5849 §1.2: no token yet, and a parameter that we do not know.
const WORKED_EXAMPLE: &str = "OAuth realm=\"Photos\", oauth_consumer_key=\"dpf43f3p2l4k3l03\", \
     oauth_signature_method=\"HMAC-SHA1\", oauth_timestamp=\"137131200\", oauth_nonce=\"wIjqoS\", \
     oauth_callback=\"http%3A%2F%2Fprinter.example.com%2Fready\", oauth_signature=\"74KNZJeDHnMBp0EMJ9ZHt%2FXKycU%3D\"";

#[test]
fn the_specifications_worked_example_is_believed() {
    let keys = OAuthKeys::new("dpf43f3p2l4k3l03", &Secret::new("kd94hf93k423kf44"));
    let verifier = Verifier { keys, ..verifier() };
    let request = http::Request::post("/initiate").header(HOST, "photos.example.net");
    let parts = request.header(AUTHORIZATION, WORKED_EXAMPLE).body(()).unwrap().into_parts().0;
    assert_eq!(verify(&verifier, &parts, 137_131_200), Ok(()));
}

#[test]
fn what_we_sign_we_believe_once() {
    let verifier = verifier();
    let parts = signed("GET", "/aps/2/resources/7/users?limit(0,100)&a=%20b+c&a", "n");
    assert_eq!(verify(&verifier, &parts, NOW), Ok(()));
    assert_eq!(verify(&verifier, &parts, NOW + 1), Err(OAuthError::Replayed));
}

#[test]
fn time_and_method_matter() {
    let verifier = verifier();
    let mut parts = signed("POST", "/mozyPro", "n");
    assert_eq!(verify(&verifier, &parts, NOW + WINDOW + 1), Err(OAuthError::Stale));
    assert_eq!(verify(&verifier, &parts, NOW - WINDOW - 1), Err(OAuthError::Stale));
    parts.method = http::Method::PUT;
    assert_eq!(verify(&verifier, &parts, NOW), Err(OAuthError::BadSignature));
    parts.method = http::Method::POST;
    assert_eq!(verify(&verifier, &parts, NOW + WINDOW), Ok(()), "a refused try uses up no nonce");
}

#[test]
fn parameters_may_stand_in_the_query_but_not_twice() {
    let verifier = verifier();
    let header = signed("GET", "/mozyPro/1?x=2", "n");
    let value = header.headers[AUTHORIZATION].to_str().unwrap();
    let query = value.trim_start_matches("OAuth ").replace("\", ", "&").replace('"', "");
    let in_query = arrived("GET", &format!("/mozyPro/1?x=2&{query}"), None);
    assert_eq!(verify(&verifier, &in_query, NOW), Ok(()));
    let both = arrived("GET", &format!("/mozyPro/1?x=2&{query}"), Some(value.as_bytes()));
    assert_eq!(verify(&verifier, &both, NOW), Err(OAuthError::Duplicate));
}

#[test]
fn a_call_from_elsewhere_says_what_is_wrong() {
    let verifier = verifier();
    let judge = |authorization: &str| {
        verify(&verifier, &arrived("GET", "/mozyPro", Some(authorization.as_bytes())), NOW).unwrap_err()
    };
    let rest = "oauth_signature_method=\"HMAC-SHA1\",oauth_timestamp=\"1760000000\",oauth_nonce=\"n\"";
    let sha1 = "oauth_signature=\"AAAAAAAAAAAAAAAAAAAAAAAAAAA%3D\"";
    assert_eq!(judge("Basic eDp5"), OAuthError::Unsigned);
    assert_eq!(judge(&format!("OAuth {rest}")), OAuthError::Missing("oauth_consumer_key"));
    assert_eq!(judge(&format!("OAuth oauth_consumer_key=\"x\",{rest},{sha1}")), OAuthError::UnknownKey);
    let ours = format!("OAuth oauth_consumer_key=\"osa\",{rest},{sha1}");
    assert_eq!(judge(&ours), OAuthError::BadSignature);
    assert_eq!(judge(&format!("{ours},oauth_token=\"t\"")), OAuthError::Unsupported("oauth_token"));
    assert_eq!(judge(&format!("{ours},oauth_version=\"2.0\"")), OAuthError::Unsupported("oauth_version"));
    assert_eq!(judge(&format!("{ours},oauth_x=\"1\",oauth_x=\"1\"")), OAuthError::Duplicate);
    assert_eq!(judge(&ours.replace("=\"n\"", "=\"%00\"")), OAuthError::Missing("oauth_nonce"));
    assert_eq!(judge(&ours.replace("HMAC-", "RSA-")), OAuthError::Unsupported("oauth_signature_method"));
}

#[test]
fn nobody_sees_the_secret() {
    let shown = format!("{:?}", verifier());
    assert!(shown.contains("osa") && !shown.contains("s3cret"), "{shown}");
    assert!(
        keys().authorization("GET", &Url::parse("https://h/").unwrap(), at(NOW), "n").unwrap().is_sensitive()
    );
}

/// Another letter or digit in the place of the one at `index`, counted over letters and digits only.
fn changed(text: &str, index: prop::sample::Index, by: usize) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let places: Vec<_> = text.bytes().enumerate().filter(|(_, b)| b.is_ascii_alphanumeric()).collect();
    let (place, byte) = places[index.index(places.len())];
    let old = ALPHABET.iter().position(|b| *b == byte).unwrap();
    let mut bytes = text.as_bytes().to_vec();
    bytes[place] = ALPHABET[(old + 1 + by % (ALPHABET.len() - 1)) % ALPHABET.len()];
    String::from_utf8(bytes).unwrap()
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic_and_are_never_believed(value in prop::collection::vec(any::<u8>(), 0..400)) {
        let oauth: Vec<u8> = b"OAuth ".iter().copied().chain(value.iter().copied()).collect();
        for bytes in [value, oauth] {
            if http::HeaderValue::from_bytes(&bytes).is_ok() {
                prop_assert!(verify(&verifier(), &arrived("GET", "/x", Some(&bytes)), NOW).is_err());
            }
        }
    }

    #[test]
    fn arbitrary_text_of_the_right_shape_never_panics(value in "OAuth( ?[a-z_%=\",]{0,12}(=\"[^\"]{0,8}\",?)?){0,6}") {
        if http::HeaderValue::from_str(&value).is_ok() {
            prop_assert!(verify(&verifier(), &arrived("GET", "/x", Some(value.as_bytes())), NOW).is_err());
        }
    }

    #[test]
    fn a_changed_path_or_query_is_refused(
        target in "/[a-zA-Z0-9/]{1,20}\\?[a-z]{1,5}=[a-zA-Z0-9]{0,9}",
        index: prop::sample::Index,
        by: usize,
    ) {
        let mut parts = signed("PUT", &target, "n");
        prop_assert_eq!(verify(&verifier(), &parts, NOW), Ok(()));
        parts.uri = changed(&target, index, by).parse().unwrap();
        prop_assert_eq!(verify(&verifier(), &parts, NOW), Err(OAuthError::BadSignature));
    }

    #[test]
    fn a_changed_authorization_is_refused(index: prop::sample::Index, by: usize) {
        let value = signed("PUT", "/mozyPro", "N0nce").headers[AUTHORIZATION].to_str().unwrap().to_owned();
        let changed = format!("OAuth {}", changed(&value["OAuth ".len()..], index, by));
        // %2f and %2F, %3d and %3D are the same byte.
        if !changed.replace("%2f", "%2F").replace("%3d", "%3D").eq(&value) {
            prop_assert!(verify(&verifier(), &arrived("PUT", "/mozyPro", Some(changed.as_bytes())), NOW).is_err());
        }
    }
}
