//! Reads and writes `Authorization: OAuth a="b", c="d"` (RFC 5849 §3.5.1), percent-encoded on both sides.

use http::HeaderMap;
use http::header::AUTHORIZATION;

use super::OAuthError;
use super::encode::{Param, decode, encode};

/// The parameters of the request's only OAuth authorization without `realm`; empty if there is no such header.
pub(super) fn params(headers: &HeaderMap) -> Result<Vec<Param>, OAuthError> {
    let mut found = headers.get_all(AUTHORIZATION).iter().filter_map(|value| oauth_part(value.as_bytes()));
    let Some(text) = found.next() else { return Ok(Vec::new()) };
    if found.next().is_some() {
        return Err(OAuthError::Malformed("there are two OAuth authorization headers"));
    }
    let text = std::str::from_utf8(text).map_err(|_| OAuthError::Malformed("the header is not text"))?;
    read(text)
}

fn oauth_part(value: &[u8]) -> Option<&[u8]> {
    let (scheme, rest) = value.split_at_checked(5)?;
    let separated = rest.first().is_none_or(u8::is_ascii_whitespace);
    (scheme.eq_ignore_ascii_case(b"OAuth") && separated).then_some(rest)
}

fn read(text: &str) -> Result<Vec<Param>, OAuthError> {
    let mut params = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (name, after) =
            rest.split_once("=\"").ok_or(OAuthError::Malformed("a parameter is not name=\"value\""))?;
        let (value, after) =
            after.split_once('"').ok_or(OAuthError::Malformed("a quotation mark is not closed"))?;
        if !name.eq_ignore_ascii_case("realm") {
            params.push((decode(name), decode(value)));
        }
        rest = match after.trim_start() {
            "" => "",
            more => more.strip_prefix(',').ok_or(OAuthError::Malformed("a comma is missing"))?.trim_start(),
        };
    }
    Ok(params)
}

/// The header's value for `params`.
pub(super) fn write(params: &[Param]) -> String {
    let quoted: Vec<_> =
        params.iter().map(|(name, value)| format!("{}=\"{}\"", encode(name), encode(value))).collect();
    format!("OAuth {}", quoted.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(value: &str) -> Result<Vec<Param>, OAuthError> {
        let mut headers = HeaderMap::new();
        headers.append(AUTHORIZATION, "Basic eDp5".parse().unwrap());
        headers.append(AUTHORIZATION, value.parse().unwrap());
        params(&headers)
    }

    #[test]
    fn what_is_written_is_read() {
        let params = vec![(b"oauth_a".to_vec(), b"1 +/\"=,%".to_vec()), (b"b".to_vec(), Vec::new())];
        assert_eq!(parse(&write(&params)).unwrap(), params);
    }

    #[test]
    fn spaces_case_and_realm_do_not_matter() {
        let loose = parse("oAUTH realm=\"a, b=c\",a=\"1\" ,\t b=\"%322\"").unwrap();
        assert_eq!(loose, [(b"a".to_vec(), b"1".to_vec()), (b"b".to_vec(), b"22".to_vec())]);
        assert_eq!(parse("OAuth").unwrap(), []);
        assert_eq!(parse("OAuthentic a=\"1\"").unwrap(), []);
    }

    #[test]
    fn nonsense_is_refused() {
        for nonsense in ["OAuth a", "OAuth a=1", "OAuth a=\"1", "OAuth a=\"1\" b=\"2\"", "OAuth ,"] {
            assert!(parse(nonsense).is_err(), "{nonsense}");
        }
    }
}
