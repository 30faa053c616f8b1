//! Rust's tokens, as far as finding paths needs them.

/// A word, a `::`, or any other single character.
pub struct Token {
    pub text: String,
    pub line: usize,
    pub is_word: bool,
}

/// The tokens of a source, without comments, strings, characters, lifetimes and numbers.
pub fn tokens(text: &str) -> Vec<Token> {
    let (mut rest, mut line, mut found) = (text, 1, Vec::new());
    while let Some(first) = rest.chars().next() {
        let passed = passed_over(rest);
        let length = match first {
            _ if passed > 0 => passed,
            ':' if rest.starts_with("::") => 2,
            _ if is_word(first) => word(rest),
            _ => first.len_utf8(),
        };
        let (piece, after) = rest.split_at(length);
        if passed == 0 && !first.is_whitespace() && !first.is_ascii_digit() {
            found.push(Token { text: piece.into(), line, is_word: is_word(first) });
        }
        line += piece.matches('\n').count();
        rest = after;
    }
    found
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn word(text: &str) -> usize {
    text.find(|c| !is_word(c)).unwrap_or(text.len())
}

/// How long the comment, string, character, lifetime or raw identifier at the beginning is; 0 if there is none.
fn passed_over(text: &str) -> usize {
    if text.starts_with("//") {
        return text.find('\n').unwrap_or(text.len());
    }
    if text.starts_with("/*") {
        return block_comment(text);
    }
    let prefix = ["br", "cr", "b", "c", "r", ""].into_iter().find(|prefix| literal_follows(text, prefix));
    let Some(prefix) = prefix else { return 0 };
    let body = &text[prefix.len()..];
    let length = match body.as_bytes()[0] {
        b'\'' => quote(body),
        b'"' if !prefix.ends_with('r') => closing(body, '"'),
        _ => raw(body),
    };
    prefix.len() + length
}

fn literal_follows(text: &str, prefix: &str) -> bool {
    let Some(body) = text.strip_prefix(prefix) else { return false };
    match prefix {
        "" => body.starts_with(['"', '\'']),
        "b" => body.starts_with(['"', '\'']),
        "c" => body.starts_with('"'),
        _ => body.starts_with('"') || body.starts_with('#'),
    }
}

fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        let (step, change) = match &text.as_bytes()[at..] {
            [b'/', b'*', ..] => (2, 1),
            [b'*', b'/', ..] => (2, -1),
            _ => (1, 0),
        };
        at += step;
        depth += change;
        if depth == 0 {
            break;
        }
    }
    at
}

/// A character literal, or a lifetime, which has no closing quote after one character.
fn quote(text: &str) -> usize {
    let mut inner = text[1..].chars();
    let first = inner.next();
    match first {
        Some('\\') => closing(text, '\''),
        Some(c) if inner.next() == Some('\'') => 2 + c.len_utf8(),
        _ => 1 + word(&text[1..]),
    }
}

/// Up to and with the next quote that no backslash stands before.
fn closing(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if c == quote && !escaped {
            return at + 1;
        }
        escaped = c == '\\' && !escaped;
    }
    text.len()
}

/// `"…"` or `#"…"#`; `#word` is a raw identifier.
fn raw(text: &str) -> usize {
    let hashes = text.find(|c| c != '#').unwrap_or(text.len());
    if !text[hashes..].starts_with('"') {
        return hashes + word(&text[hashes..]);
    }
    let end = format!("\"{}", "#".repeat(hashes));
    text[hashes + 1..].find(&end).map_or(text.len(), |at| hashes + 1 + at + end.len())
}
