//! Retry-After is read in both of its forms and never means more than a day.

use std::time::Duration;

use chrono::{DateTime, Utc};

const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// How long to wait from `now` on; none when the header says nothing that can be understood.
pub(super) fn parse(header: &str, now: DateTime<Utc>) -> Option<Duration> {
    let header = header.trim();
    if !header.is_empty() && header.bytes().all(|b| b.is_ascii_digit()) {
        // Digits that do not fit are more than a day as well.
        return Some(header.parse().map_or(LONGEST, Duration::from_secs).min(LONGEST));
    }
    let until = DateTime::parse_from_rfc2822(header).ok()?;
    Some((until.to_utc() - now).to_std().unwrap_or_default().min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_and_their_bounds() {
        let now = DateTime::parse_from_rfc3339("1994-11-06T08:49:07Z").unwrap().to_utc();
        let seconds = |header| parse(header, now).map(|wait| wait.as_secs());
        assert_eq!(seconds(" 120 "), Some(120));
        assert_eq!(seconds("0"), Some(0));
        assert_eq!(seconds("99999999999999999999999"), Some(86_400));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:37 GMT"), Some(30));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:00:00 GMT"), Some(0));
        assert_eq!(seconds("Sun, 06 Nov 9994 08:00:00 GMT"), Some(86_400));
        for odd in ["", "-1", "1.5", "soon", "Sun, 99 Nov 1994 08:49:37 GMT"] {
            assert_eq!(seconds(odd), None, "{odd:?}");
        }
    }
}
