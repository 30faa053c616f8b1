//! A long list comes in pages; `Content-Range: items 0-99/250` says how long it is, `limit(start,count)` asks for more.

use http::HeaderMap;
use http::header::CONTENT_RANGE;
use url::Url;

/// Resources asked for at once.
const PAGE: usize = 100;
/// Longest list read, so that a confused controller cannot keep us for ever.
pub(super) const LONGEST_LIST: usize = 10_000;

/// How many resources there are in all, if the answer says so.
pub(super) fn total(headers: &HeaderMap) -> Option<usize> {
    let range = headers.get(CONTENT_RANGE)?.to_str().ok()?;
    range.rsplit_once('/')?.1.trim().parse().ok()
}

/// `list` from its resource number `start` on.
pub(super) fn page(list: &Url, start: usize) -> Url {
    let mut url = list.clone();
    if start > 0 {
        url.set_query(Some(&format!("limit({start},{PAGE})")));
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_is_what_stands_behind_the_slash() {
        for (range, length) in [
            ("items 0-99/250", Some(250)),
            ("items 0-9/*", None),
            ("items 0-9", None),
            ("items */0", Some(0)),
        ] {
            let headers = HeaderMap::from_iter([(CONTENT_RANGE, range.parse().unwrap())]);
            assert_eq!(total(&headers), length, "{range}");
        }
    }

    #[test]
    fn the_first_page_is_the_list_itself() {
        let list = Url::parse("https://h/aps/2/resources/1/users").unwrap();
        assert_eq!(page(&list, 0), list);
        assert_eq!(page(&list, 40).as_str(), "https://h/aps/2/resources/1/users?limit(40,100)");
    }
}
