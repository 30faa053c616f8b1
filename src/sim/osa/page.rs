//! Listings come in pages: `limit(start,count)` asks for one, `Content-Range` says which one it is.

use super::resource::Resource;
use super::rql::Query;

/// A page of a listing.
pub(super) struct Page<'a> {
    pub items: Vec<&'a Resource>,
    /// The value of `Content-Range`.
    pub range: String,
}

/// The page that a query asks for, of at most `most` items.
pub(super) fn page<'a>(all: Vec<&'a Resource>, query: &Query, most: usize) -> Page<'a> {
    let total = all.len();
    let (start, count) = query.limit.unwrap_or((0, most));
    let items: Vec<&Resource> = all.into_iter().skip(start).take(count.min(most)).collect();
    let range = match items.len() {
        0 => format!("items */{total}"),
        some => format!("items {start}-{}/{total}", start + some - 1),
    };
    Page { items, range }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::osa::names::ADMIN_USER;
    use crate::sim::osa::resource::Status;
    use serde_json::json;

    #[test]
    fn a_page_says_where_it_is() {
        let all: Vec<Resource> =
            (0..5).map(|_| Resource::new(ADMIN_USER, Status::Ready, json!({}))).collect();
        for (query, most, length, range) in [
            ("", 1000, 5, "items 0-4/5"),
            ("", 2, 2, "items 0-1/5"),
            ("limit(3,2)", 1000, 2, "items 3-4/5"),
            ("limit(4,100)", 1000, 1, "items 4-4/5"),
            ("limit(0,100)", 3, 3, "items 0-2/5"),
            ("limit(5,2)", 1000, 0, "items */5"),
        ] {
            let page = page(all.iter().collect(), &Query::parse(query).unwrap(), most);
            assert_eq!((page.items.len(), page.range.as_str()), (length, range), "{query}");
        }
    }
}
