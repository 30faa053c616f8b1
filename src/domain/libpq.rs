//! The address of a database as libpq writes it: what it says of TLS, in the words that tokio-postgres knows.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

/// Takes out what libpq understands and tokio-postgres does not: `sslrootcert`, which is told apart, and the stronger
/// names of `sslmode`.
pub fn without_libpq_words(text: &str) -> (String, Option<String>) {
    let Ok(mut url) = Url::parse(text) else { return (text.into(), None) };
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    if !pairs.iter().any(|(name, _)| name == "sslrootcert" || name == "sslmode") {
        return (text.into(), None);
    }
    let (mut roots, mut query) = (None, Vec::new());
    for (name, value) in pairs {
        match (name.as_str(), value.as_str()) {
            ("sslrootcert", _) => roots = Some(value),
            ("sslmode", "verify-ca" | "verify-full") => query.push("sslmode=require".into()),
            ("sslmode", "allow") => query.push("sslmode=disable".into()),
            _ => query.push(format!("{name}={}", utf8_percent_encode(&value, NON_ALPHANUMERIC))),
        }
    }
    url.set_query(Some(&query.join("&")));
    (url.into(), roots)
}
