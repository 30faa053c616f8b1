//! Percent-encoding as OAuth wants it: everything but letters, digits and `-._~`, in upper case (RFC 5849 §3.6).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};

const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A decoded name and its decoded value.
pub(super) type Param = (Vec<u8>, Vec<u8>);

pub(super) fn encode(text: impl AsRef<[u8]>) -> String {
    percent_encode(text.as_ref(), RESERVED).to_string()
}

pub(super) fn decode(text: &str) -> Vec<u8> {
    percent_decode_str(text).collect()
}

/// The parameters of a query; a name without `=` has an empty value.
pub(super) fn query(query: &str) -> impl Iterator<Item = Param> {
    let decode_form = |text: &str| decode(&text.replace('+', " "));
    query.split('&').filter(|pair| !pair.is_empty()).map(move |pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode_form(name), decode_form(value))
    })
}
