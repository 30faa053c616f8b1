//! Text from outside is made safe to print: one line, bounded, and free of the request's secrets.

use super::error::MAX_TEXT;

const HIDDEN: &str = "[hidden]";

/// `text` without any of `secrets`, on one line and at most [`MAX_TEXT`] characters long.
pub(super) fn printable(text: &str, secrets: &[&str]) -> String {
    let mut clean = text.to_owned();
    for secret in secrets {
        clean = hide(&clean, secret);
    }
    shorten(&clean, MAX_TEXT)
}

/// `text` on one line, at most `limit` characters long.
pub(super) fn shorten(text: &str, limit: usize) -> String {
    let mut line: String = text.chars().take(limit).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(limit).is_some() {
        line.push('…');
    }
    line
}

/// Case is ignored, because servers like to echo keys in their own case.
fn hide(text: &str, secret: &str) -> String {
    if secret.is_empty() {
        return text.to_owned();
    }
    let (lower, needle) = (text.to_ascii_lowercase(), secret.to_ascii_lowercase());
    let mut shown = String::with_capacity(text.len());
    let mut from = 0;
    for (at, found) in lower.match_indices(&needle) {
        shown.push_str(&text[from..at]);
        shown.push_str(HIDDEN);
        from = at + found.len();
    }
    shown.push_str(&text[from..]);
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_hidden_in_any_case_before_the_text_is_cut() {
        let text = format!("{}bad key ABCDEF é abcdef", "x".repeat(MAX_TEXT - 10));
        let clean = printable(&text, &["", "AbCdEf"]);
        assert!(!clean.to_lowercase().contains("abc"), "{clean}");
        assert_eq!(clean.chars().count(), MAX_TEXT + 1);
    }

    #[test]
    fn lines_are_joined() {
        assert_eq!(printable("a\nb\u{1b}[31m", &[]), "a b [31m");
    }
}
